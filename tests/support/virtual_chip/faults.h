// What goes wrong, and when. Counts run over the whole life of the chip, power cycles included: a
// client that tries again meets the fault once.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "support/virtual_chip/protocol.h"

namespace flashstore::virtual_chip {

enum class FaultKind : uint8_t {
  kNak,        // the command is refused and not carried out
  kLoseReply,  // carried out, but no reply
  kSilence,    // nothing is carried out or answered until the next power cycle
};
const char* name(FaultKind kind);

struct CommandFault {
  FaultKind kind;
  Op op;
  uint32_t first;  // counted from 1
  uint32_t count;
};

struct Faults {
  std::vector<CommandFault> commands;
  std::optional<uint64_t> cut_at_byte;   // the power goes before this programmed byte, from 0
  std::optional<uint64_t> cut_at_erase;  // in this erase, from 0, half-way through the sector
  std::optional<uint32_t> weak_byte;     // the byte at this address is read with bit 0 turned
  uint32_t max_baud = UINT32_MAX;        // the line is noise above
};

// One fault, as on the command line: "nak=FLASH_DATA:2", "lose-reply=FLASH_DATA:2x3" (second to
// fourth), "silence=SYNC:1", "cut=BYTES", "cut-erase=COUNT", "weak=ADDRESS", "max-baud=RATE".
// Throws std::invalid_argument.
void add_fault(Faults& faults, const std::string& text);

// Counts the commands as they come.
class FaultCounter {
 public:
  explicit FaultCounter(std::vector<CommandFault> faults) : faults_(std::move(faults)) {}

  std::optional<FaultKind> next(Op op);

 private:
  std::vector<CommandFault> faults_;
  uint32_t seen_[256] = {};
};

}  // namespace flashstore::virtual_chip
