// The loader protocol's commands and errors, as Espressif's clients speak it to ESP8266 and ESP32.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include "core/bytes.h"

namespace flashstore::virtual_chip {

enum class Op : uint8_t {
  kFlashBegin = 0x02,
  kFlashData = 0x03,
  kFlashEnd = 0x04,
  kMemBegin = 0x05,
  kMemEnd = 0x06,
  kMemData = 0x07,
  kSync = 0x08,
  kWriteReg = 0x09,
  kReadReg = 0x0A,
  kSpiSetParams = 0x0B,
  kSpiAttach = 0x0D,
  kReadFlashSlow = 0x0E,
  kChangeBaudrate = 0x0F,
  kFlashDeflBegin = 0x10,
  kFlashDeflData = 0x11,
  kFlashDeflEnd = 0x12,
  kSpiFlashMd5 = 0x13,
  kEraseFlash = 0xD0,
  kEraseRegion = 0xD1,
  kReadFlash = 0xD2,
  kRunUserCode = 0xD3,
};

enum class Kind : uint8_t { kEsp8266, kEsp32 };

// Who answers: the loader in the chip's ROM, the one a client put into its RAM, or what is in
// flash.
enum class Mode : uint8_t { kRom, kStub, kApp };
const char* name(Mode mode);

// As in logs and faults: "FLASH_DATA". A code no one knows: "UNKNOWN".
std::string_view name(Op op);
std::optional<Op> op_of(std::string_view name);
bool has_command(Op op, Kind kind, Mode mode);

enum class Refusal : uint8_t {
  kNone,
  kUnknownCommand,
  kLength,
  kChecksum,
  kBlockSize,
  kOutOfOrder,
  kOutOfRange,
  kNotBegun,
  kInflate,
  kTooShort,
  kTooLong,
  kInjected,
};
// The error byte of a reply. 0: none.
uint8_t error_code(Refusal refusal, Mode mode);

struct Request {
  Op op;
  uint32_t check;
  std::span<const uint8_t> data;

  size_t words() const { return data.size() / 4; }
  uint32_t word(size_t index) const { return core::load_word(data, index * 4); }
};

// nullopt: the frame is no request.
std::optional<Request> parse_request(std::span<const uint8_t> frame);
bool is_sync(std::span<const uint8_t> frame);
uint32_t checksum(std::span<const uint8_t> payload);

}  // namespace flashstore::virtual_chip
