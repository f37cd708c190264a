// Options that several verbs have. What an option cannot take is a usage error.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "common/arguments.h"

namespace flashstore::lfsimg {

using tools::add_choice;
using tools::add_image;
using tools::add_size;

// A byte address in the flash a chip maps: a multiple of 4.
tools::Option add_address(tools::CommandLine& line, const std::string& names,
                          std::optional<uint32_t>& address, const std::string& help);

}  // namespace flashstore::lfsimg
