#include "kinds.h"

#include <algorithm>
#include <cctype>

#include "host/json.h"

namespace flashstore::lfsimg {

std::string id(image::Kind kind) {
  std::string text = name(kind);
  std::transform(text.begin(), text.end(), text.begin(), [](unsigned char c) {
    return c == ' ' ? '_' : static_cast<char>(std::tolower(c));
  });
  return text;
}

host::Json to_json(const image::KindBytes& bytes, bool all) {
  host::Json json = host::Json::object();
  for (size_t i = 0; i < image::kKinds; ++i) {
    if (all || bytes[i] != 0) {
      json[id(kind_at(i))] = bytes[i];
    }
  }
  return json;
}

}  // namespace flashstore::lfsimg
