#include "norsim/operation.h"

#include "norsim/hexadecimal.h"

namespace flashstore::norsim {

void perform(Contents& contents, const Operation& operation) {
  if (operation.kind == Operation::Kind::kErase) {
    contents.erase(operation.address);
  } else {
    contents.program(operation.address, operation.bytes);
  }
}

void OperationLog::before(uint32_t, const Operation& operation, const Contents&) {
  entries_.push_back({.kind = operation.kind,
                      .address = operation.address,
                      .bytes = {operation.bytes.begin(), operation.bytes.end()}});
}

std::string to_string(const OperationLog::Entry& entry) {
  constexpr size_t kShown = 16;
  if (entry.kind == Operation::Kind::kErase) {
    return "erase " + hexadecimal(entry.address);
  }
  std::string text = "program " + hexadecimal(entry.address) + ":";
  for (size_t i = 0; i < entry.bytes.size() && i < kShown; ++i) {
    constexpr const char* kDigits = "0123456789abcdef";
    text += {' ', kDigits[entry.bytes[i] >> 4], kDigits[entry.bytes[i] & 0xF]};
  }
  if (entry.bytes.size() > kShown) {
    text += " ... (" + std::to_string(entry.bytes.size()) + " bytes)";
  }
  return text;
}

}  // namespace flashstore::norsim
