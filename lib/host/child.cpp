#include "host/child.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cerrno>
#include <chrono>
#include <thread>

extern char** environ;

namespace flashstore::host {
namespace {

using Clock = std::chrono::steady_clock;
using std::chrono::milliseconds;

constexpr milliseconds kGrace{500};  // between asking a child to end and ending it
constexpr milliseconds kLook{20};
constexpr std::array<int, 3> kSignals = {SIGINT, SIGTERM, SIGHUP};

std::atomic<int> interrupt{0};  // by any thread
static_assert(std::atomic<int>::is_always_lock_free);
std::array<struct sigaction, kSignals.size()> before;

// What execve() takes, made before fork(): behind it nothing may be allocated.
struct Image {
  std::vector<std::string> paths;
  std::vector<std::string> variables;
  std::vector<char*> arguments;
  std::vector<char*> environment;
};

std::vector<std::string> paths_of(const std::string& program) {
  if (program.find('/') != std::string::npos) {
    return {program};
  }
  const char* path = std::getenv("PATH");
  std::vector<std::string> paths;
  std::string_view rest = path == nullptr ? "/usr/local/bin:/usr/bin:/bin" : path;
  while (true) {
    const size_t end = std::min(rest.find(':'), rest.size());
    paths.push_back((end == 0 ? "." : std::string(rest.substr(0, end))) + "/" + program);
    if (end == rest.size()) {
      return paths;
    }
    rest.remove_prefix(end + 1);
  }
}

Image image_of(const std::vector<std::string>& words, const ChildOptions& options) {
  Image image;
  image.paths = paths_of(words[0]);
  for (const std::string& word : words) {
    image.arguments.push_back(const_cast<char*>(word.c_str()));
  }
  image.arguments.push_back(nullptr);
  for (char** variable = environ; *variable != nullptr; ++variable) {
    const std::string_view text = *variable;
    if (!options.environment.contains(std::string(text.substr(0, text.find('='))))) {
      image.variables.emplace_back(text);
    }
  }
  for (const auto& [name, value] : options.environment) {
    image.variables.push_back(name + "=" + value);
  }
  for (const std::string& variable : image.variables) {
    image.environment.push_back(const_cast<char*>(variable.c_str()));
  }
  image.environment.push_back(nullptr);
  return image;
}

// `told` gets the error if the program cannot be started, nothing if it can.
[[noreturn]] void become(const Image& image, pid_t parent, int output, int told) {
  setpgid(0, 0);
  prctl(PR_SET_PDEATHSIG, SIGTERM);
  for (const int number : kSignals) {
    signal(number, SIG_DFL);
  }
  int error = ENOENT;
  const int nothing = open("/dev/null", O_RDONLY);
  if (getppid() == parent && nothing >= 0 && dup2(nothing, STDIN_FILENO) >= 0 &&
      dup2(output, STDOUT_FILENO) >= 0 && dup2(output, STDERR_FILENO) >= 0) {
    for (const std::string& path : image.paths) {
      execve(path.c_str(), image.arguments.data(), image.environment.data());
      // Of several reasons, one that says more than that there is no such file.
      error = errno == ENOENT || errno == ENOTDIR ? error : errno;
    }
  }
  [[maybe_unused]] const ssize_t written = write(told, &error, sizeof error);
  _exit(127);
}

struct Pipe {
  int ends[2] = {-1, -1};

  Pipe() { ok = pipe2(ends, O_CLOEXEC) == 0; }
  Pipe(const Pipe&) = delete;
  Pipe& operator=(const Pipe&) = delete;
  ~Pipe() {
    close_end(0);
    close_end(1);
  }

  void close_end(int end) {
    if (ends[end] >= 0) {
      close(ends[end]);
      ends[end] = -1;
    }
  }

  bool ok;
};

class Child {
 public:
  Child(const ChildOptions& options, int output, pid_t process)
      : options_(options), output_(output), process_(process) {
    fcntl(output, F_SETFL, O_NONBLOCK);
  }

  ChildResult run() {
    const auto end = Clock::now() + std::chrono::duration_cast<Clock::duration>(
                                        std::chrono::duration<double>(options_.seconds));
    while (!has_ended() && interrupt == 0 && Clock::now() < end) {
      read(kLook);
    }
    if (!has_ended_) {
      result_.end = interrupt != 0 ? ChildEnd::kInterrupted : ChildEnd::kTimedOut;
      stop();
    } else if (WIFSIGNALED(status_)) {
      result_.end = ChildEnd::kSignalled;
      result_.status = WTERMSIG(status_);
    } else {
      result_.status = WEXITSTATUS(status_);
    }
    kill(-process_, SIGKILL);
    while (read(milliseconds(0))) {
    }
    take_line();
    return std::move(result_);
  }

 private:
  bool has_ended() {
    has_ended_ = has_ended_ || waitpid(process_, &status_, WNOHANG) == process_;
    return has_ended_;
  }

  void stop() {
    kill(-process_, SIGTERM);
    for (const auto end = Clock::now() + kGrace; !has_ended() && Clock::now() < end;) {
      read(kLook);
    }
    kill(-process_, SIGKILL);
    while (!has_ended()) {
      std::this_thread::sleep_for(kLook);
    }
  }

  // Whether there was something.
  bool read(milliseconds patience) {
    pollfd wanted{output_, POLLIN, 0};
    if (poll(&wanted, 1, is_open_ ? static_cast<int>(patience.count()) : 0) <= 0) {
      return false;
    }
    std::array<char, 4096> block;
    const ssize_t got = ::read(output_, block.data(), block.size());
    is_open_ = got > 0 || (got < 0 && (errno == EAGAIN || errno == EINTR));
    if (got <= 0) {
      std::this_thread::sleep_for(is_open_ ? milliseconds(0) : patience);
      return false;
    }
    take({block.data(), static_cast<size_t>(got)});
    return true;
  }

  void take(std::string_view text) {
    result_.output += text;
    for (const char c : text) {
      if (c == '\n' || c == '\r') {
        take_line();
      } else {
        line_ += c;
      }
    }
  }

  void take_line() {
    if (options_.line && !line_.empty()) {
      options_.line(line_);
    }
    line_.clear();
  }

  const ChildOptions& options_;
  int output_;
  pid_t process_;
  bool is_open_ = true;
  bool has_ended_ = false;
  int status_ = 0;
  std::string line_;
  ChildResult result_;
};

}  // namespace

ChildResult run_child(const std::vector<std::string>& words, const ChildOptions& options) {
  if (interrupt != 0) {
    return {ChildEnd::kInterrupted, 0, ""};
  }
  const Image image = image_of(words, options);
  Pipe output;
  Pipe told;
  const pid_t parent = getpid();
  const pid_t process = output.ok && told.ok ? fork() : -1;
  if (process < 0) {
    return {ChildEnd::kNotStarted, errno, ""};
  }
  if (process == 0) {
    become(image, parent, output.ends[1], told.ends[1]);
  }
  setpgid(process, process);
  output.close_end(1);
  told.close_end(1);
  int error = 0;
  ssize_t got;
  do {
    got = read(told.ends[0], &error, sizeof error);
  } while (got < 0 && errno == EINTR);
  if (got > 0) {
    waitpid(process, nullptr, 0);
    return {ChildEnd::kNotStarted, error, ""};
  }
  return Child(options, output.ends[0], process).run();
}

Interruptible::Interruptible() {
  interrupt = 0;
  struct sigaction action {};
  action.sa_handler = [](int number) { interrupt = number; };
  for (size_t i = 0; i < kSignals.size(); ++i) {
    sigaction(kSignals[i], &action, &before[i]);
  }
}

Interruptible::~Interruptible() {
  for (size_t i = 0; i < kSignals.size(); ++i) {
    sigaction(kSignals[i], &before[i], nullptr);
  }
}

int interrupted_by() {
  return interrupt;
}

}  // namespace flashstore::host
