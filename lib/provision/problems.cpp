#include "provision/problems.h"

#include <utility>

#include "host/numbers.h"

namespace flashstore::provision {

Problem refused(std::string id, std::string message, std::string hint, std::string file) {
  return {host::kNo, Diagnostic{.id = std::move(id),
                                .message = std::move(message),
                                .hint = std::move(hint),
                                .file = std::move(file)}};
}

std::string range(uint32_t address, uint32_t bytes) {
  return host::hex(address) + "-" + host::hex(uint64_t{address} + bytes - 1);
}

}  // namespace flashstore::provision
