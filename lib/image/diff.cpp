#include "image/diff.h"

#include <algorithm>
#include <array>
#include <deque>
#include <map>
#include <string>
#include <tuple>
#include <utility>

namespace flashstore::image {
namespace {

using Indices = std::vector<uint32_t>;

// Of each owner those right inside it; behind them, those at the top.
std::vector<Indices> owners_inside(const Attribution& attribution) {
  const std::vector<Owner>& owners = attribution.owners;
  std::vector<Indices> inside(owners.size() + 1);
  for (uint32_t i = 0; i < owners.size(); ++i) {
    inside[std::min<size_t>(owners[i].parent, owners.size())].push_back(i);
  }
  return inside;
}

uint64_t compared_bytes(const Owner& owner) {
  return owner.type == OwnerType::kModule ? owner.total : owner.bytes;
}

class Comparer {
 public:
  Comparer(const Attribution& before, const Attribution& after)
      : before_(before.owners),
        after_(after.owners),
        inside_before_(owners_inside(before)),
        inside_after_(owners_inside(after)),
        after_of_(before_.size(), kNoOwner),
        before_of_(after_.size(), kNoOwner) {}

  std::vector<Match> run() {
    match_all(inside_before_.back(), inside_after_.back());
    return std::move(matches_);
  }

 private:
  // Among owners of the same parent: type, name, and whether it is a main chunk.
  using Name = std::tuple<OwnerType, std::string, bool>;

  static Name name_of(const Owner& owner) {
    return {owner.type, owner.name, owner.line_defined == 0};
  }

  // Pairs those left of both whose `key` is the same, the first with the first.
  template <class Key>
  void pair_up(const Indices& before, const Indices& after, Key key) {
    std::map<decltype(key(before_[0])), std::deque<uint32_t>> left;
    for (const uint32_t i : before) {
      if (after_of_[i] == kNoOwner) {
        left[key(before_[i])].push_back(i);
      }
    }
    for (const uint32_t i : after) {
      const auto found = before_of_[i] == kNoOwner ? left.find(key(after_[i])) : left.end();
      if (found != left.end() && !found->second.empty()) {
        before_of_[i] = found->second.front();
        after_of_[found->second.front()] = i;
        found->second.pop_front();
      }
    }
  }

  void match_all(const Indices& before, const Indices& after) {
    pair_up(before, after,
            [](const Owner& owner) { return std::pair(name_of(owner), owner.fingerprint); });
    pair_up(before, after, name_of);
    for (const uint32_t i : after) {
      match(before_of_[i], i);
    }
    for (const uint32_t i : before) {
      if (after_of_[i] == kNoOwner) {
        match(i, kNoOwner);
      }
    }
  }

  // And all inside them; functions are nested no deeper than kMaxDepth.
  void match(uint32_t before, uint32_t after) {
    const size_t place = matches_.size();
    Match found{before, after};
    const Owner* old = before != kNoOwner ? &before_[before] : nullptr;
    const Owner* now = after != kNoOwner ? &after_[after] : nullptr;
    found.before_bytes = old != nullptr ? compared_bytes(*old) : 0;
    found.after_bytes = now != nullptr ? compared_bytes(*now) : 0;
    found.change = old == nullptr                           ? Change::kAdded
                   : now == nullptr                         ? Change::kRemoved
                   : found.before_bytes < found.after_bytes ? Change::kGrown
                   : found.before_bytes > found.after_bytes ? Change::kShrunk
                   : old->fingerprint != now->fingerprint   ? Change::kChanged
                                                            : Change::kSame;
    matches_.push_back(found);
    match_all(old != nullptr ? inside_before_[before] : Indices{},
              now != nullptr ? inside_after_[after] : Indices{});
    // A module is what is in it.
    if (now != nullptr && now->type == OwnerType::kModule && found.change == Change::kSame &&
        std::any_of(matches_.begin() + static_cast<std::ptrdiff_t>(place), matches_.end(),
                    [](const Match& match) { return match.change != Change::kSame; })) {
      matches_[place].change = Change::kChanged;
    }
  }

  const std::vector<Owner>& before_;
  const std::vector<Owner>& after_;
  std::vector<Indices> inside_before_;
  std::vector<Indices> inside_after_;
  Indices after_of_;   // partners of those of `before`
  Indices before_of_;  // and of `after`
  std::vector<Match> matches_;
};

}  // namespace

const char* name(Change change) {
  constexpr std::array kNames = {"same", "added", "removed", "grown", "shrunk", "changed"};
  return kNames[static_cast<size_t>(change)];
}

std::vector<Match> compare(const Attribution& before, const Attribution& after) {
  return Comparer(before, after).run();
}

}  // namespace flashstore::image
