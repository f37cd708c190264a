#include "arguments.h"

#include "host/numbers.h"
#include "luaflash/format.h"

namespace flashstore::lfsimg {

tools::Option add_address(tools::CommandLine& line, const std::string& names,
                          std::optional<uint32_t>& address, const std::string& help) {
  const auto take = [&address](const std::string& text) -> std::optional<std::string> {
    constexpr uint32_t kLow = luaflash::kMinAbsoluteBase;
    constexpr uint32_t kHigh = kLow + luaflash::kFlashWindowBytes;
    address = host::parse_number(text, false);
    if (!address || *address < kLow || *address > kHigh || *address % luaflash::kWordBytes != 0) {
      return "'" + text + "' must be a multiple of 4 from " + host::hex(kLow) + " to " +
             host::hex(kHigh);
    }
    return std::nullopt;
  };
  return line.option(names, "ADDR", take, help);
}

}  // namespace flashstore::lfsimg
