#include "host/json.h"

namespace flashstore::host {

std::string to_text(const Json& document) {
  return document.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

}  // namespace flashstore::host
