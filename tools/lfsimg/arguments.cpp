#include "arguments.h"

#include "host/numbers.h"
#include "luaflash/format.h"

namespace flashstore::lfsimg {

CLI::Option* add_address(CLI::App& app, const std::string& name, std::optional<uint32_t>& address,
                         const std::string& help) {
  const auto take = [&address, name](const std::string& text) {
    constexpr uint32_t kLow = luaflash::kMinAbsoluteBase;
    constexpr uint32_t kHigh = kLow + luaflash::kFlashWindowBytes;
    address = host::parse_number(text, false);
    if (!address || *address < kLow || *address > kHigh || *address % luaflash::kWordBytes != 0) {
      throw CLI::ValidationError(name, "'" + text + "' must be a multiple of 4 from " +
                                           host::hex(kLow) + " to " + host::hex(kHigh));
    }
  };
  return app.add_option_function<std::string>(name, take, help)->type_name("ADDR");
}

}  // namespace flashstore::lfsimg
