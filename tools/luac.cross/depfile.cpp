#include "depfile.h"

#include <string_view>

#include "host/files.h"

namespace flashstore::luac_cross {
namespace {

// make's own escapes; a name with a newline cannot be written at all and is left out.
std::string escaped(std::string_view name) {
  std::string text;
  for (const char c : name) {
    if (c == ' ' || c == '#' || c == '\\') {
      text += '\\';
    } else if (c == '$') {
      text += '$';
    }
    text += c;
  }
  return text;
}

}  // namespace

int write_depfile(const Options& options, Console& console) {
  std::string rule = escaped(options.output) + ":";
  std::string phony;  // so that make goes on when an input is gone
  for (const std::string& input : input_files(options)) {
    if (input != "-" && input.find('\n') == std::string::npos) {
      rule += " \\\n  " + escaped(input);
      phony += "\n" + escaped(input) + ":\n";
    }
  }
  rule += "\n" + phony;
  const auto failed = host::write_file(
      *options.depfile, {reinterpret_cast<const uint8_t*>(rule.data()), rule.size()});
  return failed ? console.error(failed->message) : kOk;
}

}  // namespace flashstore::luac_cross
