#include "luac/string_table.h"

#include "luac/string_order.h"
#include "luaflash/format.h"
#include "luaflash/string_hash.h"

namespace flashstore::luac {
namespace {

// The distinct strings of functions, in the order of first use.
class Collection {
 public:
  using Offsets = std::unordered_map<std::string_view, uint32_t>;

  // Enters the strings into `offsets`, which is empty, all at 0.
  Collection(Offsets& offsets, const BaseImage& base) : offsets_(offsets), base_(base) {}

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

  // Entries of the map; they stay where they are while it grows.
  const std::vector<Offsets::value_type*>& strings() const { return strings_; }

 private:
  void add(std::string_view text) {
    if (base_.strings.contains(text)) {
      return;
    }
    const auto [entry, is_new] = offsets_.try_emplace(text, 0);
    if (is_new) {
      strings_.push_back(&*entry);
    }
  }

  Offsets& offsets_;
  const BaseImage& base_;
  std::vector<Offsets::value_type*> strings_;
};

uint32_t string_words(size_t length) {
  return luaflash::kStringHeaderWords + static_cast<uint32_t>(length / luaflash::kWordBytes) + 1;
}

}  // namespace

StringTable::StringTable(const Function& root, const BaseImage& base) {
  Collection collection(offsets_, base);
  collection.add(root);
  const auto& strings = collection.strings();

  std::vector<uint32_t> hashes;
  hashes.reserve(strings.size());
  for (const auto* string : strings) {
    hashes.push_back(luaflash::string_hash(string->first));
  }

  hash_slots_ = 1;
  while (hash_slots_ <= strings.size()) {
    hash_slots_ *= 2;
  }
  end_ = luaflash::kHeaderWords + hash_slots_;
  entries_.reserve(strings.size());
  for (const uint32_t i : placement_order(hashes)) {
    auto& [text, offset] = *strings[i];
    offset = end_;
    entries_.push_back({text, hashes[i], offset});
    end_ += string_words(text.size());
  }
}

}  // namespace flashstore::luac
