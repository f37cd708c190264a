#include "console.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/stat.h>
#include <termios.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <optional>
#include <vector>

#include "board/board.h"
#include "board/failure.h"
#include "board/script.h"
#include "machine.h"

namespace flashstore::sim {
namespace {

using Clock = std::chrono::steady_clock;

const Clock::time_point start = Clock::now();
uint32_t skipped = 0;  // microseconds that nobody had to wait for

std::FILE* script_file = nullptr;
std::optional<board::Script> script;
int input = STDIN_FILENO;
int output = STDOUT_FILENO;
bool is_terminal = false;  // of its own: whoever hangs up may come back

[[noreturn]] void fail(const std::string& what) {
  throw board::Failure(board::kEnvironment, what + ": " + std::strerror(errno));
}

std::optional<termios> saved_terminal;

void end_by(int signal) {
  close_console();
  raise(signal);  // this time nobody catches it
}

void restore_terminal_at_signals() {
  struct sigaction action {};
  action.sa_handler = end_by;
  action.sa_flags = static_cast<int>(SA_RESETHAND | SA_NODEFER);
  for (const int signal : {SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGPIPE}) {
    sigaction(signal, &action, nullptr);
  }
}

bool has_network() {
  return machine().network.has_value();
}

// Or for something on the network. Returns whether there is input.
bool wait_for_input(int milliseconds) {
  std::vector<pollfd> waiting;
  if (!script) {
    waiting.push_back({input, POLLIN, 0});
  }
  if (milliseconds > 0 && has_network()) {
    machine().network->add_to(waiting);
  }
  return poll(waiting.data(), waiting.size(), milliseconds) > 0 && !script &&
         (waiting[0].revents & (POLLIN | POLLHUP)) != 0;
}

}  // namespace

void open_script(const std::string& file) {
  script_file = std::fopen(file.c_str(), "rb");
  if (script_file == nullptr) {
    fail(file);
  }
  script.emplace([] { return std::getc(script_file); });
}

std::string open_terminal(int inherited) {
  const int master = inherited == kNoTerminal ? posix_openpt(O_RDWR | O_NOCTTY) : inherited;
  if (master < 0 || grantpt(master) != 0 || unlockpt(master) != 0) {
    fail("cannot open a pseudo-terminal");
  }
  const std::string name = ptsname(master);
  const int slave = open(name.c_str(), O_RDWR | O_NOCTTY | O_CLOEXEC);
  termios settings{};
  if (slave < 0 || tcgetattr(slave, &settings) != 0) {
    fail(name);
  }
  cfmakeraw(&settings);
  tcsetattr(slave, TCSANOW, &settings);
  close(slave);
  input = output = master;
  is_terminal = true;
  return name;
}

int terminal() {
  return input;
}

void open_standard_input() {
  struct stat status {};
  if (fstat(STDIN_FILENO, &status) == 0 && S_ISREG(status.st_mode)) {
    script_file = stdin;
    script.emplace([] { return std::getc(script_file); });
    return;
  }
  termios settings{};
  if (isatty(STDIN_FILENO) == 1 && tcgetattr(STDIN_FILENO, &settings) == 0) {
    saved_terminal = settings;
    restore_terminal_at_signals();
    settings.c_lflag &= ~static_cast<tcflag_t>(ICANON | ECHO);
    tcsetattr(STDIN_FILENO, TCSANOW, &settings);
  }
}

void close_console() {
  if (saved_terminal) {
    tcsetattr(STDIN_FILENO, TCSANOW, &*saved_terminal);
  }
}

void console_put(std::string_view text) {
  if (output == STDOUT_FILENO) {
    std::fwrite(text.data(), 1, text.size(), stdout);
    return;
  }
  while (!text.empty()) {
    const ssize_t done = write(output, text.data(), text.size());
    if (done <= 0) {
      return;  // nobody listens
    }
    text.remove_prefix(static_cast<size_t>(done));
  }
}

int console_get() {
  if (script) {
    return script->get(clock_microseconds());
  }
  if (!wait_for_input(0)) {
    return board::kNoInput;
  }
  unsigned char byte = 0;
  const ssize_t got = read(input, &byte, 1);
  if (got == 1) {
    return byte;
  }
  return is_terminal ? board::kNoInput : board::kEndOfInput;
}

uint32_t clock_microseconds() {
  const auto passed = std::chrono::duration_cast<std::chrono::microseconds>(Clock::now() - start);
  return static_cast<uint32_t>(passed.count()) + skipped;
}

void clock_idle(uint32_t longest) {
  std::fflush(stdout);
  if (script) {
    const uint32_t waits = script->waits(clock_microseconds());
    longest = waits == 0 ? longest : std::min(longest, waits);
    if (!has_network()) {
      skipped += longest;
      return;
    }
  }
  const auto milliseconds = static_cast<int>(longest / 1000);
  if (is_terminal && wait_for_input(0)) {
    usleep(std::min<uint32_t>(longest, 10000));  // hung up: it is always ready, with nothing
  } else {
    wait_for_input(milliseconds + 1);
  }
}

}  // namespace flashstore::sim
