// The images chips boot from, as files: what their headers tell, whether they are whole, and the
// few bytes of a header that change with the flash they go to (partition/FORMAT.md, "Firmware
// images").
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/result.h"
#include "partition/firmware_format.h"

namespace flashstore::image {

enum class FirmwareFormat : uint8_t {
  kEsp8266,    // version 1: what the mask ROM loads
  kEsp8266V2,  // version 2: what a second boot loader starts
  kEsp32,      // boot loader or application of an ESP32 or one of its successors
};

// "ESP8266, version 1", ...
std::string_view name(FirmwareFormat format);

struct FirmwareSegment {
  uint32_t address = 0;  // where it goes to; 0: stays in flash
  uint32_t offset = 0;   // of its bytes in the image
  uint32_t bytes = 0;
};

struct FirmwareHeader {
  FirmwareFormat format = FirmwareFormat::kEsp8266;
  uint32_t chip = 0;  // of kEsp32: which, by ESP-IDF's numbers
  uint32_t entry = 0;
  // As numbers of the header; names below.
  uint8_t mode = 0;
  uint8_t size = 0;
  uint8_t speed = 0;
  std::vector<FirmwareSegment> segments;
  uint32_t bytes = 0;       // of the image: its checksum and digest included
  bool has_digest = false;  // behind the checksum: of kEsp32 a SHA-256, of kEsp8266V2 a CRC-32

  // "esp8266", "esp32", "esp32s3", ...; one of a chip we do not know is "esp32-chip-77".
  std::string chip_name() const;
  // Of the flash the header tells of; 0: none we know.
  uint32_t flash_bytes() const;
};

// "qio", "dio", ...; empty: none we know.
std::string_view flash_mode_name(uint8_t mode);
std::optional<uint8_t> flash_mode(std::string_view name);
// "40m", "80m", ...; empty: none we know. Chips since the ESP32-C2 have other ones: none.
std::string_view flash_speed_name(const FirmwareHeader& header);
std::optional<uint8_t> flash_speed(const FirmwareHeader& header, std::string_view name);
// The number a header has for so much flash; nullopt: it has none.
std::optional<uint8_t> flash_size(FirmwareFormat format, uint32_t bytes);

enum class FirmwareFlaw : uint8_t {
  kNoImage,   // it begins with something else
  kCutOff,    // its bytes end within it
  kSegments,  // none, or more than any image has
  kLength,    // a segment is no whole words
  kChecksum,
  kDigest,
};

// A short name for it, for messages and tests: "no-image", "cut-off", ...
const char* name(FirmwareFlaw flaw);

struct FirmwareProblem {
  FirmwareFlaw flaw = FirmwareFlaw::kNoImage;
  uint32_t offset = 0;  // of what is at fault, in the image
};

// The image `bytes` begin with; anything may follow. An image of an ESP8266 and one of an ESP32
// begin alike: it is what it is whole as; if it is neither, what is wrong is told of the likelier.
core::Result<FirmwareHeader, FirmwareProblem> read_firmware_header(std::span<const uint8_t> bytes);

// What is to be different, as numbers of the header.
struct HeaderChange {
  std::optional<uint8_t> mode = {};
  std::optional<uint8_t> size = {};
  std::optional<uint8_t> speed = {};
};

// Changes the header of a whole image, and its digest with it. `image` is what read_firmware_header
// made `header` of, which is changed too.
void change_firmware_header(std::span<uint8_t> image, FirmwareHeader& header,
                            const HeaderChange& change);

}  // namespace flashstore::image
