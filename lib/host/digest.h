// Digests of files, for reports.
#pragma once

#include <string>
#include <string_view>

namespace flashstore::host {

// SHA-256 in hexadecimal.
std::string sha256(std::string_view bytes);

}  // namespace flashstore::host
