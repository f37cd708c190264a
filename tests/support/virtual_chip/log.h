// What happened to the chip, one JSON object a line, for tests to hold clients against.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <ostream>
#include <string_view>
#include <variant>

namespace flashstore::virtual_chip {

class Log {
 public:
  struct Field {
    std::string_view name;
    std::variant<uint64_t, std::string_view> value;  // a text has nothing that JSON escapes
  };

  // The stream is the caller's and outlives the log; null: nothing is kept.
  explicit Log(std::ostream* stream) : stream_(stream) {}

  // {"event":"erase","address":4096}
  void write(std::string_view event, std::initializer_list<Field> fields = {});

 private:
  std::ostream* stream_;
};

}  // namespace flashstore::virtual_chip
