#include "recognise.h"

#include <algorithm>

#include "core/bytes.h"
#include "host/numbers.h"
#include "luac/chunk_format.h"

namespace flashstore::lfsimg {
namespace {

using luaflash::ImageError;

constexpr uint8_t kFirmwareMagic = 0xE9;  // of the images ESP chips boot
constexpr size_t kTextLooked = 4096;

// Bytes of the header of precompiled Lua.
constexpr size_t kLuaVersionByte = 4;
constexpr size_t kLuaFormatByte = 5;
constexpr uint8_t kLua51 = 0x51;
constexpr uint8_t kLua53 = 0x53;
constexpr uint8_t kNodemcuLua53 = 10;

constexpr const char* kNoImage = ", no LFS image";
constexpr const char* kFromSources = "luac.cross -f makes an LFS image of Lua 5.1 sources";

bool is_nodemcu(std::span<const uint8_t> bytes, luac::Flavour flavour) {
  const auto header = luac::chunk::header(luac::chunk::nodemcu(flavour));
  return bytes.size() >= header.size() && std::equal(header.begin(), header.end(), bytes.begin());
}

Stranger bytecode(std::span<const uint8_t> bytes) {
  const uint8_t version = bytes[kLuaVersionByte];
  const uint8_t format = bytes[kLuaFormatByte];
  for (const auto& [name, flavour] : luac::kFlavourNames) {
    if (is_nodemcu(bytes, flavour)) {
      return {"bytecode", "NodeMCU bytecode (.lc, " + std::string(name) + ")" + kNoImage,
              "luac.cross writes that without -f; with -f it makes an LFS image, of sources or of "
              "such files"};
    }
  }
  if (version == kLua53 && format == kNodemcuLua53) {
    return {"bytecode", std::string("NodeMCU bytecode of Lua 5.3") + kNoImage, kFromSources};
  }
  const std::string number = std::to_string(version >> 4) + "." + std::to_string(version & 15);
  return {"bytecode",
          (version == kLua51 ? "bytecode of stock Lua " : "bytecode of Lua ") + number + kNoImage,
          kFromSources};
}

// Others than node.LFS.attach make nothing of it: some of its strings are in another image.
Stranger attachable(std::span<const uint8_t> bytes) {
  const auto opened = luaflash::map_image(bytes, luaflash::ImageUse::kAttach);
  if (!opened) {
    return {"attach", "a damaged image for node.LFS.attach", ""};
  }
  const luaflash::ImageView& image = opened.value();
  const uint32_t base = image.word(luaflash::kHeaderBase);
  const std::string beside = base == 0
                                 ? "on a device without an image in LFS"
                                 : "beside the image in LFS with the identity " + host::hex(base);
  return {"attach",
          "an image for node.LFS.attach, from a file at " + host::hex(image.base()) + ", " + beside,
          "luac.cross -f makes an image of the same sources that stands alone"};
}

bool is_text(std::span<const uint8_t> bytes) {
  const auto start = bytes.first(std::min(bytes.size(), kTextLooked));
  return std::all_of(start.begin(), start.end(), [](uint8_t byte) {
    return (byte >= 0x20 && byte != 0x7F) || (byte >= '\t' && byte <= '\r');
  });
}

bool is_blank(std::span<const uint8_t> bytes) {
  return std::all_of(bytes.begin(), bytes.end(), [&](uint8_t byte) { return byte == bytes[0]; }) &&
         (bytes[0] == 0x00 || bytes[0] == 0xFF);
}

}  // namespace

Stranger recognise(std::span<const uint8_t> bytes, ImageError error) {
  if (bytes.empty()) {
    return {"empty", "an empty file", ""};
  }
  switch (error) {
    case ImageError::kBytecode:
      return bytecode(bytes);
    case ImageError::kLua53:
      return {"lua53", "an LFS image for Lua 5.3",
              "firmware with Lua 5.1 needs one that its own luac.cross made of the same sources"};
    case ImageError::kInProgress:
      return {"in-progress", "an LFS image that a device has not finished writing",
              "give the file the device was loading"};
    case ImageError::kAttach:
      return attachable(bytes);
    case ImageError::kUnknownVersion:
      return {
          name(error),
          "an LFS image of an unknown version, signature " + host::hex(core::load_word(bytes, 0)),
          ""};
    case ImageError::kSize:
      return {name(error), "an LFS image cut short, or with a header that is wrong about its size",
              ""};
    case ImageError::kHashVector:
    case ImageError::kStringCount:
      return {name(error), "an LFS image with a header that leads astray", ""};
    default:
      break;
  }
  if (is_blank(bytes)) {
    return {"blank", std::string("erased flash") + kNoImage, ""};
  }
  if (bytes[0] == kFirmwareMagic) {
    return {"firmware", std::string("firmware of an ESP chip") + kNoImage, ""};
  }
  if (is_text(bytes)) {
    return {"text", std::string("text") + kNoImage, kFromSources};
  }
  return {"unknown", "no LFS image, nor anything else known", ""};
}

}  // namespace flashstore::lfsimg
