#include "norsim/flash.h"

#include <utility>

#include "norsim/hexadecimal.h"

namespace flashstore::norsim {

Flash::Flash(Contents contents) : contents_(std::move(contents)) {
  reset_counters();
}

void Flash::reset_counters() {
  counters_ = {};
  counters_.sector_erases.resize(size() / kSectorBytes);
}

void Flash::require_range(const char* what, uint32_t address, size_t bytes) const {
  if (address > size() || bytes > size() - address) {
    throw Violation(Violation::Rule::kRange, std::string(what) + " of " + std::to_string(bytes) +
                                                 " bytes at " + hexadecimal(address) +
                                                 " of a chip of " + hexadecimal(size()));
  }
}

void Flash::require_budget() const {
  if (counters_.read_calls > budget_.read_calls || counters_.read_bytes > budget_.read_bytes ||
      counters_.program_bytes > budget_.program_bytes || counters_.erases > budget_.erases) {
    throw Violation(Violation::Rule::kBudget,
                    "more traffic than allowed: " + std::to_string(counters_.read_calls) +
                        " reads of " + std::to_string(counters_.read_bytes) + " bytes, " +
                        std::to_string(counters_.program_bytes) + " bytes programmed, " +
                        std::to_string(counters_.erases) + " erases");
  }
}

bool Flash::read(uint32_t address, std::span<uint8_t> into) {
  require_range("read", address, into.size());
  if (!has_power_) {
    return false;
  }
  ++counters_.read_calls;
  counters_.read_bytes += into.size();
  require_budget();
  contents_.read(address, into);
  return true;
}

bool Flash::program(uint32_t address, std::span<const uint8_t> bytes) {
  require_range("program", address, bytes.size());
  if (!has_power_) {
    return false;
  }
  for (size_t i = 0; i < bytes.size(); ++i) {
    const uint32_t at = address + static_cast<uint32_t>(i);
    // A bit that is not sure to read as 0 may be left as it is.
    if ((bytes[i] & ~contents_.at(at) & ~contents_.unstable_bits(at)) != 0) {
      throw Violation(Violation::Rule::kSetBit, "program of " + hexadecimal(bytes[i]) + " over " +
                                                    hexadecimal(contents_.at(at)) + " at " +
                                                    hexadecimal(at) +
                                                    " would turn bits from 0 to 1");
    }
  }
  ++counters_.program_calls;
  counters_.program_bytes += bytes.size();
  require_budget();
  return carry_out({.kind = Operation::Kind::kProgram, .address = address, .bytes = bytes});
}

bool Flash::erase(uint32_t address) {
  require_range("erase", address, kSectorBytes);
  if (address % kSectorBytes != 0) {
    throw Violation(Violation::Rule::kSector,
                    "erase at " + hexadecimal(address) + ", where no sector begins");
  }
  if (!has_power_) {
    return false;
  }
  ++counters_.erases;
  counters_.erases_of_blank += contents_.is_blank(address) ? 1 : 0;
  ++counters_.sector_erases[address / kSectorBytes];
  require_budget();
  return carry_out({.kind = Operation::Kind::kErase, .address = address, .bytes = {}});
}

bool Flash::carry_out(const Operation& operation) {
  const uint32_t number = operations_++;
  if (watcher_ != nullptr) {
    watcher_->before(number, operation, contents_);
  }
  if (cut_ && cut_->operation == number) {
    perform_cut(contents_, operation, *cut_);
    has_power_ = false;
    return false;
  }
  perform(contents_, operation);
  return true;
}

}  // namespace flashstore::norsim
