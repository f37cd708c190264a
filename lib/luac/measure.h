// How much of an image a function takes.
#pragma once

#include <cstdint>

#include "luac/ir.h"
#include "luac/target.h"

namespace flashstore::luac {

// Bytes of `function` itself in an image: its Proto, code, constants and vectors. Neither functions
// inside it nor strings count: strings are shared.
uint32_t own_bytes(const Function& function, Flavour flavour);

}  // namespace flashstore::luac
