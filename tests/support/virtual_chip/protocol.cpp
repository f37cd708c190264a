#include "support/virtual_chip/protocol.h"

#include <algorithm>

namespace flashstore::virtual_chip {
namespace {

struct Command {
  Op op;
  std::string_view name;
  bool esp8266_rom;
  bool esp32_rom;
  bool stub;
};

constexpr Command kCommands[] = {
    {Op::kFlashBegin, "FLASH_BEGIN", true, true, true},
    {Op::kFlashData, "FLASH_DATA", true, true, true},
    {Op::kFlashEnd, "FLASH_END", true, true, true},
    {Op::kMemBegin, "MEM_BEGIN", true, true, true},
    {Op::kMemEnd, "MEM_END", true, true, true},
    {Op::kMemData, "MEM_DATA", true, true, true},
    {Op::kSync, "SYNC", true, true, true},
    {Op::kWriteReg, "WRITE_REG", true, true, true},
    {Op::kReadReg, "READ_REG", true, true, true},
    {Op::kSpiSetParams, "SPI_SET_PARAMS", false, true, true},
    {Op::kSpiAttach, "SPI_ATTACH", false, true, true},
    {Op::kReadFlashSlow, "READ_FLASH_SLOW", false, true, false},
    {Op::kChangeBaudrate, "CHANGE_BAUDRATE", false, true, true},
    {Op::kFlashDeflBegin, "FLASH_DEFL_BEGIN", false, true, true},
    {Op::kFlashDeflData, "FLASH_DEFL_DATA", false, true, true},
    {Op::kFlashDeflEnd, "FLASH_DEFL_END", false, true, true},
    {Op::kSpiFlashMd5, "SPI_FLASH_MD5", false, true, true},
    {Op::kEraseFlash, "ERASE_FLASH", false, false, true},
    {Op::kEraseRegion, "ERASE_REGION", false, false, true},
    {Op::kReadFlash, "READ_FLASH", false, false, true},
    {Op::kRunUserCode, "RUN_USER_CODE", false, false, true},
};

const Command* find(Op op) {
  const auto* found = std::ranges::find(kCommands, op, &Command::op);
  return found == std::end(kCommands) ? nullptr : found;
}

}  // namespace

const char* name(Mode mode) {
  switch (mode) {
    case Mode::kRom:
      return "rom";
    case Mode::kStub:
      return "stub";
    case Mode::kApp:
      return "app";
  }
  return "";
}

std::string_view name(Op op) {
  const Command* command = find(op);
  return command == nullptr ? "UNKNOWN" : command->name;
}

std::optional<Op> op_of(std::string_view name) {
  const auto* found = std::ranges::find(kCommands, name, &Command::name);
  return found == std::end(kCommands) ? std::nullopt : std::optional(found->op);
}

bool has_command(Op op, Kind kind, Mode mode) {
  const Command* command = find(op);
  if (command == nullptr) {
    return false;
  }
  if (mode == Mode::kStub) {
    return command->stub;
  }
  return kind == Kind::kEsp8266 ? command->esp8266_rom : command->esp32_rom;
}

uint8_t error_code(Refusal refusal, Mode mode) {
  const bool stub = mode == Mode::kStub;
  switch (refusal) {
    case Refusal::kNone:
      return 0;
    case Refusal::kUnknownCommand:
      return stub ? 0xFF : 0x05;
    case Refusal::kLength:
      return stub ? 0xC0 : 0x05;
    case Refusal::kChecksum:
      return stub ? 0xC1 : 0x07;
    case Refusal::kBlockSize:
      return stub ? 0xC2 : 0x06;
    case Refusal::kOutOfOrder:
    case Refusal::kInjected:
      return stub ? 0xC3 : 0x06;
    case Refusal::kOutOfRange:
      return stub ? 0xC4 : 0x08;
    case Refusal::kNotBegun:
      return stub ? 0xC6 : 0x06;
    case Refusal::kInflate:
      return stub ? 0xC7 : 0x0B;
    case Refusal::kTooShort:
      return stub ? 0xC8 : 0x06;
    case Refusal::kTooLong:
      return stub ? 0xC9 : 0x06;
  }
  return 0;
}

std::optional<Request> parse_request(std::span<const uint8_t> frame) {
  constexpr size_t kHeader = 8;
  if (frame.size() < kHeader || frame[0] != 0) {
    return std::nullopt;
  }
  const auto data = frame.subspan(kHeader);
  if (data.size() != (frame[2] | size_t{frame[3]} << 8)) {
    return std::nullopt;
  }
  return Request{static_cast<Op>(frame[1]), core::load_word(frame, 4), data};
}

bool is_sync(std::span<const uint8_t> frame) {
  constexpr uint8_t kStart[] = {0x07, 0x07, 0x12, 0x20};
  const auto request = parse_request(frame);
  return request && request->op == Op::kSync && request->data.size() == 36 &&
         std::ranges::equal(request->data.first(4), kStart) &&
         std::ranges::count(request->data.subspan(4), 0x55) == 32;
}

uint32_t checksum(std::span<const uint8_t> payload) {
  uint32_t sum = 0xEF;
  for (const uint8_t byte : payload) {
    sum ^= byte;
  }
  return sum;
}

}  // namespace flashstore::virtual_chip
