#include "norsim/operation.h"

#include <array>
#include <charconv>

namespace flashstore::norsim {
namespace {

std::string hexadecimal(uint32_t number) {
  std::array<char, 8> digits{};
  return {digits.data(), std::to_chars(digits.begin(), digits.end(), number, 16).ptr};
}

}  // namespace

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
    return "erase 0x" + hexadecimal(entry.address);
  }
  std::string text = "program 0x" + hexadecimal(entry.address) + ":";
  for (size_t i = 0; i < entry.bytes.size() && i < kShown; ++i) {
    text += entry.bytes[i] < 0x10 ? " 0" : " ";
    text += hexadecimal(entry.bytes[i]);
  }
  if (entry.bytes.size() > kShown) {
    text += " ... (" + std::to_string(entry.bytes.size()) + " bytes)";
  }
  return text;
}

}  // namespace flashstore::norsim
