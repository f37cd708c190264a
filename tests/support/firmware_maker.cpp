#include "support/firmware_maker.h"

#include <sha256.h>
#include <zlib.h>

namespace flashstore::test {
namespace {

void append(FirmwareBytes& image, uint32_t value, int bytes) {
  for (int i = 0; i < bytes; ++i) {
    image.push_back(static_cast<uint8_t>(value >> (8 * i)));
  }
}

void append(FirmwareBytes& image, const FirmwareBytes& bytes) {
  image.insert(image.end(), bytes.begin(), bytes.end());
}

void append_header(FirmwareBytes& image, uint8_t magic, size_t segments, uint8_t mode,
                   uint8_t size_and_speed) {
  append(image, {magic, static_cast<uint8_t>(segments), mode, size_and_speed});
  append(image, 0x40100004, 4);
}

void append_segments(FirmwareBytes& image, const std::vector<MadeSegment>& segments) {
  uint8_t sum = 0xEF;
  for (const MadeSegment& segment : segments) {
    append(image, segment.address, 4);
    append(image, static_cast<uint32_t>(segment.bytes.size()), 4);
    append(image, segment.bytes);
    for (const uint8_t byte : segment.bytes) {
      sum ^= byte;
    }
  }
  while (image.size() % 16 != 15) {
    image.push_back(0);
  }
  image.push_back(sum);
}

}  // namespace

std::vector<MadeSegment> some_segments() {
  FirmwareBytes code(100);
  for (size_t i = 0; i < code.size(); ++i) {
    code[i] = static_cast<uint8_t>(i * 7 + 1);
  }
  return {{0x40100000, code}, {0x3FFE8000, {1, 2, 3, 4, 5, 6, 7, 8}}};
}

FirmwareBytes esp8266_image(const std::vector<MadeSegment>& segments, uint8_t mode,
                            uint8_t size_and_speed) {
  FirmwareBytes image;
  append_header(image, 0xE9, segments.size(), mode, size_and_speed);
  append_segments(image, segments);
  return image;
}

FirmwareBytes esp8266_version2_image(const FirmwareBytes& text,
                                     const std::vector<MadeSegment>& segments, uint8_t mode,
                                     uint8_t size_and_speed) {
  FirmwareBytes image;
  append_header(image, 0xEA, 4, mode, size_and_speed);
  append(image, 0, 4);
  append(image, static_cast<uint32_t>((text.size() + 15) / 16 * 16), 4);
  append(image, text);
  image.resize((image.size() + 15) / 16 * 16);
  append_header(image, 0xE9, segments.size(), mode, size_and_speed);
  append_segments(image, segments);
  const auto crc = static_cast<uint32_t>(crc32(0, image.data(), static_cast<uInt>(image.size())));
  append(image, (crc & 0x80000000) != 0 ? ~crc : crc + 1, 4);
  return image;
}

FirmwareBytes esp32_image(const std::vector<MadeSegment>& segments, uint16_t chip, bool with_digest,
                          uint8_t mode, uint8_t size_and_speed) {
  FirmwareBytes image;
  append_header(image, 0xE9, segments.size(), mode, size_and_speed);
  append(image, {0xEE, 0, 0, 0});
  append(image, chip, 2);
  append(image, FirmwareBytes(9));
  image.push_back(with_digest ? 1 : 0);
  append_segments(image, segments);
  if (with_digest) {
    FirmwareBytes digest(SHA256_DIGEST_LENGTH);
    SHA2_CTX context;
    SHA256Init(&context);
    SHA256Update(&context, image.data(), image.size());
    SHA256Final(digest.data(), &context);
    append(image, digest);
  }
  return image;
}

FirmwareBytes nodemcu_firmware(const std::vector<uint32_t>& words, uint32_t end,
                               uint8_t size_and_speed) {
  FirmwareBytes file = esp8266_image(some_segments(), 2, size_and_speed);
  file.resize(0x10000, 0xFF);
  for (const uint32_t word : words) {
    append(file, word, 4);
  }
  file.resize(0x11000, 0xFF);
  file.resize(end - 0x40200000, 0x5A);
  return file;
}

std::vector<uint32_t> factory_words(uint32_t lfs_bytes, uint32_t spiffs_bytes, uint32_t end) {
  return {0x118,        101, 0,       0xB000, 4,   0xD000, 0x1000,    5,   0xF000,
          0x1000,       102, 0x10000, 0,      103, 0,      lfs_bytes, 106, 0,
          spiffs_bytes, 6,   0,       0x3000, 0,   end,    0};
}

}  // namespace flashstore::test
