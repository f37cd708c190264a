// Small images damaged in every place: the verdict is zlib's.
#include <gtest/gtest.h>

#include "core/gunzip_both.h"
#include "support/files.h"

namespace flashstore::core {
namespace {

using test::as_bytes;
using test::difference;
using test::gunzip_ours;
using test::gunzip_zlib;
using test::Inflated;

class InflateDamage : public testing::TestWithParam<const char*> {
 protected:
  // Compares by the letter of the RFC, then that a device's rules only take away, and that the
  // verdict does not depend on how the file is read.
  static std::string judge(const std::string& file) {
    const auto bytes = as_bytes(file);
    const test::ZlibVerdict zlib = gunzip_zlib(bytes);
    const Inflated whole = gunzip_ours(bytes);
    std::string found = difference(bytes, whole, zlib);
    if (!found.empty()) {
      return found;
    }
    const Inflated device = gunzip_ours(bytes, test::kDeviceRules, 1, 16384);
    if (device.result.ok() && !whole.result.ok() &&
        whole.result.error != InflateError::kHeaderChecksum) {
      return "accepted only by the rules of a device";
    }
    const Inflated pieces = gunzip_ours(bytes, {}, 3);
    if (pieces.result.error != whole.result.error ||
        pieces.result.input_offset != whole.result.input_offset ||
        pieces.result.output_bytes != whole.result.output_bytes || pieces.bytes != whole.bytes) {
      return "another verdict when read in pieces";
    }
    return "";
  }

  const std::string file_ = test::read_text(std::string(FLASHSTORE_TEST_DATA "/lfs/") + GetParam());
};

TEST_P(InflateDamage, AnyByteChanged) {
  // All bits of a little file; one bit and all at once in each byte of a larger one.
  const bool little = file_.size() < 500;
  for (size_t at = 0; at < file_.size(); ++at) {
    for (int change = 0x01; change <= 0xFF; change = change < 0x80 ? change * 2 : change + 0x7F) {
      if (!little && change != 0xFF && change != 1 << at % 8) {
        continue;
      }
      std::string damaged = file_;
      damaged[at] = static_cast<char>(damaged[at] ^ change);
      ASSERT_EQ(judge(damaged), "") << "byte " << at << " xor " << change;
    }
  }
}

TEST_P(InflateDamage, AnyLengthTruncated) {
  for (size_t size = 0; size < file_.size(); ++size) {
    const std::string damaged = file_.substr(0, size);
    ASSERT_EQ(judge(damaged), "") << size << " bytes left";
    const Inflated ours = gunzip_ours(as_bytes(damaged));
    ASSERT_EQ(ours.result.error, InflateError::kTruncated) << size << " bytes left";
    ASSERT_EQ(ours.result.input_offset, size);
  }
}

INSTANTIATE_TEST_SUITE_P(
    Images, InflateDamage,
    testing::Values("expected/img/stdin-empty.float.img", "expected/img/one-shebang.int.img",
                    "expected/img/app.float.img", "loader/ok-zlib-dynamic.bin"),
    [](const auto& test) {
      std::string name = test.param;
      name.erase(0, name.rfind('/') + 1);
      std::replace_if(
          name.begin(), name.end(), [](char c) { return !std::isalnum(c); }, '_');
      return name;
    });

}  // namespace
}  // namespace flashstore::core
