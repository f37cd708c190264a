#include "console.h"

#include <cerrno>
#include <cstdio>
#include <cstring>

#include "host/printable.h"
#include "options.h"

namespace flashstore::luac_cross {

void Console::say(const std::string& message) const {
  std::fprintf(stderr, "%s: %s\n", program_.c_str(), host::printable(message).c_str());
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
  std::fwrite(text.data(), 1, text.size(), stdout);
}

int Console::finish(int status) {
  errno = 0;
  if (std::fflush(stdout) == 0 && std::ferror(stdout) == 0) {
    return status;
  }
  const int reason = errno == 0 ? EIO : errno;
  std::clearerr(stdout);  // said once
  return error(std::string("cannot write stdout: ") + std::strerror(reason));
}

}  // namespace flashstore::luac_cross
