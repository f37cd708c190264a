#include "depfile.h"

#include <string_view>

namespace flashstore::luac_cross {
namespace {

// make's own escapes; a name with a newline cannot be written at all. A target's % would make a
// pattern.
std::string escaped(std::string_view name, bool is_target) {
  std::string text;
  for (size_t i = 0; i < name.size(); ++i) {
    const char c = name[i];
    if (c == '\\') {
      // Only before what it would escape does a backslash need one itself.
      const bool escapes = i + 1 < name.size() &&
                           std::string_view(" #:%").find(name[i + 1]) != std::string_view::npos;
      text += escapes ? "\\" : "";
    } else if (c == ' ' || c == '#' || c == ':' || (c == '%' && is_target)) {
      text += '\\';
    } else if (c == '$') {
      text += '$';
    }
    text += c;
  }
  return text;
}

}  // namespace

std::string make_rule(const Options& options) {
  std::string rule = escaped(options.output, true) + ":";
  std::string phony;  // so that make goes on when an input is gone
  for (const std::string& input : input_files(options)) {
    if (input != "-" && input.find('\n') == std::string::npos) {
      rule += " \\\n  " + escaped(input, false);
      phony += "\n" + escaped(input, true) + ":\n";
    }
  }
  return rule + "\n" + phony;
}

}  // namespace flashstore::luac_cross
