// What devices ask of the gzip member around an image (FORMAT.md, "Envelope"), as options of the
// inflater.
#pragma once

#include "core/inflate.h"
#include "luaflash/format.h"

namespace flashstore::luaflash {

inline constexpr core::InflateOptions kDeviceRules = {.max_distance = kMaxBackReference,
                                                      .refuse_first_byte = true,
                                                      .refuse_empty_extra = true,
                                                      .check_header_crc = false};

}  // namespace flashstore::luaflash
