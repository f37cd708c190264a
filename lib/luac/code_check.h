// Whether a function's instructions are such that a device can run them.
#pragma once

#include <optional>
#include <string>

#include "luac/ir.h"

namespace flashstore::luac {

// What is wrong with the code of `function` itself, if anything is: instructions that do not exist,
// name registers, constants, upvalues or functions that are not there, or lead out of the code.
// Types and the order of execution are not looked into, nor are functions inside it.
std::optional<std::string> check_code(const Function& function);

}  // namespace flashstore::luac
