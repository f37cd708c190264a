#include "recognise.h"

#include <algorithm>
#include <array>
#include <string_view>

#include "core/bytes.h"

namespace flashstore::lilotafs_img {
namespace {

bool has(std::span<const uint8_t> bytes, size_t offset, std::string_view text) {
  return offset + text.size() <= bytes.size() &&
         std::equal(text.begin(), text.end(), bytes.begin() + static_cast<ptrdiff_t>(offset),
                    [](char a, uint8_t b) { return static_cast<uint8_t>(a) == b; });
}

bool is_all(std::span<const uint8_t> bytes, uint8_t value) {
  return std::all_of(bytes.begin(), bytes.end(), [&](uint8_t byte) { return byte == value; });
}

// The superblock is in one of the first two blocks, its name behind the metadata's revision and
// tag.
bool is_littlefs(std::span<const uint8_t> bytes) {
  constexpr size_t kNameOffset = 8;
  constexpr std::array<size_t, 5> kBlocks{0, 512, 1024, 2048, 4096};
  return std::any_of(kBlocks.begin(), kBlocks.end(),
                     [&](size_t block) { return has(bytes, block + kNameOffset, "littlefs"); });
}

// Each block of SPIFFS has a number near the end of its table: a constant, exclusive-or the page's
// size and, in most builds, the blocks from this one to the last.
bool is_spiffs(std::span<const uint8_t> bytes, size_t page, size_t block) {
  constexpr uint32_t kMagic = 0x20140529;  // of which 16 bits are stored
  constexpr size_t kFromEnd = 4;
  constexpr size_t kBlocksLooked = 3;  // 16 bits are easily right by chance
  const size_t blocks = bytes.size() / block;
  const size_t table = std::max<size_t>(1, block / page * 2 / page) * page;
  for (size_t i = 0; i < kBlocksLooked; ++i) {
    const uint32_t found = core::load_word(bytes, i * block + table - kFromEnd) & 0xFFFF;
    const uint32_t expected = kMagic ^ static_cast<uint32_t>(page);
    const uint32_t with_blocks = expected ^ static_cast<uint32_t>(blocks - i);
    if (found != (expected & 0xFFFF) && found != (with_blocks & 0xFFFF)) {
      return false;
    }
  }
  return true;
}

bool is_spiffs(std::span<const uint8_t> bytes) {
  for (size_t page = 128; page <= 1024; page *= 2) {
    for (size_t block = 4096; block <= 65536 && block * 3 <= bytes.size(); block *= 2) {
      if (is_spiffs(bytes, page, block)) {
        return true;
      }
    }
  }
  return false;
}

bool is_text(std::span<const uint8_t> bytes) {
  constexpr size_t kLooked = 4096;
  const auto start = bytes.first(std::min(bytes.size(), kLooked));
  return std::all_of(start.begin(), start.end(), [](uint8_t byte) {
    return (byte >= 0x20 && byte != 0x7F) || (byte >= '\t' && byte <= '\r');
  });
}

// NodeMCU's images of Lua programs, of all its formats.
bool is_lfs_image(std::span<const uint8_t> bytes) {
  constexpr uint32_t kSignature = 0xFAF00000;
  constexpr uint32_t kSignatureMask = 0xFFF00000;
  return bytes.size() >= 4 && (core::load_word(bytes, 0) & kSignatureMask) == kSignature;
}

}  // namespace

std::optional<Stranger> recognise(std::span<const uint8_t> bytes) {
  if (bytes.empty()) {
    return std::nullopt;
  }
  if (is_all(bytes, 0xFF)) {
    return Stranger{"blank", "erased flash; a device formats it when it mounts it",
                    "'lilotafs-img pack' makes a partition of an empty folder, too"};
  }
  if (is_all(bytes, 0)) {
    return Stranger{"zeros", "nothing but zeros", "erased flash is FF"};
  }
  if (is_littlefs(bytes)) {
    return Stranger{"littlefs", "a littlefs partition", "tools for littlefs read it"};
  }
  if (is_spiffs(bytes)) {
    return Stranger{"spiffs", "a SPIFFS partition", "tools for SPIFFS read it"};
  }
  if (has(bytes, 0, "\x1F\x8B")) {
    return Stranger{"gzip", "compressed",
                    "an LFS image? 'lfsimg info' tells; 'gzip -d' unpacks it"};
  }
  if (is_lfs_image(bytes)) {
    return Stranger{"lfs-image", "an LFS image: Lua programs, no file system",
                    "'lfsimg info' tells more"};
  }
  if (has(bytes, 0, "\x1BLua")) {
    return Stranger{"bytecode", "Lua bytecode", ""};
  }
  if (bytes[0] == 0xE9) {
    return Stranger{"firmware", "firmware of an ESP chip, or a whole chip",
                    "--offset and --size choose a part of a file"};
  }
  if (is_text(bytes)) {
    return Stranger{"text", "text", ""};
  }
  return std::nullopt;
}

}  // namespace flashstore::lilotafs_img
