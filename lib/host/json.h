// JSON as all tools print it.
#pragma once

#include <nlohmann/json.hpp>
#include <string>

namespace flashstore::host {

using Json = nlohmann::ordered_json;

// One document, indented, ending in a newline. Texts are bytes; those that are no UTF-8 are shown
// with replacement characters.
inline std::string to_text(const Json& document) {
  return document.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

}  // namespace flashstore::host
