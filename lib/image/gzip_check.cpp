#include "image/gzip_check.h"

#include <algorithm>
#include <vector>

#include "core/inflate.h"
#include "luaflash/device_rules.h"

namespace flashstore::image {
namespace {

constexpr std::string_view kTooShort = "too-short";
constexpr std::string_view kOtherData = "other-data";

// Takes what is `expected`, up to the first byte that is not.
class Comparison final : public core::ByteSink {
 public:
  explicit Comparison(std::span<const uint8_t> expected) : rest_(expected) {}

  bool take(std::span<const uint8_t> piece) override {
    if (piece.size() > rest_.size() || !std::equal(piece.begin(), piece.end(), rest_.begin())) {
      return false;
    }
    rest_ = rest_.subspan(piece.size());
    return true;
  }

  bool complete() const { return rest_.empty(); }

 private:
  std::span<const uint8_t> rest_;
};

}  // namespace

std::optional<std::string_view> check_gzip(std::span<const uint8_t> file,
                                           std::span<const uint8_t> payload) {
  if (file.size() < luaflash::kMinFileBytes) {
    return kTooShort;
  }
  std::vector<uint8_t> window(luaflash::kMaxBackReference);
  core::InflateOptions options = luaflash::kDeviceRules;
  options.piece_bytes = luaflash::kMaxBackReference;
  core::SpanSource source(file);
  Comparison comparison(payload);
  const core::InflateResult result = core::Inflater(window).gunzip(source, comparison, options);
  if (result.ok()) {
    return comparison.complete() ? std::nullopt : std::optional(kOtherData);
  }
  return result.error == core::InflateError::kSinkStopped ? kOtherData : name(result.error);
}

}  // namespace flashstore::image
