#include "host/console.h"

#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>

#include "host/printable.h"

namespace flashstore::host {
namespace {

constexpr std::string_view kBold = "\x1b[1m";
constexpr std::string_view kPlain = "\x1b[0m";

std::string_view colour_of(Severity severity) {
  switch (severity) {
    case Severity::kError:
      return "\x1b[1;31m";
    case Severity::kWarning:
      return "\x1b[1;35m";
    case Severity::kNote:
      return "\x1b[1;36m";
  }
  return kPlain;
}

bool is_set(const char* variable) {
  const char* value = std::getenv(variable);
  return value != nullptr && *value != '\0';
}

bool is_capable_terminal(int descriptor) {
  const char* terminal = std::getenv("TERM");
  return isatty(descriptor) == 1 && terminal != nullptr && std::strcmp(terminal, "dumb") != 0;
}

}  // namespace

std::string_view name(Severity severity) {
  switch (severity) {
    case Severity::kError:
      return "error";
    case Severity::kWarning:
      return "warning";
    case Severity::kNote:
      return "note";
  }
  return "";
}

bool wants_colour(ColourMode mode, int descriptor) {
  return mode == ColourMode::kAlways ||
         (mode == ColourMode::kAuto && !is_set("NO_COLOR") && is_capable_terminal(descriptor));
}

void Console::set_colour(ColourMode mode) {
  colour_ = wants_colour(mode, STDERR_FILENO);
}

void Console::line(std::string_view text) const {
  clear_progress();
  std::fprintf(stderr, "%s\n", printable(text).c_str());
}

void Console::say(std::string_view where, Severity severity, std::string_view text) const {
  std::string line;
  const auto add = [&](std::string_view colour, std::string_view part) {
    line += colour_ ? std::string(colour) + printable(part) + std::string(kPlain) : printable(part);
  };
  if (!where.empty()) {
    add(kBold, where);
    line += ": ";
  }
  add(colour_of(severity), std::string(name(severity)) + ":");
  clear_progress();
  std::fprintf(stderr, "%s %s\n", line.c_str(), printable(text).c_str());
}

void Console::progress(std::string_view text) const {
  if (is_capable_terminal(STDERR_FILENO)) {
    clear_progress();
    std::fprintf(stderr, "%s", printable(text).c_str());
    has_progress_ = true;
  }
}

void Console::clear_progress() const {
  if (has_progress_) {
    std::fputs("\r\x1b[K", stderr);
    has_progress_ = false;
  }
}

void Console::result(std::string_view text) const {
  clear_progress();
  std::fwrite(text.data(), 1, text.size(), stdout);
}

std::optional<std::string> Console::flush() const {
  errno = 0;
  if (std::fflush(stdout) == 0 && std::ferror(stdout) == 0) {
    return std::nullopt;
  }
  const int reason = errno == 0 ? EIO : errno;
  std::clearerr(stdout);  // said once
  return std::string("cannot write stdout: ") + std::strerror(reason);
}

}  // namespace flashstore::host
