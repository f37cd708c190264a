#include "luac/string_order.h"

#include <utility>

namespace flashstore::luac {
namespace {

constexpr uint32_t kNone = UINT32_MAX;

// Slots with chains inside the table, as in Lua: of all keys with the same home slot, one lies at
// home or is linked from there. Free slots are taken from the top down.
class Table {
 public:
  explicit Table(std::span<const uint32_t> hashes) : hashes_(hashes) {}

  void insert(uint32_t key) {
    while (!try_insert(key)) {
      grow();
    }
    ++used_;
  }

  std::vector<uint32_t> keys() const {
    std::vector<uint32_t> keys;
    keys.reserve(used_);
    for (const Slot& slot : slots_) {
      if (slot.key != kNone) {
        keys.push_back(slot.key);
      }
    }
    return keys;
  }

 private:
  struct Slot {
    uint32_t key = kNone;
    uint32_t link = kNone;  // next slot of the chain
  };

  uint32_t home(uint32_t key) const {
    return hashes_[key] & static_cast<uint32_t>(slots_.size() - 1);
  }

  // The next free slot below the last one taken, or kNone.
  uint32_t take_free_slot() {
    while (cursor_ > 0) {
      if (slots_[--cursor_].key == kNone) {
        return cursor_;
      }
    }
    return kNone;
  }

  // The slot of the chain beginning at `first` that links to `slot`, or kNone.
  uint32_t predecessor(uint32_t first, uint32_t slot) const {
    uint32_t at = first;
    while (at != kNone && slots_[at].link != slot) {
      at = slots_[at].link;
    }
    return at;
  }

  void link_behind(uint32_t first, uint32_t slot) {
    slots_[slot].link = slots_[first].link;
    slots_[first].link = slot;
  }

  bool try_insert(uint32_t key) {
    if (slots_.empty()) {
      return false;
    }
    const uint32_t at = home(key);
    if (slots_[at].key == kNone) {
      slots_[at] = {key, kNone};
      return true;
    }
    const uint32_t free = take_free_slot();
    if (free == kNone) {
      return false;
    }
    const uint32_t occupants_home = home(slots_[at].key);
    if (occupants_home == at) {
      slots_[free].key = key;
      link_behind(at, free);
    } else {  // the occupant makes room
      slots_[predecessor(occupants_home, at)].link = free;
      slots_[free] = slots_[at];
      slots_[at] = {key, kNone};
    }
    return true;
  }

  void grow() {
    size_t size = 1;
    while (size < used_ + 1) {
      size *= 2;
    }
    slots_.resize(size);
    cursor_ = static_cast<uint32_t>(size);
    for (Slot& slot : slots_) {
      slot.link = kNone;
    }
    for (uint32_t i = 0; i < size; ++i) {
      while (slots_[i].key != kNone && !settle(i)) {
      }
    }
  }

  bool reachable(uint32_t first, uint32_t slot) const {
    return first == slot || predecessor(first, slot) != kNone;
  }

  // One step towards a table in which slot `i` is found from its key's home. True: nothing is left
  // to do for what was in it.
  bool settle(uint32_t i) {
    const uint32_t at = home(slots_[i].key);
    if (reachable(at, i)) {
      return true;
    }
    if (slots_[at].key == kNone) {
      slots_[at] = slots_[i];
      slots_[i] = {};
      return true;
    }
    const uint32_t occupants_home = home(slots_[at].key);
    if (occupants_home == at) {
      link_behind(at, i);
      return true;
    }
    const uint32_t before = predecessor(occupants_home, at);
    if (before != kNone) {
      slots_[before].link = i;
    }
    std::swap(slots_[i], slots_[at]);
    return before != kNone;
  }

  std::span<const uint32_t> hashes_;
  std::vector<Slot> slots_;
  size_t used_ = 0;
  uint32_t cursor_ = 0;
};

}  // namespace

std::vector<uint32_t> placement_order(std::span<const uint32_t> hashes) {
  Table table(hashes);
  for (uint32_t key = 0; key < hashes.size(); ++key) {
    table.insert(key);
  }
  return table.keys();
}

}  // namespace flashstore::luac
