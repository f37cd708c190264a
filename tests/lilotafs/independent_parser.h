// A reader of lilotafs images that shares no code with the libraries: written from
// lilotafs/FORMAT.md alone, as a second judge of what they leave behind. It reads images at rest:
// what a mount has still to repair is damage to it.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace flashstore::test {

// A committed file or directory. Offsets are bytes from the start of the partition.
struct ParsedFile {
  std::string path;  // a directory's ends with '/'
  uint32_t offset = 0;
  uint32_t data_offset = 0;
  std::span<const uint8_t> bytes;  // of the image
};

struct ParsedImage {
  // What is wrong, and with the record at which offset. Empty: nothing is.
  std::string damage;
  uint32_t damage_offset = 0;

  uint32_t head = 0;
  uint32_t tail = 0;              // where the next record begins
  std::vector<ParsedFile> files;  // in the order of the chain
  uint32_t records = 0;           // of the chain, the dead and the markers too
  // The first byte of free space that is not 0xFF. Not damage: whoever writes there erases first.
  std::optional<uint32_t> dirty;
};

// Damages: "no head", "two heads", "head being moved", "torn magic", "open record", "old version
// kept", "name without end", "data past the end", "wrap marker with a length", "wraps twice",
// "runs into its head", "no erased end", "check differs", "same path twice", "no directory".
ParsedImage parse_lilotafs(std::span<const uint8_t> image);

}  // namespace flashstore::test
