#include "machine.h"

#include <optional>

namespace flashstore::sim {
namespace {

std::optional<Machine> the_machine;

}  // namespace

Machine& machine() {
  return *the_machine;
}

Machine& make_machine(const ChipOptions& options, size_t heap_bytes) {
  return the_machine.emplace(options, heap_bytes);
}

}  // namespace flashstore::sim
