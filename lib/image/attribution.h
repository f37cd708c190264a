// Who owns the bytes of an image: each byte of a payload has exactly one owner and one kind, so
// that what is told about sizes adds up to the payload, whatever the image is like.
//
// A string belongs to the one function that uses it; one that several functions of a module use to
// the module; one that several modules use to all of them together. Bytes nothing leads to are a
// gap.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "luaflash/image_view.h"

namespace flashstore::image {

enum class Kind : uint8_t {
  kCode,
  kConstants,
  kProto,
  kChildren,  // the vector of addresses of the functions inside
  kLineMap,
  kLocals,
  kUpvalueNames,  // the vector; the names are strings
  kStrings,       // with their headers and paddings; line maps are strings only if they are both
  kHeader,
  kHashVector,
  kBuildTime,
  kBitmap,
  kGap,
};
inline constexpr size_t kKinds = 13;

// "code", "line map", ...
const char* name(Kind kind);

using KindBytes = std::array<uint64_t, kKinds>;  // indexed by Kind

enum class OwnerType : uint8_t {
  kImage,   // what only the image as a whole needs
  kShared,  // strings several modules use
  kMaster,  // the master function: it finds the modules
  kModule,
  kFunction,  // its parent is the function around it; if that is the main chunk, the module
};

inline constexpr uint32_t kNoOwner = UINT32_MAX;
// Longer names are cut, for a damaged image may have thousands of functions of the same long name.
inline constexpr size_t kMaxNameBytes = 128;
// Functions are not nested deeper by any compiler; deeper ones are a gap.
inline constexpr uint32_t kMaxDepth = 200;

struct Owner {
  OwnerType type;
  uint32_t parent = kNoOwner;
  // A module: the name a device finds it by. A function: what the code around it calls it, as in
  // "function config.load()", "load = function() ..."; empty for a main chunk and where it is only
  // kept in a local variable. Bytes of any kind.
  std::string name = {};
  uint32_t proto = 0;         // of a function or the master: offset of its Proto
  uint32_t line_defined = 0;  // 0: a main chunk
  uint32_t last_line_defined = 0;
  // Of instructions, constants and registers of a function itself: equal ones do the same, wherever
  // they lie in image and source.
  uint64_t fingerprint = 0;
  KindBytes own{};     // without what owners inside it have
  uint64_t bytes = 0;  // sum of `own`
  uint64_t total = 0;  // with those inside it
};

struct Range {
  uint32_t offset;  // in bytes of the payload
  uint32_t bytes;
  uint32_t owner;  // index
  Kind kind;
};

struct Attribution {
  // First kImage, kShared, kMaster; then the modules in the image's order, each followed by its
  // functions in the order of the source, outer before inner.
  std::vector<Owner> owners;
  std::vector<Range> ranges;  // all of the payload, ascending
  KindBytes by_kind{};
  uint64_t payload_bytes = 0;  // sum of by_kind, of the ranges, of `total` of owners without parent
  // References that lead nowhere, to something of another kind, or to bytes that are owned already;
  // 0 in every image that luaflash's verify accepts.
  uint32_t broken_references = 0;
};

// Owners of the payload `image` is a view of. Takes time in proportion to the payload, whatever is
// in it. Throws std::bad_alloc.
Attribution attribute(const luaflash::ImageView& image);

// "net > connect > function 12-40"; of an owner of the image's own kinds "image", "shared",
// "master".
std::string path(const Attribution& attribution, uint32_t owner);

// The last part of it.
std::string label(const Owner& owner);

}  // namespace flashstore::image
