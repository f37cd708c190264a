// What the numbers in the headers of firmware images mean.
#include <algorithm>
#include <array>
#include <utility>

#include "image/firmware_header.h"
#include "partition/table.h"

namespace flashstore::image {
namespace {

struct ChipName {
  uint32_t chip;
  std::string_view name;
};

constexpr ChipName kChips[] = {{0, "esp32"},    {2, "esp32s2"},  {5, "esp32c3"},
                               {9, "esp32s3"},  {12, "esp32c2"}, {13, "esp32c6"},
                               {16, "esp32h2"}, {18, "esp32p4"}, {23, "esp32c5"}};

constexpr std::array<std::string_view, 4> kModes = {"qio", "qout", "dio", "dout"};

constexpr std::pair<uint8_t, std::string_view> kSpeeds[] = {
    {0x0, "40m"}, {0x1, "26m"}, {0x2, "20m"}, {0xF, "80m"}};

// Chips with other clocks count otherwise.
bool has_usual_speeds(const FirmwareHeader& header) {
  constexpr std::array<uint32_t, 4> kUsual = {0, 2, 5, 9};
  return header.format != FirmwareFormat::kEsp32 ||
         std::ranges::find(kUsual, header.chip) != kUsual.end();
}

uint32_t flash_bytes_of(FirmwareFormat format, uint8_t size) {
  constexpr uint8_t kSizesOfEsp32 = 8;
  if (format != FirmwareFormat::kEsp32) {
    return partition::flash_bytes_of_header(static_cast<uint8_t>(size << 4));
  }
  return size < kSizesOfEsp32 ? 0x100000u << size : 0;
}

}  // namespace

std::string_view name(FirmwareFormat format) {
  switch (format) {
    case FirmwareFormat::kEsp8266:
      return "ESP8266, version 1";
    case FirmwareFormat::kEsp8266V2:
      return "ESP8266, version 2";
    case FirmwareFormat::kEsp32:
      return "ESP32";
  }
  return "";
}

const char* name(FirmwareFlaw flaw) {
  switch (flaw) {
    case FirmwareFlaw::kNoImage:
      return "no-image";
    case FirmwareFlaw::kCutOff:
      return "cut-off";
    case FirmwareFlaw::kSegments:
      return "segments";
    case FirmwareFlaw::kLength:
      return "length";
    case FirmwareFlaw::kChecksum:
      return "checksum";
    case FirmwareFlaw::kDigest:
      return "digest";
  }
  return "";
}

std::string FirmwareHeader::chip_name() const {
  if (format != FirmwareFormat::kEsp32) {
    return "esp8266";
  }
  const auto found = std::ranges::find(kChips, chip, &ChipName::chip);
  return found != std::end(kChips) ? std::string(found->name)
                                   : "esp32-chip-" + std::to_string(chip);
}

uint32_t FirmwareHeader::flash_bytes() const {
  return flash_bytes_of(format, size);
}

std::string_view flash_mode_name(uint8_t mode) {
  return mode < kModes.size() ? kModes[mode] : "";
}

std::optional<uint8_t> flash_mode(std::string_view name) {
  const auto found = std::ranges::find(kModes, name);
  if (found == kModes.end()) {
    return std::nullopt;
  }
  return static_cast<uint8_t>(found - kModes.begin());
}

std::string_view flash_speed_name(const FirmwareHeader& header) {
  for (const auto& [number, name] : kSpeeds) {
    if (number == header.speed && has_usual_speeds(header)) {
      return name;
    }
  }
  return "";
}

std::optional<uint8_t> flash_speed(const FirmwareHeader& header, std::string_view name) {
  for (const auto& [number, its_name] : kSpeeds) {
    if (its_name == name && has_usual_speeds(header)) {
      return number;
    }
  }
  return std::nullopt;
}

std::optional<uint8_t> flash_size(FirmwareFormat format, uint32_t bytes) {
  for (uint8_t size = 0; size < 16; ++size) {
    if (bytes != 0 && flash_bytes_of(format, size) == bytes) {
      return size;
    }
  }
  return std::nullopt;
}

}  // namespace flashstore::image
