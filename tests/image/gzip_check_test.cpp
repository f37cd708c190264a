#include "image/gzip_check.h"

#include <gtest/gtest.h>
#include <zlib.h>

#include <stdexcept>

#include "image/gzip_payloads.h"
#include "support/files.h"

namespace flashstore::image {
namespace {

constexpr int kGzip = 16;  // zlib: added to the window bits

// A gzip file of a compressor that knows nothing of devices.
std::string zipped(const std::string& payload, int window_bits, int strategy = Z_DEFAULT_STRATEGY) {
  z_stream stream{};
  if (deflateInit2(&stream, 9, Z_DEFLATED, window_bits + kGzip, 8, strategy) != Z_OK) {
    throw std::runtime_error("no memory for zlib");
  }
  std::string file(deflateBound(&stream, payload.size()), '\0');
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(payload.data()));
  stream.avail_in = static_cast<uInt>(payload.size());
  stream.next_out = reinterpret_cast<Bytef*>(file.data());
  stream.avail_out = static_cast<uInt>(file.size());
  deflate(&stream, Z_FINISH);
  file.resize(stream.total_out);
  deflateEnd(&stream);
  return file;
}

std::string checked(const std::string& file, const std::string& payload) {
  return std::string(
      check_gzip(test::as_bytes(file), test::as_bytes(payload)).value_or("accepted"));
}

TEST(GzipCheck, AcceptsWhatADeviceReads) {
  const std::string payload = test::repeating_at(16000);
  EXPECT_EQ(checked(zipped(payload, 14), payload), "accepted");
  EXPECT_LT(zipped(payload, 14).size(), 17000u);
}

TEST(GzipCheck, RefusesMatchesBeyondTheWindow) {
  const std::string payload = test::repeating_at(16385);
  EXPECT_EQ(checked(zipped(payload, 15), payload), "distance-beyond-window");
}

TEST(GzipCheck, RefusesMatchesOfTheFirstByte) {
  const std::string payload = std::string(2000, 'x') + test::random_text(1000);
  EXPECT_EQ(checked(zipped(payload, 14, Z_RLE), payload), "match-of-first-byte");
}

TEST(GzipCheck, RefusesOtherData) {
  const std::string payload = test::random_text(20000);
  const std::string file = zipped(payload, 14);
  std::string other = payload;
  other[19999] ^= 1;
  EXPECT_EQ(checked(file, other), "other-data");
  EXPECT_EQ(checked(file, payload + 'x'), "other-data");
  EXPECT_EQ(checked(file, payload.substr(0, 19999)), "other-data");
  EXPECT_EQ(checked(file, ""), "other-data");
}

TEST(GzipCheck, RefusesWhatIsNotExactlyOneMember) {
  const std::string payload = test::random_text(1000);
  const std::string file = zipped(payload, 14);
  EXPECT_EQ(checked(file + file, payload), "second-member");
  EXPECT_EQ(checked(file + 'x', payload), "trailing-data");
  EXPECT_EQ(checked(file.substr(0, file.size() - 1), payload), "truncated");
  std::string damaged = file;
  damaged[file.size() - 5] ^= 1;
  EXPECT_EQ(checked(damaged, payload), "data-checksum");
}

TEST(GzipCheck, RefusesFilesDevicesDoNotEvenOpen) {
  const std::string payload(400, 'x');
  EXPECT_EQ(checked(zipped(payload, 14), payload), "too-short");
}

}  // namespace
}  // namespace flashstore::image
