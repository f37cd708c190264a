// Text of any origin, made fit for a terminal and a log.
#pragma once

#include <string>
#include <string_view>

namespace flashstore::host {

// `text` with bytes that are no UTF-8 and of control characters as \n, \t or \xNN. Control
// characters are also those of Unicode that end a line or turn the direction of text. Always one
// line.
std::string printable(std::string_view text);

// Whether `text` is well-formed UTF-8.
bool is_utf8(std::string_view text);

}  // namespace flashstore::host
