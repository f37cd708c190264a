#include "support/virtual_chip/faults.h"

#include <stdexcept>
#include <utility>

#include "host/numbers.h"

namespace flashstore::virtual_chip {
namespace {

uint32_t number(std::string_view text, const std::string& fault) {
  const auto value = host::parse_number(text, true);
  if (!value) {
    throw std::invalid_argument("fault '" + fault + "': '" + std::string(text) +
                                "' is not a number");
  }
  return *value;
}

// "FLASH_DATA:2x3"
CommandFault parse_command(FaultKind kind, std::string_view text, const std::string& fault) {
  const size_t colon = text.find(':');
  const auto op = op_of(text.substr(0, colon));
  if (!op || colon == text.npos) {
    throw std::invalid_argument("fault '" + fault + "': not as in " + name(kind) +
                                "=FLASH_DATA:2 or " + name(kind) + "=FLASH_DATA:2x3");
  }
  const std::string_view when = text.substr(colon + 1);
  const size_t times = when.find('x');
  return {kind, *op, number(when.substr(0, times), fault),
          times == when.npos ? 1 : number(when.substr(times + 1), fault)};
}

}  // namespace

const char* name(FaultKind kind) {
  switch (kind) {
    case FaultKind::kNak:
      return "nak";
    case FaultKind::kLoseReply:
      return "lose-reply";
    case FaultKind::kSilence:
      return "silence";
  }
  return "";
}

void add_fault(Faults& faults, const std::string& text) {
  const size_t equals = text.find('=');
  const std::string what = text.substr(0, equals);
  const std::string value = equals == text.npos ? "" : text.substr(equals + 1);
  for (const FaultKind kind : {FaultKind::kNak, FaultKind::kLoseReply, FaultKind::kSilence}) {
    if (what == name(kind)) {
      faults.commands.push_back(parse_command(kind, value, text));
      return;
    }
  }
  if (what == "cut") {
    faults.cut_at_byte = number(value, text);
  } else if (what == "cut-erase") {
    faults.cut_at_erase = number(value, text);
  } else if (what == "weak") {
    faults.weak_byte = number(value, text);
  } else if (what == "max-baud") {
    faults.max_baud = number(value, text);
  } else {
    throw std::invalid_argument("fault '" + text + "': unknown");
  }
}

std::optional<FaultKind> FaultCounter::next(Op op) {
  const uint32_t count = ++seen_[static_cast<uint8_t>(op)];
  for (const CommandFault& fault : faults_) {
    if (fault.op == op && count >= fault.first && count - fault.first < fault.count) {
      return fault.kind;
    }
  }
  return std::nullopt;
}

}  // namespace flashstore::virtual_chip
