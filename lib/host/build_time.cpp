#include "host/build_time.h"

#include <charconv>
#include <cstdlib>
#include <ctime>
#include <string_view>

namespace flashstore::host {

core::Result<uint32_t, TimeError> build_time() {
  const char* epoch = std::getenv("SOURCE_DATE_EPOCH");
  if (epoch == nullptr) {
    return static_cast<uint32_t>(std::time(nullptr));
  }
  const std::string_view text(epoch);
  uint32_t seconds = 0;
  const auto [rest, error] = std::from_chars(text.data(), text.data() + text.size(), seconds);
  if (error != std::errc() || rest != text.data() + text.size()) {
    return TimeError{"SOURCE_DATE_EPOCH '" + std::string(text) +
                     "' is not a number of seconds from 0 to 4294967295"};
  }
  return seconds;
}

}  // namespace flashstore::host
