// JSON as all tools print it.
#pragma once

#include <nlohmann/json.hpp>
#include <string>

#include "host/json_forward.h"

namespace flashstore::host {

// One document, indented, ending in a newline. Texts are bytes; those that are no UTF-8 are shown
// with replacement characters.
std::string to_text(const Json& document);

}  // namespace flashstore::host
