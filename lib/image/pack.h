// Lays out lilotafs partitions: what one is like after each file has been written in turn. Whoever
// packs puts the files' bytes straight into their places.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace flashstore::image {

struct PackItem {
  std::string path;    // whole, without a slash in front; a directory's ends with '/'
  uint64_t bytes = 0;  // of its data; a directory has none
};

// Depth first, what is in one directory in the order of the bytes of its names. A directory comes
// before what is in it.
bool packs_before(std::string_view path, std::string_view other);

// Directories that paths of `items` are in and that are no items themselves, in the order above.
std::vector<std::string> missing_directories(std::span<const PackItem> items);

enum class PathFault {
  kNameless,       // the path, or a part of it, is empty
  kDots,           // a part of it is . or ..
  kNul,            // there is a NUL in it
  kTooLong,        // more than 63 bytes with all directories; or than 62 and a slash
  kTwice,          // the same path twice
  kFileAndFolder,  // one is a file, and a directory for the other
  kCase,           // only upper and lower case tell two from each other: computers mix them up
};

// Stable, for scripts: "name-too-long".
std::string_view name(PathFault fault);

struct PathProblem {
  PathFault fault;
  size_t item = 0;
  size_t other = 0;  // with faults of two: the one before it
};

// All there is to say against the paths of `items`, which are in the order above.
std::vector<PathProblem> check_paths(std::span<const PackItem> items);

struct PackLayout {
  struct Place {
    uint64_t record = 0;  // offsets in the partition
    uint64_t data = 0;
  };
  std::vector<Place> places;  // of each item
  uint64_t tail = 0;
  // Bytes the partition must have, multiples of a sector: for the original to write the items and
  // one file more; and also for a lilotafs::Volume to take that file, and a new content of each
  // item again and again.
  uint64_t needed_by_original = 0;
  uint64_t needed = 0;
};

// The places of `items`, whose paths have no faults, behind the head of a fresh partition.
PackLayout lay_out(std::span<const PackItem> items);

// What packing puts around the files' bytes.
class Packer {
 public:
  // `partition` stays the caller's; it is erased and gets the head of a fresh one.
  Packer(std::span<uint8_t> partition, bool check_bytes);

  // The bytes of the item at `place`, within the partition. The caller fills them.
  std::span<uint8_t> data(const PackItem& item, const PackLayout::Place& place) const;

  // Afterwards: the record around them.
  void commit(const PackItem& item, const PackLayout::Place& place) const;

 private:
  std::span<uint8_t> partition_;
  bool check_bytes_;
};

}  // namespace flashstore::image
