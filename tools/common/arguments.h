// Options that tools share. What an option cannot take is a usage error.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "common/command_line.h"

namespace flashstore::tools {

// The image to look into, "-" is standard input.
Option add_image(CommandLine& line, std::string& path);

// A number of bytes, K and M allowed.
Option add_size(CommandLine& line, const std::string& names, std::optional<uint32_t>& bytes,
                const std::string& help);

// One of the names in `table`, of pairs of name and value; it must outlive the parsing.
template <class Table, class Value>
Option add_choice(CommandLine& line, const std::string& names, const std::string& type,
                  const Table& table, Value& value, const std::string& help) {
  std::string choices;
  for (const auto& [key, named] : table) {
    choices += (choices.empty() ? "" : ", ") + std::string(key);
  }
  const auto take = [&value, &table,
                     choices](const std::string& text) -> std::optional<std::string> {
    for (const auto& [key, named] : table) {
      if (text == key) {
        value = named;
        return std::nullopt;
      }
    }
    return "'" + text + "' is none of " + choices;
  };
  return line.option(names, type, take, help + ": " + choices);
}

}  // namespace flashstore::tools
