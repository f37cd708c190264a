#include "support/virtual_chip/log.h"

namespace flashstore::virtual_chip {

void Log::write(std::string_view event, std::initializer_list<Field> fields) {
  if (stream_ == nullptr) {
    return;
  }
  *stream_ << "{\"event\":\"" << event << '"';
  for (const Field& field : fields) {
    *stream_ << ",\"" << field.name << "\":";
    if (const auto* number = std::get_if<uint64_t>(&field.value)) {
      *stream_ << *number;
    } else {
      *stream_ << '"' << std::get<std::string_view>(field.value) << '"';
    }
  }
  *stream_ << "}\n" << std::flush;
}

}  // namespace flashstore::virtual_chip
