// The master function: the root of an image, through which a device finds its modules
// (luaflash/FORMAT.md, "Master function").
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "luac/ir.h"

namespace flashstore::luac {

// The name a module compiled from `source` ("@path", "=name", empty for stripped code) is found by:
// the file's name without folders, leading dots and everything behind the first other dot.
std::string module_name(std::string_view source);

// A main chunk and the name devices find it by.
struct Module {
  std::string name;
  Function main;
};

// `main` under the name of its source.
Module make_module(Function main);

// As many modules as a master function can tell apart: all of their names are its constants, and a
// device's LFS region is full long before.
inline constexpr size_t kMaxModules = 10000;

// The function that answers a module's name with the module, and anything else with `build_time`
// (seconds since 1970) and a table of all names. Of equal names the first answers. The main chunks
// have no upvalues; there are 1 to kMaxModules of them.
Function make_master(std::vector<Module> modules, double build_time);

// The function that calls each of `modules` in order.
Function make_sequence(std::vector<Module> modules);

}  // namespace flashstore::luac
