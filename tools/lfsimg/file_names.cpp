#include "file_names.h"

#include <algorithm>
#include <string_view>

#include "host/printable.h"

namespace flashstore::lfsimg {
namespace {

constexpr size_t kMaxNameBytes = 200;  // file systems take 255; a number and an extension follow

constexpr std::string_view kHarmless = "_+,=@()";
constexpr std::string_view kHarmlessInside =
    "-. ~";  // first, they mean something to a shell or tool

bool is_harmless(char c, bool is_first) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
         kHarmless.find(c) != std::string_view::npos ||
         (!is_first && kHarmlessInside.find(c) != std::string_view::npos);
}

std::string encoded(const std::string& module) {
  constexpr char kDigits[] = "0123456789ABCDEF";
  const bool is_text = module.size() <= kMaxNameBytes && host::printable(module) == module;
  std::string name;
  for (const char c : module) {
    const auto byte = static_cast<unsigned char>(c);
    if (is_harmless(c, name.empty()) || (byte >= 0x80 && is_text)) {
      name += c;
    } else {
      name += {'%', kDigits[byte >> 4], kDigits[byte & 15]};
    }
    if (name.size() >= kMaxNameBytes) {
      break;
    }
  }
  return name.empty() ? "%" : name;
}

std::string lower_case(std::string text) {
  std::transform(text.begin(), text.end(), text.begin(),
                 [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
  return text;
}

}  // namespace

std::string FileNames::next(const std::string& module) {
  const std::string name = encoded(module);
  std::string file = name + extension_;
  for (int number = 2; !given_.insert(lower_case(file)).second; ++number) {
    file = name + "." + std::to_string(number) + extension_;
  }
  return file;
}

}  // namespace flashstore::lfsimg
