// The heap of a device: one arena for Lua and what serves it.
//
// Blocks have no header: who gives a block back says how large it was, as Lua does. A bitmap at the
// arena's start knows of each 8 bytes whether they are free, so that neighbours that are free need
// not be joined, and a block grows where it lies if there is room behind it. The same requests take
// the same bytes on every machine.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

namespace flashstore::firmware {

class Heap {
 public:
  static constexpr size_t kGranule = 8;  // alignment of all blocks; sizes are rounded up to it

  // The arena is aligned to kGranule, outlives the heap and belongs to it alone.
  explicit Heap(std::span<uint8_t> arena);
  Heap(const Heap&) = delete;
  Heap& operator=(const Heap&) = delete;

  // A lua_Alloc; `heap` is the Heap, `old_size` what was last asked for. Null if there is no room:
  // then the block stays as it is. Making a block smaller never fails and never moves it.
  static void* allocate(void* heap, void* block, size_t old_size, size_t new_size);

  // All in bytes.
  size_t capacity() const { return count_ * kGranule; }
  size_t left() const { return (count_ - used_) * kGranule; }
  size_t peak() const { return peak_ * kGranule; }  // most that was ever taken
  size_t largest() const;                           // the largest block there is room for

  // Whether the bitmap agrees with the bytes taken: for tests.
  bool consistent() const;

 private:
  // Granules, counted from the first block.
  struct Run {
    uint32_t begin;
    uint32_t end;

    uint32_t size() const { return end - begin; }
  };

  static constexpr uint32_t kSmall = 16;  // granules of what most requests are for

  // The first such granule in front of `limit`; `limit`, at most count_, if there is none.
  uint32_t find(uint32_t from, bool free, uint32_t limit) const;
  uint32_t free_before(uint32_t end) const;  // where the free granules that end there begin
  // Begins at count_ if there is none; may end where there are `enough` granules.
  Run next_free(uint32_t from, uint32_t enough) const;
  void mark(Run run, bool free);
  void* create(uint32_t granules);
  void* resize(void* block, size_t old_size, uint32_t granules);

  uint32_t* free_;   // a bit for each granule, 1: is free
  uint8_t* blocks_;  // the first granule
  uint32_t count_ = 0;
  uint32_t used_ = 0;
  uint32_t peak_ = 0;
  // In front of number n no n + 1 free granules, or more, lie together. Never falls from n to n
  // + 1.
  std::array<uint32_t, kSmall> from_{};
};

// A piece of the heap for as long as the object lives.
class HeapBlock {
 public:
  HeapBlock(Heap& heap, size_t bytes)
      : heap_(heap), bytes_(bytes), block_(Heap::allocate(&heap, nullptr, 0, bytes)) {}
  ~HeapBlock() {
    if (block_ != nullptr) {
      Heap::allocate(&heap_, block_, bytes_, 0);
    }
  }
  HeapBlock(const HeapBlock&) = delete;
  HeapBlock& operator=(const HeapBlock&) = delete;

  // Empty if there was no room.
  std::span<uint8_t> bytes() const {
    return {static_cast<uint8_t*>(block_), block_ == nullptr ? 0 : bytes_};
  }

 private:
  Heap& heap_;
  size_t bytes_;
  void* block_;
};

}  // namespace flashstore::firmware
