// Options that tools share. What an option cannot take is a usage error.
#pragma once

#include <CLI/CLI.hpp>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace flashstore::tools {

// The image to look into, "-" is standard input.
void add_image(CLI::App& app, std::string& path);

// A number of bytes, K and M allowed.
CLI::Option* add_size(CLI::App& app, const std::string& name, std::optional<uint32_t>& bytes,
                      const std::string& help);

// One of the names in `table`, of pairs of name and value.
template <class Table, class Value>
CLI::Option* add_choice(CLI::App& app, const std::string& name, const Table& table, Value& value,
                        const std::string& help) {
  std::string choices;
  for (const auto& [key, named] : table) {
    choices += (choices.empty() ? "" : ", ") + std::string(key);
  }
  const auto take = [&value, &table, name, choices](const std::string& text) {
    for (const auto& [key, named] : table) {
      if (text == key) {
        value = named;
        return;
      }
    }
    throw CLI::ValidationError(name, "'" + text + "' is none of " + choices);
  };
  return app.add_option_function<std::string>(name, take, help + ": " + choices);
}

}  // namespace flashstore::tools
