#include "norsim/power_cuts.h"

#include <exception>
#include <utility>

#include "norsim/random.h"

namespace flashstore::norsim {
namespace {

constexpr size_t kMaxFailures = 100;

uint64_t hash_of(const CutPath& path, const Cut& cut) {
  uint64_t hash = 0;
  const auto add = [&](const Cut& one) {
    for (const uint32_t field :
         {one.operation, static_cast<uint32_t>(one.where), one.index, one.detail}) {
      hash ^= field;
      hash = next_random(hash);
    }
  };
  for (const Cut& earlier : path) {
    add(earlier);
  }
  add(cut);
  return hash;
}

}  // namespace

PowerCuts::PowerCuts(CutPlan plan, Recovery recovery)
    : plan_(std::move(plan)), recovery_(std::move(recovery)) {
  if (!plan_.only.empty()) {
    plan_.levels.resize(plan_.only.size());
  }
  tallies_.resize(plan_.levels.size());
}

void PowerCuts::before(uint32_t number, const Operation& operation, const Contents& contents) {
  const size_t level = path_.size();
  if (level == plan_.levels.size()) {
    return;
  }
  if (!plan_.only.empty()) {
    if (plan_.only[level].operation == number) {
      try_cut(operation, contents, plan_.only[level]);
    }
    return;
  }
  for (const Cut& cut : cuts_of(number, operation, contents, plan_.levels[level].choice)) {
    ++tallies_[level].found;
    if (is_chosen(cut)) {
      try_cut(operation, contents, cut);
    }
  }
}

bool PowerCuts::is_chosen(const Cut& cut) const {
  const uint64_t hash = hash_of(path_, cut);
  if (path_.empty() && (hash >> 32) % plan_.parts != plan_.part) {
    return false;
  }
  return static_cast<uint32_t>(hash) % plan_.levels[path_.size()].one_in == 0;
}

void PowerCuts::try_cut(const Operation& operation, Contents contents, const Cut& cut) {
  ++tallies_[path_.size()].tried;
  path_.push_back(cut);
  std::string wrong;
  try {
    const Contents before = contents;
    perform_cut(contents, operation, cut);
    if (plan_.watcher) {
      plan_.watcher(path_, operation, before, contents);
    }
    Flash flash(std::move(contents));
    flash.watch(this);
    wrong = recovery_(flash);
  } catch (const Violation& violation) {
    wrong = violation.what();
  }
  if (!wrong.empty() && ++failed_ <= kMaxFailures) {
    failures_.push_back({path_, std::move(wrong)});
  }
  path_.pop_back();
}

}  // namespace flashstore::norsim
