#include "image/gunzip.h"

#include <utility>

namespace flashstore::image {
namespace {

class Collector final : public core::ByteSink {
 public:
  bool take(std::span<const uint8_t> piece) override {
    bytes.insert(bytes.end(), piece.begin(), piece.end());
    return true;
  }
  std::vector<uint8_t> bytes;
};

}  // namespace

bool is_gzip(std::span<const uint8_t> file) {
  return file.size() >= 2 && file[0] == 0x1F && file[1] == 0x8B;
}

core::Result<std::vector<uint8_t>, core::InflateResult> gunzip(std::span<const uint8_t> file,
                                                               uint32_t max_bytes) {
  core::InflateOptions options;
  options.max_output = max_bytes;
  options.check_header_crc = false;  // devices do not
  std::vector<uint8_t> window(options.max_distance);
  core::SpanSource source(file);
  Collector payload;
  const core::InflateResult result = core::Inflater(window).gunzip(source, payload, options);
  if (!result.ok()) {
    return result;
  }
  return std::move(payload.bytes);
}

}  // namespace flashstore::image
