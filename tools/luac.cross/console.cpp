#include "console.h"

#include <cstdio>

#include "options.h"

namespace flashstore::luac_cross {

void Console::say(const std::string& message) const {
  console_.line(program_ + ": " + message);
}

int Console::error(const std::string& message) {
  say(message);
  errors_.push_back(message);
  return kFailed;
}

int Console::usage_error(const std::string& message) {
  error(message);
  std::fputs(usage().c_str(), stderr);
  return kFailed;
}

void Console::warning(const std::string& message) {
  say("warning: " + message);
  warnings_.push_back(message);
}

void Console::note(const std::string& message) const {
  say("note: " + message);
}

void Console::result(std::string_view text) const {
  console_.result(text);
}

int Console::finish(int status) {
  const auto problem = console_.flush();
  return problem ? error(*problem) : status;
}

}  // namespace flashstore::luac_cross
