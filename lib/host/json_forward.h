// For headers that only name Json: json.h takes longer to compile than most files that include it.
#pragma once

#include <nlohmann/json_fwd.hpp>

namespace flashstore::host {

using Json = nlohmann::ordered_json;

}  // namespace flashstore::host
