#include "boot/heap.h"

#include <algorithm>
#include <bit>
#include <cstring>

namespace flashstore::firmware {
namespace {

constexpr uint32_t kBits = 32;  // granules that a word of the bitmap knows

// Of so many bytes that the sum does not wrap.
uint32_t granules_for(size_t bytes) {
  return static_cast<uint32_t>((bytes + Heap::kGranule - 1) / Heap::kGranule);
}

// A word with the bits from `begin`, below kBits, to `end` or to the word's last.
uint32_t bits(uint32_t begin, uint32_t end) {
  const uint32_t below_end = end >= kBits ? ~0u : (1u << end) - 1;
  return below_end & ~((1u << begin) - 1);
}

}  // namespace

Heap::Heap(std::span<uint8_t> arena)
    : free_(reinterpret_cast<uint32_t*>(arena.data())), blocks_(arena.data()) {
  const auto all = static_cast<uint32_t>(arena.size() / kGranule);
  const uint32_t words = (all + kBits - 1) / kBits;
  const uint32_t for_bitmap = granules_for(words * sizeof(uint32_t));
  if (all <= for_bitmap) {
    return;
  }
  std::fill_n(free_, words, 0u);
  blocks_ += for_bitmap * kGranule;
  count_ = all - for_bitmap;
  used_ = count_;
  mark({0, count_}, true);
}

uint32_t Heap::find(uint32_t from, bool free, uint32_t limit) const {
  limit = std::min(limit, count_);
  if (from >= limit) {
    return limit;
  }
  const uint32_t flip = free ? 0u : ~0u;
  const uint32_t last = (limit - 1) / kBits;
  uint32_t index = from / kBits;
  uint32_t word = (free_[index] ^ flip) & bits(from % kBits, kBits);
  while (word == 0 && index < last) {
    index++;
    word = free_[index] ^ flip;
  }
  if (word == 0) {
    return limit;
  }
  return std::min(limit, index * kBits + static_cast<uint32_t>(std::countr_zero(word)));
}

uint32_t Heap::free_before(uint32_t end) const {
  while (end > 0) {
    const uint32_t first = (end - 1) / kBits * kBits;
    const uint32_t taken = ~free_[first / kBits] & bits(0, end - first);
    if (taken != 0) {
      return first + kBits - static_cast<uint32_t>(std::countl_zero(taken));
    }
    end = first;
  }
  return 0;
}

Heap::Run Heap::next_free(uint32_t from, uint32_t enough) const {
  const uint32_t begin = find(from, true, count_);
  return {begin, find(begin, false, begin + std::min(enough, count_ - begin))};
}

void Heap::mark(Run run, bool free) {
  if (run.size() == 0) {
    return;
  }
  for (uint32_t at = run.begin; at < run.end; at = (at / kBits + 1) * kBits) {
    const uint32_t first = at / kBits * kBits;
    const uint32_t mask = bits(at - first, run.end - first);
    if (free) {
      free_[at / kBits] |= mask;
    } else {
      free_[at / kBits] &= ~mask;
    }
  }
  if (free) {
    used_ -= run.size();
    const uint32_t begin = free_before(run.begin);
    for (uint32_t n = kSmall; n > 0 && from_[n - 1] > begin; n--) {
      from_[n - 1] = begin;
    }
    return;
  }
  used_ += run.size();
  peak_ = std::max(peak_, used_);
}

// The first place that is large enough. To look for the tightest one leaves no larger pieces.
void* Heap::create(uint32_t granules) {
  const uint32_t class_of = std::min(granules, kSmall) - 1;
  for (Run run = next_free(from_[class_of], granules); run.begin < count_;
       run = next_free(run.end, granules)) {
    if (run.size() >= granules) {
      for (uint32_t n = granules - 1; n < kSmall && from_[n] < run.begin; n++) {
        from_[n] = run.begin;
      }
      mark({run.begin, run.begin + granules}, false);
      return blocks_ + run.begin * kGranule;
    }
  }
  return nullptr;
}

void* Heap::resize(void* block, size_t old_size, uint32_t granules) {
  const auto offset = static_cast<uint8_t*>(block) - blocks_;
  const auto begin = static_cast<uint32_t>(offset) / static_cast<uint32_t>(kGranule);
  const Run old{begin, begin + granules_for(old_size)};
#ifdef FLASHSTORE_STRESS_HEAP
  // Every change of size moves the block if it can, and what is given back is spoilt: who still
  // looks there is found out.
  void* elsewhere = granules == 0 ? nullptr : create(granules);
  if (granules == 0 || elsewhere != nullptr) {
    if (elsewhere != nullptr) {
      std::memcpy(elsewhere, block, std::min<size_t>(old_size, granules * kGranule));
    }
    std::memset(block, 0xA5, old_size);
    mark(old, true);
    return elsewhere;
  }
#endif
  const uint32_t end = begin + granules;
  if (end <= old.end) {
    mark({end, old.end}, true);
    return block;
  }
  if (end <= count_ && find(old.end, false, end) == end) {
    mark({old.end, end}, false);
    return block;
  }
  void* moved = create(granules);
  if (moved != nullptr) {
    std::memcpy(moved, block, old_size);
    mark(old, true);
  }
  return moved;
}

void* Heap::allocate(void* heap, void* block, size_t old_size, size_t new_size) {
  auto& self = *static_cast<Heap*>(heap);
  if (new_size > self.capacity()) {
    return nullptr;
  }
  const uint32_t granules = granules_for(new_size);
  if (block != nullptr) {
    block = self.resize(block, old_size, granules);
  } else if (granules != 0) {
    block = self.create(granules);
  }
  return granules == 0 ? nullptr : block;
}

size_t Heap::largest() const {
  uint32_t most = 0;
  for (Run run = next_free(from_[0], count_); run.begin < count_;
       run = next_free(run.end, count_)) {
    most = std::max(most, run.size());
  }
  return most * kGranule;
}

bool Heap::consistent() const {
  uint32_t free = 0;
  for (Run run = next_free(0, count_); run.begin < count_; run = next_free(run.end, count_)) {
    free += run.size();
    if (run.begin < from_[std::min(run.size(), kSmall) - 1]) {
      return false;
    }
  }
  return free == count_ - used_ && std::is_sorted(from_.begin(), from_.end()) && used_ <= peak_;
}

}  // namespace flashstore::firmware
