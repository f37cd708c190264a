// The record of a reload (FORMAT.md, "Reload record"). Its state changes by single bits, which
// power cannot tear.
#include <algorithm>
#include <array>

#include "partition/nodemcu_page.h"

namespace flashstore::partition {
namespace {

constexpr PageProblem kFlashFailed{PageFlaw::kFlashFailed};

}  // namespace

// One an original firmware wrote has the name alone, so it has no state.
bool PageStore::is_under_way(const Record& record, uint32_t state) {
  return record.words >= 2 && (state & kReloadStateMask) == kReloadStateMask &&
         (state & kReloadOverBit) != 0;
}

// The next one that is under way. Leaves record.id as it is if there is none. false: the flash
// failed.
bool PageStore::find_reload(PageScan& scan, Record& record, uint32_t& state) {
  while (const auto found = scan.next()) {
    if (found->id != kReflash) {
      continue;
    }
    if (!read_word(page_ + found->body(), state)) {
      return false;
    }
    if (is_under_way(*found, state)) {
      record = *found;
      return true;
    }
  }
  return scan.problem().flaw != PageFlaw::kFlashFailed;
}

std::optional<PageStore::Reload> PageStore::reload(std::span<char> buffer) {
  PageScan scan(flash_, page_);
  Record record;
  uint32_t state = 0;
  if (!find_reload(scan, record, state) || record.id != kReflash) {
    return std::nullopt;
  }
  const uint32_t bytes = (record.words - 1) * 4;
  const auto name = buffer.first(std::min<size_t>(bytes, buffer.size()));
  if (!flash_.read(page_ + record.body() + 4,
                   {reinterpret_cast<uint8_t*>(name.data()), name.size()})) {
    return std::nullopt;
  }
  return Reload{{name.begin(), std::find(name.begin(), name.end(), '\0')},
                (state & kReloadContinuedBit) == 0};
}

PageProblem PageStore::begin_reload(std::string_view file) {
  if (file.empty() || file.size() > kMaxNameBytes) {
    return {PageFlaw::kBodyLength};
  }
  if (const PageProblem problem = end_reload(); !problem.ok()) {
    return problem;
  }
  Record record{0, kReflash, 1 + static_cast<uint32_t>((file.size() + 3) / 4)};
  if (const PageProblem problem = make_room(record.words, record.offset); !problem.ok()) {
    return problem;
  }
  uint32_t at = page_ + record.body() + 4;  // the state begins with all bits set
  for (size_t i = 0; i < file.size(); i += 4, at += 4) {
    std::array<uint8_t, 4> word{};
    const std::string_view piece = file.substr(i, 4);
    std::copy(piece.begin(), piece.end(), word.begin());
    if (!flash_.program(at, word)) {
      return kFlashFailed;
    }
  }
  return commit_record(record) ? PageProblem{} : kFlashFailed;
}

// Of all of them: there is one, unless the page was damaged.
PageProblem PageStore::clear_reload_bit(uint32_t bit) {
  PageScan scan(flash_, page_);
  for (;;) {
    Record record;
    uint32_t state = 0;
    if (!find_reload(scan, record, state)) {
      return kFlashFailed;
    }
    if (record.id != kReflash) {
      return {};
    }
    if (!program_word(page_ + record.body(), state & ~bit)) {
      return kFlashFailed;
    }
  }
}

}  // namespace flashstore::partition
