// The images the original lilotafs made, and what is to be found in them (tests/data/lilotafs).
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace flashstore::test {

struct GoldenRecord {
  uint32_t offset = 0;
  uint16_t magic = 0;
  uint8_t status = 0;
  std::string name;
  uint32_t data_offset = 0;
  uint32_t length = 0;
  std::string sha256;
};

// An image the original packed and all its records.
struct GoldenImage {
  std::string file;
  std::vector<uint8_t> bytes;
  uint32_t head = 0;
  uint32_t tail = 0;
  std::vector<GoldenRecord> records;
};

// A state of a file: absent, or so many bytes with this digest.
struct GoldenState {
  bool absent = false;
  uint32_t length = 0;
  std::string sha256;
};

// An image the original left behind when power went, and the states each file may recover to.
struct CrashImage {
  std::string file;
  std::string cut;  // what was being done
  std::string kind;
  std::vector<uint8_t> bytes;
  std::map<std::string, std::vector<GoldenState>> acceptable;
};

std::vector<GoldenImage> golden_images();
std::vector<CrashImage> crash_images();

}  // namespace flashstore::test
