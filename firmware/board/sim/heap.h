// The device's heap: the host's, with a limit, counting the bytes that Lua asks for.
#pragma once

#include <cstddef>

namespace flashstore::sim {

class Heap {
 public:
  explicit Heap(size_t limit) : limit_(limit) {}

  size_t used() const { return used_; }
  size_t left() const { return limit_ - used_; }

  // A lua_Alloc; `heap` is the Heap. Null if the limit does not allow it; giving back never fails.
  static void* allocate(void* heap, void* block, size_t old_size, size_t new_size);

 private:
  size_t limit_;
  size_t used_ = 0;
};

}  // namespace flashstore::sim
