#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <exception>
#include <fstream>
#include <iostream>
#include <stdexcept>

#include "norsim/flash.h"
#include "support/virtual_chip/board.h"
#include "support/virtual_chip/options.h"

namespace flashstore::virtual_chip {
namespace {

constexpr int kUsage = 2;
constexpr int kFile = 3;
constexpr int kViolation = 87;

volatile sig_atomic_t told_to_end = 0;

// A name for the terminal that is known beforehand.
class Link {
 public:
  Link(const std::string& path, const std::string& terminal) : path_(path) {
    if (!path.empty() && symlink(terminal.c_str(), path.c_str()) != 0) {
      throw std::runtime_error(path + ": " + std::strerror(errno));
    }
  }
  Link(const Link&) = delete;
  Link& operator=(const Link&) = delete;
  ~Link() {
    if (!path_.empty()) {
      unlink(path_.c_str());
    }
  }

 private:
  std::string path_;
};

// The command the chip is there for.
class Client {
 public:
  Client(const Options& options, const std::string& port) {
    if (options.command.empty()) {
      return;
    }
    child_ = fork();
    if (child_ < 0) {
      throw std::runtime_error("fork failed");
    }
    if (child_ == 0) {
      std::vector<char*> words;
      for (const std::string& word : options.command) {
        words.push_back(const_cast<char*>(word.c_str()));
      }
      words.push_back(nullptr);
      setenv("PORT", port.c_str(), 1);
      prctl(PR_SET_PDEATHSIG, SIGTERM);  // nothing to talk to without the chip
      execvp(words[0], words.data());
      std::cerr << "virtual-chip: error: " << words[0] << ": " << std::strerror(errno) << '\n';
      _exit(127);
    }
  }

  bool has_ended() {
    if (child_ > 0 && waitpid(child_, &status_, WNOHANG) == child_) {
      child_ = 0;
      ended_ = true;
    }
    return ended_;
  }

  int exit_status() const {
    return WIFEXITED(status_) ? WEXITSTATUS(status_) : 128 + WTERMSIG(status_);
  }

 private:
  pid_t child_ = 0;
  int status_ = 0;
  bool ended_ = false;
};

int serve(const Options& options) {
  std::ofstream log_file;
  if (!options.log.empty()) {
    log_file.open(options.log, std::ios::app);
    if (!log_file) {
      throw std::runtime_error(options.log + ": cannot be written");
    }
  }
  Log log(options.log.empty() ? nullptr : &log_file);
  SpiFlash flash(options.flash, options.flash_bytes, options.chip.faults, log);
  Chip chip(options.chip, flash, log);
  Board board(chip, options.app);
  const Link link(options.link, board.terminal());
  if (options.command.empty()) {
    std::cout << board.terminal() << std::endl;
  }
  Client client(options, options.link.empty() ? board.terminal() : options.link);
  board.run([&] { return told_to_end != 0 || client.has_ended(); });
  return client.exit_status();
}

int run(int argc, char** argv) {
  try {
    const Options options = parse_options(argc, argv);
    if (options.help) {
      std::cout << kHelp;
      return 0;
    }
    for (const int signal_number : {SIGTERM, SIGINT, SIGHUP}) {
      signal(signal_number, [](int) { told_to_end = 1; });
    }
    signal(SIGPIPE, SIG_IGN);
    return serve(options);
  } catch (const std::invalid_argument& error) {
    std::cerr << "virtual-chip: error: " << error.what() << '\n';
    return kUsage;
  } catch (const norsim::Violation& violation) {
    std::cerr << "virtual-chip: error: a rule of flash was broken: " << violation.what() << '\n';
    return kViolation;
  } catch (const std::exception& error) {
    std::cerr << "virtual-chip: error: " << error.what() << '\n';
    return kFile;
  }
}

}  // namespace
}  // namespace flashstore::virtual_chip

int main(int argc, char** argv) {
  return flashstore::virtual_chip::run(argc, argv);
}
