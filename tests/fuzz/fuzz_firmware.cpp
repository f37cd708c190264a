// Any bytes as a firmware image: reading ends and stays inside, whatever lengths they tell; an
// image that is whole stays so when its header is changed, and becomes what it was when that is
// changed back. As almost no bytes are whole, they also become the content of an image that is.

#include <algorithm>
#include <cstdlib>
#include <vector>

#include "image/firmware.h"
#include "support/firmware_maker.h"

namespace {

using namespace flashstore;
using namespace flashstore::image;

void require(bool condition) {
  if (!condition) {
    std::abort();
  }
}

void check(std::span<const uint8_t> bytes) {
  const auto read = read_firmware_header(bytes);
  if (!read) {
    require(read.error().offset <= bytes.size());
    return;
  }
  FirmwareHeader header = read.value();
  require(header.bytes <= bytes.size());
  for (const FirmwareSegment& segment : header.segments) {
    require(segment.offset <= header.bytes && segment.bytes <= header.bytes - segment.offset);
  }
  std::vector<uint8_t> image(bytes.begin(), bytes.end());
  const HeaderChange was{header.mode, header.size, header.speed};
  const HeaderChange other{static_cast<uint8_t>(header.mode ^ 1),
                           static_cast<uint8_t>(header.size ^ 3),
                           static_cast<uint8_t>(header.speed ^ 0xF)};
  change_firmware_header(image, header, other);
  const auto changed = read_firmware_header(image);
  require(changed.ok() && changed.value().mode == other.mode &&
          changed.value().size == other.size && changed.value().speed == other.speed &&
          changed.value().bytes == header.bytes);
  change_firmware_header(image, header, was);
  // Two headers that were not alike are now: all else is as it was.
  if (header.format != FirmwareFormat::kEsp8266V2) {
    require(std::equal(image.begin(), image.end(), bytes.begin(), bytes.end()));
  }
  require(read_firmware_header(image).ok());
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::span<const uint8_t> bytes(data, size);
  check(bytes);
  read_firmware(bytes);
  std::vector<uint8_t> content(bytes.begin(), bytes.end());
  content.resize((content.size() + 3) / 4 * 4);
  const uint8_t mode = size == 0 ? 0 : data[0];
  const std::vector<test::MadeSegment> segments{{0x40100000, content}, {0x3FFE8000, {1, 2, 3, 4}}};
  check(test::esp8266_image(segments, mode));
  check(test::esp8266_version2_image(content, segments, mode));
  check(test::esp32_image(segments, mode, size % 2 != 0, mode));
  std::vector<uint8_t> file = test::esp8266_image(test::some_segments());
  file.resize(partition::kPageAddress, 0xFF);
  file.insert(file.end(), bytes.begin(), bytes.end());
  const auto firmware = read_firmware(file);
  require(firmware.ok());
  require(firmware.value().table.has_value() ==
          (firmware.value().page_problem.ok() && !bytes.empty()));
  return 0;
}
