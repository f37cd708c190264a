#include "norsim/cut.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <stdexcept>

#include "norsim/random.h"

namespace flashstore::norsim {
namespace {

using Where = Cut::Where;

bool has_index(Where where) {
  return where == Where::kBefore || where == Where::kTorn || where == Where::kPage;
}

bool has_detail(Where where) {
  return where == Where::kTorn || where == Where::kPage || where == Where::kUnstable;
}

void append(std::string& text, uint32_t number, int base) {
  std::array<char, 10> digits{};
  text.append(digits.data(), std::to_chars(digits.begin(), digits.end(), number, base).ptr);
}

// Takes the next number off the text.
bool take(std::string_view& text, uint32_t& number, int base) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number, base);
  if (error != std::errc()) {
    return false;
  }
  text.remove_prefix(static_cast<size_t>(end - text.data()));
  return true;
}

std::optional<Cut> parse_cut(std::string_view text) {
  const std::string_view id = text;
  Cut cut;
  if (!take(text, cut.operation, 10) || text.empty() ||
      std::string_view("btpfrzua").find(text.front()) == std::string_view::npos) {
    return std::nullopt;
  }
  cut.where = static_cast<Where>(text.front());
  text.remove_prefix(1);
  if (has_index(cut.where) && !take(text, cut.index, 10)) {
    return std::nullopt;
  }
  if (has_index(cut.where) && has_detail(cut.where)) {
    if (text.empty() || text.front() != '.') {
      return std::nullopt;
    }
    text.remove_prefix(1);
  }
  if (has_detail(cut.where) && !take(text, cut.detail, 16)) {
    return std::nullopt;
  }
  // Only one text is the id of a cut: no leading zeros, no capitals, nothing behind it.
  return to_string(cut) == id ? std::optional(cut) : std::nullopt;
}

// The part of `operation` that lies before byte `count`.
void program_first(Contents& contents, const Operation& operation, size_t count) {
  contents.program(operation.address, operation.bytes.first(count));
}

// Of one byte the bits `done`.
void program_bits(Contents& contents, const Operation& operation, size_t index, uint8_t done) {
  const auto byte = static_cast<uint8_t>(operation.bytes[index] | ~done);
  contents.program(operation.address + static_cast<uint32_t>(index), {&byte, 1});
}

// Pages are the chip's: the first and the last of a program may be short.
struct Page {
  size_t begin;
  size_t end;
};

size_t pages_of(const Operation& operation) {
  return (operation.address % kPageBytes + operation.bytes.size() + kPageBytes - 1) / kPageBytes;
}

Page page_of(const Operation& operation, size_t index) {
  const size_t skipped = operation.address % kPageBytes;
  const size_t begin = index == 0 ? 0 : index * kPageBytes - skipped;
  return {begin, std::min(operation.bytes.size(), (index + 1) * kPageBytes - skipped)};
}

void program_page_partly(Contents& contents, const Operation& operation, const Cut& cut) {
  const Page page = page_of(operation, cut.index);
  program_first(contents, operation, page.begin);
  uint64_t random = cut.detail;
  for (size_t i = page.begin; i < page.end; ++i) {
    const uint64_t chance = next_random(random);
    // Most bytes are done or not; some are torn.
    const uint64_t done = chance % 8 == 0 ? chance >> 8 : chance % 2 == 0 ? 0xFF : 0;
    program_bits(contents, operation, i, static_cast<uint8_t>(done));
  }
}

void erase_partly(Contents& contents, uint32_t sector, const Cut& cut) {
  constexpr uint32_t kBytes = core::NorFlash::kSectorBytes;
  constexpr uint8_t kZero = 0;
  uint64_t random = cut.detail;
  for (uint32_t i = 0; i < kBytes; ++i) {
    const uint32_t address = sector + i;
    if (cut.where == Where::kZeroed) {
      contents.program(address, {&kZero, 1});
    } else if (cut.where == Where::kUnstable) {
      const uint64_t chance = next_random(random);
      contents.set(address, static_cast<uint8_t>(chance));
      contents.make_unstable(address, static_cast<uint8_t>(chance >> 8), cut.detail);
    } else if ((cut.where == Where::kFront) == (i < kBytes / 2)) {
      contents.set(address, 0xFF);
    }
  }
}

bool fits(const Operation& operation, const Cut& cut) {
  const bool program = operation.kind == Operation::Kind::kProgram;
  switch (cut.where) {
    case Where::kAfter:
      return true;
    case Where::kBefore:
      return cut.index == 0 || (program && cut.index < operation.bytes.size());
    case Where::kTorn:
      return program && cut.index < operation.bytes.size() && cut.detail <= 0xFF;
    case Where::kPage:
      return program && cut.index < pages_of(operation);
    default:
      return !program;
  }
}

void add_torn(std::vector<Cut>& cuts, uint32_t number, uint32_t index, uint8_t changing) {
  for (uint8_t bits = (changing - 1) & changing; bits != 0; bits = (bits - 1) & changing) {
    cuts.push_back({number, Where::kTorn, index, bits});
  }
}

std::vector<Cut> cuts_of_program(uint32_t number, const Operation& operation,
                                 const Contents& before, const CutChoice& choice) {
  std::vector<Cut> cuts;
  const auto count = static_cast<uint32_t>(operation.bytes.size());
  uint64_t random = choice.seed + number;
  bool changed = true;  // something lies between this cut and the last
  for (uint32_t i = 0; i < count; ++i) {
    const bool edge = i < 2 || i + 1 == count;
    const bool breaks = count <= choice.metadata_bytes || edge || choice.data_breaks >= count ||
                        random_below(random, count) < choice.data_breaks;
    if (changed && breaks) {
      cuts.push_back({number, Where::kBefore, i, 0});
    }
    const auto changing =
        static_cast<uint8_t>(before.at(operation.address + i) & ~operation.bytes[i]);
    changed = changing != 0;
    if (count <= choice.metadata_bytes) {
      add_torn(cuts, number, i, changing);
    } else if (random_below(random, count) < choice.torn) {
      const auto bits = static_cast<uint8_t>(next_random(random) & changing);
      if (bits != 0 && bits != changing) {
        cuts.push_back({number, Where::kTorn, i, bits});
      }
    }
  }
  for (uint32_t page = 0; count > 1 && page < pages_of(operation); ++page) {
    for (uint32_t i = 0; i < choice.pages; ++i) {
      cuts.push_back({number, Where::kPage, page, static_cast<uint32_t>(next_random(random))});
    }
  }
  return cuts;
}

}  // namespace

std::string to_string(const Cut& cut) {
  std::string text;
  append(text, cut.operation, 10);
  text += static_cast<char>(cut.where);
  if (has_index(cut.where)) {
    append(text, cut.index, 10);
  }
  if (has_index(cut.where) && has_detail(cut.where)) {
    text += '.';
  }
  if (has_detail(cut.where)) {
    append(text, cut.detail, 16);
  }
  return text;
}

std::string to_string(std::span<const Cut> path) {
  std::string text;
  for (const Cut& cut : path) {
    text += (text.empty() ? "" : "/") + to_string(cut);
  }
  return text;
}

std::optional<CutPath> parse_cuts(std::string_view text) {
  CutPath path;
  for (;;) {
    const size_t end = text.find('/');
    const auto cut = parse_cut(text.substr(0, end));
    if (!cut) {
      return std::nullopt;
    }
    path.push_back(*cut);
    if (end == std::string_view::npos) {
      return path;
    }
    text.remove_prefix(end + 1);
  }
}

void perform_cut(Contents& contents, const Operation& operation, const Cut& cut) {
  if (!fits(operation, cut)) {
    throw std::invalid_argument("the operation of the cut " + to_string(cut) +
                                " has no such state");
  }
  switch (cut.where) {
    case Where::kBefore:
      if (cut.index != 0) {
        program_first(contents, operation, cut.index);
      }
      break;
    case Where::kTorn:
      program_first(contents, operation, cut.index);
      program_bits(contents, operation, cut.index, static_cast<uint8_t>(cut.detail));
      break;
    case Where::kPage:
      program_page_partly(contents, operation, cut);
      break;
    case Where::kAfter:
      perform(contents, operation);
      break;
    default:
      erase_partly(contents, operation.address, cut);
  }
}

std::vector<Cut> cuts_of(uint32_t number, const Operation& operation, const Contents& before,
                         const CutChoice& choice) {
  if (operation.kind == Operation::Kind::kProgram) {
    return cuts_of_program(number, operation, before, choice);
  }
  std::vector<Cut> cuts;
  for (const Where where :
       {Where::kBefore, Where::kZeroed, Where::kFront, Where::kRear, Where::kAfter}) {
    cuts.push_back({number, where, 0, 0});
  }
  uint64_t random = choice.seed + number;
  for (uint32_t i = 0; i < choice.unstable; ++i) {
    cuts.push_back({number, Where::kUnstable, 0, static_cast<uint32_t>(next_random(random))});
  }
  return cuts;
}

}  // namespace flashstore::norsim
