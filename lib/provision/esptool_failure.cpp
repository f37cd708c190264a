#include "provision/esptool_failure.h"

#include <cctype>
#include <cstring>
#include <string_view>

namespace flashstore::provision {
namespace {

struct Known {
  std::string_view text;  // that esptool says
  const char* id;
  const char* message;
  const char* hint;
  bool may_pass;
  host::ExitStatus status;
};

// The first one that is found holds.
constexpr Known kKnown[] = {
    {"exclusively lock port", "port-busy", "something else uses the port", "end it", false,
     host::kEnvironment},
    {"[Errno 16]", "port-busy", "something else uses the port", "end it", false,
     host::kEnvironment},
    {"[Errno 13]", "port-denied", "the port may not be used",
     "join the group that owns it: ls -l tells which", false, host::kEnvironment},
    {"Permission denied", "port-denied", "the port may not be used",
     "join the group that owns it: ls -l tells which", false, host::kEnvironment},
    {"Could not open", "port-missing", "the port cannot be opened",
     "look whether the board is plugged in, and where", false, host::kEnvironment},
    {"No such file or directory", "port-missing", "there is no such port",
     "look whether the board is plugged in, and where", false, host::kEnvironment},
    {"Active security features", "secured-device", "the chip encrypts its flash or boots securely",
     "Espressif's own tools are for such chips", false, host::kNo},
    {"Secure Boot", "secured-device", "the chip boots securely",
     "Espressif's own tools are for such chips", false, host::kNo},
    {"Wrong --chip argument", "wrong-chip", "the chip is another one than the plan is for", "",
     false, host::kNo},
    {"Wrong chip argument", "wrong-chip", "the chip is another one than the plan is for", "", false,
     host::kNo},
    {"Unable to verify flash chip connection", "line-too-fast",
     "the line does not carry so many bauds", "", true, host::kNo},
    {"Failed to connect", "no-sync", "no chip answers",
     "look at cable, power, and whether the board goes into its loader by itself", true, host::kNo},
    {"will not fit in", "past-end", "the flash of the device is smaller than the plan is for", "",
     false, host::kNo},
    {"MD5 of file does not match", "write-digest", "the flash does not hold what was written", "",
     true, host::kNo},
    {"Verify failed", "verify-failed", "the flash does not hold what it should", "", false,
     host::kNo},
    {"Verification failed", "verify-failed", "the flash does not hold what it should", "", false,
     host::kNo},
    {"Failed to write", "write-refused", "the chip refused to write", "", true, host::kNo},
    {"chip stopped responding", "line-failed", "the chip stopped to answer", "", true, host::kNo},
    {"No more data to read", "line-failed", "the chip stopped to answer", "", true, host::kNo},
    {"No serial data received", "line-failed", "the chip stopped to answer", "", true, host::kNo},
    {"Serial data stream stopped", "line-failed", "the chip stopped to answer", "", true,
     host::kNo},
    {"unrecognized arguments", "esptool-refused", "esptool does not know these options",
     "4.x or 5.x is wanted", false, host::kEnvironment},
    {"No such command", "esptool-refused", "esptool does not know this command",
     "4.x or 5.x is wanted", false, host::kEnvironment},
    {"A fatal error occurred", "esptool-failed", "esptool failed", "", true, host::kNo},
    {"error:", "esptool-refused", "esptool refused its arguments", "4.x or 5.x is wanted", false,
     host::kEnvironment},
};

// What esptool itself calls the reason: one line, without colours.
std::string said(const std::string& output) {
  constexpr std::string_view kMark = "A fatal error occurred: ";
  const size_t at = output.rfind(kMark);
  if (at == std::string::npos) {
    return "";
  }
  const size_t begin = at + kMark.size();
  std::string line = output.substr(begin, output.find('\n', begin) - begin);
  line.resize(std::min(line.size(), line.find('\x1b')));
  while (!line.empty() && std::isspace(static_cast<unsigned char>(line.back()))) {
    line.pop_back();
  }
  return line;
}

EsptoolFailure failure(host::ExitStatus status, const std::string& port, std::string id,
                       std::string message, bool may_pass) {
  return {{status, {.id = std::move(id), .message = std::move(message), .file = port}}, may_pass};
}

}  // namespace

EsptoolFailure failure_of(const host::ChildResult& run, const std::string& port) {
  switch (run.end) {
    case host::ChildEnd::kTimedOut:
      return failure(host::kNo, port, "timeout", "esptool did not end in time", true);
    case host::ChildEnd::kInterrupted:
      return failure(host::kNo, port, "interrupted", "interrupted", false);
    case host::ChildEnd::kSignalled:
      return failure(host::kEnvironment, port, "esptool-crashed",
                     "esptool was ended by signal " + std::to_string(run.status), true);
    case host::ChildEnd::kNotStarted:
      return failure(host::kEnvironment, port, "no-esptool",
                     std::string("esptool cannot be started: ") + std::strerror(run.status), false);
    case host::ChildEnd::kExited:
      break;
  }
  for (const Known& known : kKnown) {
    if (run.output.find(known.text) != std::string::npos) {
      const std::string why = said(run.output);
      return {{known.status,
               {.id = known.id,
                .message = known.message + (why.empty() ? "" : ": " + why),
                .hint = known.hint,
                .file = port}},
              known.may_pass};
    }
  }
  return failure(host::kEnvironment, port, "esptool-crashed",
                 "esptool ended with exit status " + std::to_string(run.status), true);
}

}  // namespace flashstore::provision
