// The memory Lua can have: as much of the C library's as the board's heap is large.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <span>

namespace flashstore::firmware {

class Heap {
 public:
  explicit Heap(std::span<uint8_t> memory) : limit_(memory.size()) {}

  size_t left() const { return limit_ - used_; }

  // A lua_Alloc; `heap` is the Heap. Null if the limit does not allow it; giving back never fails.
  static void* allocate(void* heap, void* block, size_t old_size, size_t new_size) {
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

 private:
#ifdef FLASHSTORE_STRESS_HEAP
  // Every change of size moves the block, and what is given back is spoilt: who still looks there
  // is found out.
  static void* resize(void* block, size_t old_size, size_t new_size) {
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
  static void* resize(void* block, size_t, size_t new_size) {
    if (new_size == 0) {
      std::free(block);
      return nullptr;
    }
    return std::realloc(block, new_size);
  }
#endif

  size_t limit_;
  size_t used_ = 0;
};

}  // namespace flashstore::firmware
