#include "stop.h"

#include <fcntl.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <cstring>

#include "console.h"

namespace flashstore::sim {
namespace {

Retained retained;
char retained_file[4096];
void (*report_function)() = nullptr;
void (*start_again_function)() = nullptr;

// Works in signal handlers too.
void keep_retained() {
  if (retained_file[0] == 0) {
    return;
  }
  const int file = open(retained_file, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
  if (file < 0 || write(file, &retained, sizeof retained) != sizeof retained) {
    constexpr char kMessage[] = "flashstore-sim: error: the retained word was not kept\n";
    [[maybe_unused]] const ssize_t written = write(STDERR_FILENO, kMessage, sizeof kMessage - 1);
  }
}

void finish() {
  std::fflush(stdout);
  close_console();
  if (report_function != nullptr) {
    report_function();
  }
}

}  // namespace

Retained& load_retained(const std::string& file) {
  retained = {};
  retained_file[file.copy(retained_file, sizeof retained_file - 1)] = 0;
  const int stream = open(retained_file, O_RDONLY | O_CLOEXEC);
  if (stream >= 0) {
    if (read(stream, &retained, sizeof retained) != sizeof retained) {
      retained = {};
    }
    close(stream);
    unlink(retained_file);
  }
  return retained;
}

void at_stop(void (*report)()) {
  report_function = report;
}

void at_reset(void (*start_again)()) {
  start_again_function = start_again;
}

void stop(board::ExitStatus status, const std::string& message) {
  if (!message.empty()) {
    std::fprintf(stderr, "flashstore-sim: error: %s\n", message.c_str());
  }
  finish();
  std::_Exit(status);
}

void stop_reset(board::ResetReason reason) {
  if (reason != board::ResetReason::kPowerOn) {
    retained.reason = reason;
    keep_retained();
    finish();
    if (start_again_function != nullptr) {
      start_again_function();
    }
  }
  stop(static_cast<board::ExitStatus>(board::kReset + static_cast<int>(reason)));
}

void stop_fault(int status) {
  retained.reason = board::ResetReason::kFault;
  keep_retained();
  close_console();
  _exit(status);
}

}  // namespace flashstore::sim
