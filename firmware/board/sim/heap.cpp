#include "heap.h"

#include <algorithm>
#include <cstdlib>
#include <cstring>

namespace flashstore::sim {
namespace {

#ifdef FLASHSTORE_STRESS_HEAP
// Every change of size moves the block, and what is given back is spoilt: who still looks there is
// found out.
void* resize(void* block, size_t old_size, size_t new_size) {
  void* moved = new_size == 0 ? nullptr : std::malloc(new_size);
  if (block != nullptr && (moved != nullptr || new_size == 0)) {
    if (moved != nullptr) {
      std::memcpy(moved, block, std::min(old_size, new_size));
    }
    std::memset(block, 0xA5, old_size);
    std::free(block);
  }
  return moved;
}
#else
void* resize(void* block, size_t, size_t new_size) {
  if (new_size == 0) {
    std::free(block);
    return nullptr;
  }
  return std::realloc(block, new_size);
}
#endif

}  // namespace

void* Heap::allocate(void* heap, void* block, size_t old_size, size_t new_size) {
  auto& self = *static_cast<Heap*>(heap);
  if (new_size > old_size && new_size - old_size > self.left()) {
    return nullptr;
  }
  void* resized = resize(block, old_size, new_size);
  if (resized != nullptr || new_size == 0) {
    self.used_ = self.used_ - old_size + new_size;
  }
  return resized;
}

}  // namespace flashstore::sim
