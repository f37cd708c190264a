#include "luac/string_table.h"

#include <unordered_set>

#include "luac/string_order.h"
#include "luaflash/format.h"
#include "luaflash/string_hash.h"

namespace flashstore::luac {
namespace {

// The distinct strings of functions, in the order of first use.
class Collection {
 public:
  void add(const Function& function) {
    if (function.source) {
      add(*function.source);
    }
    if (!function.line_map.empty()) {
      add(function.line_map);
    }
    for (const Constant& constant : function.constants) {
      if (const auto* text = std::get_if<std::string>(&constant)) {
        add(*text);
      }
    }
    for (const std::string& name : function.upvalue_names) {
      add(name);
    }
    for (const LocalVariable& local : function.locals) {
      add(local.name);
    }
    for (const Function& child : function.children) {
      add(child);
    }
  }

  const std::vector<std::string_view>& strings() const { return strings_; }

 private:
  void add(std::string_view text) {
    if (seen_.insert(text).second) {
      strings_.push_back(text);
    }
  }

  std::unordered_set<std::string_view> seen_;
  std::vector<std::string_view> strings_;
};

uint32_t string_words(size_t length) {
  return luaflash::kStringHeaderWords + static_cast<uint32_t>(length / luaflash::kWordBytes) + 1;
}

}  // namespace

StringTable::StringTable(const Function& root) {
  Collection collection;
  collection.add(root);
  const std::vector<std::string_view>& strings = collection.strings();

  std::vector<uint32_t> hashes;
  hashes.reserve(strings.size());
  for (const std::string_view text : strings) {
    hashes.push_back(luaflash::string_hash(text));
  }

  hash_slots_ = 1;
  while (hash_slots_ <= strings.size()) {
    hash_slots_ *= 2;
  }
  end_ = luaflash::kHeaderWords + hash_slots_;
  entries_.reserve(strings.size());
  for (const uint32_t i : placement_order(hashes)) {
    entries_.push_back({strings[i], hashes[i], end_});
    offsets_.emplace(strings[i], end_);
    end_ += string_words(strings[i].size());
  }
}

}  // namespace flashstore::luac
