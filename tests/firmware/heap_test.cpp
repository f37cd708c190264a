// The device's heap, against a model that knows every block.
#include "boot/heap.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstring>
#include <random>
#include <vector>

namespace flashstore::firmware::test {
namespace {

constexpr size_t kDevice = 44 * 1024;

class HeapTest : public ::testing::Test {
 protected:
  void* get(size_t size) { return Heap::allocate(&heap_, nullptr, 0, size); }
  void* change(void* block, size_t old_size, size_t size) {
    return Heap::allocate(&heap_, block, old_size, size);
  }
  void give(void* block, size_t size) { EXPECT_EQ(change(block, size, 0), nullptr); }

  std::vector<uint64_t> arena_ = std::vector<uint64_t>(kDevice / 8);
  Heap heap_{{reinterpret_cast<uint8_t*>(arena_.data()), kDevice}};
};

TEST_F(HeapTest, BitmapIsAllThatIsLost) {
  EXPECT_EQ(heap_.capacity(), kDevice - kDevice / 64);
  EXPECT_EQ(heap_.left(), heap_.capacity());
  EXPECT_EQ(heap_.largest(), heap_.capacity());
  void* all = get(heap_.capacity());
  ASSERT_NE(all, nullptr);
  EXPECT_EQ(heap_.left(), 0u);
  EXPECT_EQ(heap_.largest(), 0u);
  EXPECT_EQ(get(1), nullptr);
  give(all, heap_.capacity());
  EXPECT_EQ(heap_.largest(), heap_.capacity());
  EXPECT_EQ(heap_.peak(), heap_.capacity());
}

TEST_F(HeapTest, SizesAreRoundedUpToGranules) {
  for (const size_t size : {1u, 7u, 8u, 9u, 32u, 33u}) {
    const size_t before = heap_.left();
    void* block = get(size);
    EXPECT_EQ(before - heap_.left(), (size + 7) / 8 * 8);
    EXPECT_EQ(reinterpret_cast<uintptr_t>(block) % Heap::kGranule, 0u);
  }
}

TEST_F(HeapTest, NothingIsNoBlock) {
  EXPECT_EQ(get(0), nullptr);
  EXPECT_EQ(heap_.left(), heap_.capacity());
}

TEST_F(HeapTest, WhatIsTooMuchIsRefusedAndTheBlockStays) {
  void* block = get(100);
  std::memset(block, 'x', 100);
  EXPECT_EQ(change(block, 100, heap_.capacity() + 1), nullptr);
  EXPECT_EQ(change(block, 100, SIZE_MAX), nullptr);
  EXPECT_EQ(get(SIZE_MAX), nullptr);
  void* fence = get(8);
  EXPECT_EQ(change(block, 100, heap_.largest() + 8), nullptr);
  EXPECT_EQ(std::count(static_cast<char*>(block), static_cast<char*>(block) + 100, 'x'), 100);
  give(fence, 8);
  give(block, 100);
  EXPECT_TRUE(heap_.consistent());
  EXPECT_EQ(heap_.left(), heap_.capacity());
}

TEST_F(HeapTest, GrowsWhereItLiesWhenThereIsRoomBehind) {
  auto* block = static_cast<uint8_t*>(get(64));
  void* behind = get(64);
  void* fence = get(8);
  EXPECT_NE(change(block, 64, 72), block);
  block = static_cast<uint8_t*>(get(64));
  EXPECT_LT(static_cast<void*>(block), behind);
  give(behind, 64);
  EXPECT_EQ(change(block, 64, 128), block);
  EXPECT_NE(change(block, 128, 136), block);
  give(fence, 8);
}

TEST_F(HeapTest, GrowsIntoAllThatIsLeft) {
  void* block = get(8);
  EXPECT_EQ(change(block, 8, heap_.capacity()), block);
  EXPECT_EQ(heap_.left(), 0u);
  EXPECT_TRUE(heap_.consistent());
}

TEST_F(HeapTest, ShrinksInAFullHeap) {
  std::vector<void*> blocks;
  while (void* block = get(104)) {
    blocks.push_back(block);
  }
  for (void* block : blocks) {
    EXPECT_EQ(change(block, 104, 17), block);
  }
  EXPECT_GE(heap_.left(), blocks.size() * 80);
  EXPECT_EQ(heap_.largest() % 8, 0u);
  EXPECT_GE(heap_.largest(), 80u);
  EXPECT_TRUE(heap_.consistent());
}

TEST_F(HeapTest, NeighboursOfAllKindsBecomeOne) {
  std::vector<void*> blocks;
  for (int i = 0; i < 300; i++) {
    blocks.push_back(get(40));
  }
  const size_t behind = heap_.largest();
  for (size_t i = 0; i < blocks.size(); i += 2) {
    give(blocks[i], 40);
  }
  EXPECT_EQ(heap_.largest(), behind);
  for (size_t i = 1; i < blocks.size(); i += 2) {
    give(blocks[i], 40);
  }
  EXPECT_EQ(heap_.largest(), heap_.capacity());
}

TEST(SmallHeap, AnyArenaWorks) {
  for (size_t bytes = 0; bytes < 1200; bytes++) {
    std::vector<uint64_t> arena(bytes / 8 + 1);
    Heap heap({reinterpret_cast<uint8_t*>(arena.data()), bytes});
    EXPECT_TRUE(heap.consistent());
    EXPECT_LE(heap.capacity() + (heap.capacity() > 0 ? 4 : 0), bytes);
    EXPECT_GE(heap.capacity() + bytes / 64 + 16, bytes);
    size_t blocks = 0;
    while (void* block = Heap::allocate(&heap, nullptr, 0, 8)) {
      std::memset(block, 0xFF, 8);
      blocks++;
    }
    EXPECT_EQ(blocks * 8, heap.capacity());
    EXPECT_TRUE(heap.consistent());
  }
}

struct Block {
  uint8_t* bytes;
  size_t size;
  uint8_t fill;
};

// Sizes as a program's: most are small, few are large.
size_t some_size(std::mt19937& random) {
  const uint32_t kind = random() % 100;
  return 1 + random() % (kind < 70 ? 48 : kind < 97 ? 400 : 6000);
}

void expect_filled(const Block& block, size_t size) {
  EXPECT_EQ(std::count(block.bytes, block.bytes + size, block.fill), static_cast<ptrdiff_t>(size));
}

TEST_F(HeapTest, RandomProgramsFindTheirBytesAgain) {
  for (uint32_t seed = 1; seed <= 20; seed++) {
    std::mt19937 random(seed);
    std::vector<Block> blocks;
    int refused = 0;
    for (int step = 0; step < 4000; step++) {
      const bool change_one = !blocks.empty() && random() % 3 != 0;
      const size_t size = random() % (4 + seed % 4) == 0 ? 0 : some_size(random);
      const size_t largest = heap_.largest();
      if (!change_one) {
        auto* bytes = static_cast<uint8_t*>(get(size));
        ASSERT_EQ(bytes != nullptr, size != 0 && size <= largest);
        if (bytes != nullptr) {
          blocks.push_back({bytes, size, static_cast<uint8_t>(step)});
          std::memset(bytes, blocks.back().fill, size);
        }
        refused += bytes == nullptr && size != 0 ? 1 : 0;
        continue;
      }
      Block& one = blocks[random() % blocks.size()];
      expect_filled(one, one.size);
      auto* bytes = static_cast<uint8_t*>(change(one.bytes, one.size, size));
      if (size == 0) {
        one = blocks.back();
        blocks.pop_back();
      } else if (bytes != nullptr) {
        ASSERT_TRUE(size > one.size || bytes == one.bytes);
        one.bytes = bytes;
        expect_filled(one, std::min(size, one.size));
        one.size = size;
        std::memset(bytes, one.fill, size);
      } else {
        ASSERT_GT(size, largest);
        expect_filled(one, one.size);
        refused++;
      }
      ASSERT_TRUE(heap_.consistent()) << seed << ", " << step;
    }
    EXPECT_GT(refused, 10);
    size_t taken = 0;
    std::ranges::sort(blocks, {}, &Block::bytes);
    for (size_t i = 0; i < blocks.size(); i++) {
      expect_filled(blocks[i], blocks[i].size);
      ASSERT_TRUE(i == 0 || blocks[i - 1].bytes + blocks[i - 1].size <= blocks[i].bytes);
      taken += (blocks[i].size + 7) / 8 * 8;
    }
    EXPECT_EQ(heap_.capacity() - heap_.left(), taken);
    for (const Block& block : blocks) {
      give(block.bytes, block.size);
    }
    ASSERT_EQ(heap_.left(), heap_.capacity());
  }
}

}  // namespace
}  // namespace flashstore::firmware::test
