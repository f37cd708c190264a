#include "image/pack.h"

#include <algorithm>
#include <map>
#include <set>

#include "core/bytes.h"
#include "image/check_byte.h"
#include "lilotafs/format.h"
#include "lilotafs/path.h"
#include "lilotafs/record.h"
#include "lilotafs/space.h"

namespace flashstore::image {
namespace {

using lilotafs::data_alignment;
using lilotafs::round_up;
using lilotafs::without_trailing_slash;

// A slash comes before all other bytes: what is in a directory before its neighbours.
int rank(char byte) {
  return byte == '/' ? -1 : static_cast<uint8_t>(byte);
}

std::optional<PathFault> fault_of(std::string_view path) {
  const std::string_view whole = without_trailing_slash(path);
  for (size_t begin = 0; begin <= whole.size();) {
    const size_t end = std::min(whole.find('/', begin), whole.size());
    const std::string_view part = whole.substr(begin, end - begin);
    if (part.empty()) {
      return PathFault::kNameless;
    }
    if (part == "." || part == "..") {
      return PathFault::kDots;
    }
    begin = end + 1;
  }
  if (path.find('\0') != path.npos) {
    return PathFault::kNul;
  }
  return path.size() > lilotafs::kMaxNameBytes ? std::optional(PathFault::kTooLong) : std::nullopt;
}

// The same for paths that a computer without upper and lower case takes for one. What directories
// they are in is a matter of those.
std::string folded(std::string_view path) {
  std::string key(without_trailing_slash(path));
  for (size_t i = key.rfind('/') + 1; i < key.size(); ++i) {
    const bool is_upper = key[i] >= 'A' && key[i] <= 'Z';
    key[i] = is_upper ? static_cast<char>(key[i] - 'A' + 'a') : key[i];
  }
  return key;
}

PathFault fault_of_two(std::string_view path, std::string_view before) {
  if (path == before) {
    return PathFault::kTwice;
  }
  return without_trailing_slash(path) == without_trailing_slash(before) ? PathFault::kFileAndFolder
                                                                        : PathFault::kCase;
}

// How much partition the original wants to see before it writes, file by file. FORMAT.md, "Free
// space"; for the version it replaces it takes the very record it writes, empty.
class Room {
 public:
  void write(uint64_t at, const PackItem& item) {
    const uint64_t frame =
        lilotafs::kName + item.path.size() + 1 + data_alignment(item.path) + lilotafs::kAlignment;
    largest_ = std::max(largest_, frame + item.bytes);
    for (const uint64_t wanted :
         {frame + item.bytes, frame, uint64_t{lilotafs::kEmptyRecordBytes}, largest_, largest_}) {
      at = round_up(at + wanted, lilotafs::kAlignment);
    }
    needed_ = std::max(needed_, at + lilotafs::kAlignment);
  }

  uint64_t needed() const { return needed_; }

 private:
  uint64_t largest_ = 0;
  uint64_t needed_ = 0;
};

// The smallest partition of `least` bytes or more in which a volume takes one more name, and for
// any file of `items` a new content as long as the old one.
uint64_t writable_size(std::span<const PackItem> items, uint64_t least) {
  constexpr uint64_t kMost = 1u << 29;  // no chip has it, and the sums keep to 32 bits
  if (least > kMost) {
    return least;
  }
  uint32_t live = 0;
  uint32_t largest = 0;
  for (const PackItem& item : items) {
    const uint32_t bytes = lilotafs::worst_size(item.path, static_cast<uint32_t>(item.bytes));
    live += bytes;
    largest = std::max(largest, bytes);
  }
  const uint32_t name = lilotafs::worst_size(std::string(lilotafs::kMaxNameBytes, 'x'), 0);
  auto size = static_cast<uint32_t>(least);
  while (!lilotafs::always_fits(size, {name, 0, live, largest}) ||
         !lilotafs::always_fits(size, {largest, largest, live, largest})) {
    size += lilotafs::kSectorBytes;
  }
  return size;
}

}  // namespace

bool packs_before(std::string_view path, std::string_view other) {
  return std::lexicographical_compare(path.begin(), path.end(), other.begin(), other.end(),
                                      [](char a, char b) { return rank(a) < rank(b); });
}

std::vector<std::string> missing_directories(std::span<const PackItem> items) {
  std::set<std::string_view> there;
  for (const PackItem& item : items) {
    there.insert(item.path);
  }
  std::vector<std::string> missing;
  for (const PackItem& item : items) {
    for (size_t slash = item.path.find('/'); slash != std::string::npos;
         slash = item.path.find('/', slash + 1)) {
      const std::string_view directory = std::string_view(item.path).substr(0, slash + 1);
      if (there.insert(directory).second) {
        missing.emplace_back(directory);
      }
    }
  }
  std::sort(missing.begin(), missing.end(), packs_before);
  return missing;
}

std::string_view name(PathFault fault) {
  switch (fault) {
    case PathFault::kNameless:
      return "name-empty";
    case PathFault::kDots:
      return "name-dots";
    case PathFault::kNul:
      return "name-nul";
    case PathFault::kTooLong:
      return "name-too-long";
    case PathFault::kTwice:
      return "name-twice";
    case PathFault::kFileAndFolder:
      return "name-file-and-directory";
    case PathFault::kCase:
      return "name-case";
  }
  return "";
}

std::vector<PathProblem> check_paths(std::span<const PackItem> items) {
  std::vector<PathProblem> problems;
  std::map<std::string, size_t> seen;
  for (size_t i = 0; i < items.size(); ++i) {
    const std::string& path = items[i].path;
    if (const auto fault = fault_of(path)) {
      problems.push_back({*fault, i, i});
    }
    const auto [other, is_new] = seen.emplace(folded(path), i);
    if (!is_new) {
      problems.push_back({fault_of_two(path, items[other->second].path), i, other->second});
    }
  }
  return problems;
}

PackLayout lay_out(std::span<const PackItem> items) {
  PackLayout layout;
  Room room;
  uint64_t at = lilotafs::kEmptyRecordBytes;  // behind the head of a fresh partition
  for (const PackItem& item : items) {
    room.write(at, item);
    const uint64_t name_end = at + lilotafs::kName + item.path.size() + 1;
    layout.places.push_back({at, round_up(name_end, data_alignment(item.path))});
    at = round_up(layout.places.back().data + item.bytes, lilotafs::kAlignment);
  }
  room.write(at, {.path = std::string(lilotafs::kMaxNameBytes, 'x')});
  layout.tail = at;
  layout.needed_by_original =
      std::max<uint64_t>(round_up(room.needed(), lilotafs::kSectorBytes),
                         uint64_t{lilotafs::kMinSectors} * lilotafs::kSectorBytes);
  layout.needed = writable_size(items, layout.needed_by_original);
  return layout;
}

Packer::Packer(std::span<uint8_t> partition, bool check_bytes)
    : partition_(partition), check_bytes_(check_bytes) {
  std::fill(partition_.begin(), partition_.end(), 0xFF);
  std::copy(std::begin(lilotafs::kFirstHead), std::end(lilotafs::kFirstHead), partition_.begin());
}

std::span<uint8_t> Packer::data(const PackItem& item, const PackLayout::Place& place) const {
  return partition_.subspan(place.data, item.bytes);
}

void Packer::commit(const PackItem& item, const PackLayout::Place& place) const {
  const auto record = partition_.subspan(place.record);
  const uint8_t check =
      check_bytes_ ? check_byte(item.path, data(item, place)) : lilotafs::kCheckNone;
  core::store_word(
      record, lilotafs::kMagic,
      lilotafs::kMagicRecord | uint32_t{lilotafs::kStatusCommitted} << 16 | uint32_t{check} << 24);
  core::store_word(record, lilotafs::kLength, static_cast<uint32_t>(item.bytes));
  std::copy(item.path.begin(), item.path.end(), record.begin() + lilotafs::kName);
  record[lilotafs::kName + item.path.size()] = 0;
}

}  // namespace flashstore::image
