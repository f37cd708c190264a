#include "common/arguments.h"

#include "host/numbers.h"

namespace flashstore::tools {

void add_image(CLI::App& app, std::string& path) {
  app.add_option("IMG", path, "the image file; '-' is standard input")->required()->type_name("");
}

CLI::Option* add_size(CLI::App& app, const std::string& name, std::optional<uint32_t>& bytes,
                      const std::string& help) {
  const auto take = [&bytes, name](const std::string& text) {
    bytes = host::parse_number(text, true);
    if (!bytes) {
      throw CLI::ValidationError(name, "'" + text + "' is no size: a number, K or M may follow");
    }
  };
  return app.add_option_function<std::string>(name, take, help)->type_name("SIZE");
}

}  // namespace flashstore::tools
