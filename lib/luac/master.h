// The master function: the root of an image, through which a device finds its modules
// (luaflash/FORMAT.md, "Master function").
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "luac/ir.h"

namespace flashstore::luac {

// More modules than this need more than one batch of names.
inline constexpr size_t kMaxModules = 50;

// The name a module compiled from `source` ("@path", "=name", empty for stripped code) is found by:
// the file's name without folders, leading dots and everything behind the first other dot.
std::string module_name(std::string_view source);

// The function that answers module_name(m.source) with module m, and anything else with
// `build_time` (seconds since 1970) and a table of all names. Of equal names the first answers.
// `modules` are main chunks without upvalues; there are 1 to kMaxModules of them.
Function make_master(std::vector<Function> modules, uint32_t build_time);

}  // namespace flashstore::luac
