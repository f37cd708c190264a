#include "console.h"

#include <cerrno>
#include <cstdio>
#include <cstring>

#include "host/printable.h"
#include "options.h"

namespace flashstore::luac_cross {

int Console::error(const std::string& message) const {
  std::fprintf(stderr, "%s: %s\n", program_.c_str(), host::printable(message).c_str());
  return kFailed;
}

int Console::usage_error(const std::string& message) const {
  error(message);
  std::fputs(usage().c_str(), stderr);
  return kFailed;
}

void Console::warning(const std::string& message) const {
  error("warning: " + message);
}

void Console::note(const std::string& message) const {
  error("note: " + message);
}

void Console::result(std::string_view text) const {
  std::fwrite(text.data(), 1, text.size(), stdout);
}

int Console::finish(int status) const {
  errno = 0;
  if (std::fflush(stdout) == 0 && std::ferror(stdout) == 0) {
    return status;
  }
  const int reason = errno == 0 ? EIO : errno;
  std::clearerr(stdout);  // said once
  return error(std::string("cannot write stdout: ") + std::strerror(reason));
}

}  // namespace flashstore::luac_cross
