// How the kinds of bytes of an image are shown.
#pragma once

#include <array>
#include <cstdint>
#include <string>

#include "host/json_forward.h"
#include "image/attribution.h"

namespace flashstore::lfsimg {

struct KindLook {
  char glyph;          // in a terminal, where colours may be missing
  uint8_t terminal;    // of its 256 colours, behind black letters
  const char* colour;  // elsewhere, the same
};

inline constexpr std::array<KindLook, image::kKinds> kKindLooks{{
    {'c', 111, "#87afff"},  // code
    {'k', 114, "#87d787"},  // constants
    {'P', 183, "#d7afff"},  // Proto
    {'v', 141, "#af87ff"},  // child vector
    {'l', 222, "#ffd787"},  // line map
    {'n', 180, "#d7af87"},  // locals
    {'u', 216, "#ffaf87"},  // upvalue names
    {'s', 80, "#5fd7d7"},   // strings
    {'H', 245, "#8a8a8a"},  // header
    {'h', 250, "#bcbcbc"},  // hash vector
    {'t', 230, "#ffffd7"},  // build time
    {'b', 109, "#87afaf"},  // bitmap
    {'.', 203, "#ff5f5f"},  // gap
}};

constexpr const KindLook& look(image::Kind kind) {
  return kKindLooks[static_cast<size_t>(kind)];
}

inline image::Kind kind_at(size_t index) {
  return static_cast<image::Kind>(index);
}

// What programs know it by: "code", "line_map", ...
std::string id(image::Kind kind);

// {"code": bytes, ...}; without those of 0 bytes unless `all`.
host::Json to_json(const image::KindBytes& bytes, bool all = false);

}  // namespace flashstore::lfsimg
