#include "common/arguments.h"

#include "host/numbers.h"

namespace flashstore::tools {

Option add_image(CommandLine& line, std::string& path) {
  return line.argument("IMG", path, "the image file; '-' is standard input").required();
}

Option add_size(CommandLine& line, const std::string& names, std::optional<uint32_t>& bytes,
                const std::string& help) {
  const auto take = [&bytes](const std::string& text) -> std::optional<std::string> {
    bytes = host::parse_number(text, true);
    if (!bytes) {
      return "'" + text + "' is no size: a number, K or M may follow";
    }
    return std::nullopt;
  };
  return line.option(names, "SIZE", take, help);
}

}  // namespace flashstore::tools
