#include "support/process.h"

#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <stdexcept>

namespace flashstore::test {
namespace {

// An unnamed file: unlike a pipe it holds any amount without a reader.
class Scratch {
 public:
  Scratch() : file_(std::tmpfile()) {
    if (file_ == nullptr) {
      throw std::runtime_error("no temporary file");
    }
  }
  Scratch(const Scratch&) = delete;
  Scratch& operator=(const Scratch&) = delete;
  ~Scratch() { std::fclose(file_); }

  int fd() const { return fileno(file_); }

  void put(const std::string& text) {
    std::fwrite(text.data(), 1, text.size(), file_);
    std::rewind(file_);
  }

  std::string get() {
    std::rewind(file_);
    std::string text;
    char block[4096];
    while (const size_t got = std::fread(block, 1, sizeof block, file_)) {
      text.append(block, got);
    }
    return text;
  }

 private:
  std::FILE* file_;
};

[[noreturn]] void become(const std::vector<std::string>& words, const ProcessOptions& options,
                         int in, int out, int err) {
  std::vector<char*> arguments;
  for (const std::string& word : words) {
    arguments.push_back(const_cast<char*>(word.c_str()));
  }
  arguments.push_back(nullptr);
  for (const auto& [name, value] : options.environment) {
    setenv(name.c_str(), value.c_str(), 1);
  }
  if (dup2(in, 0) < 0 || dup2(out, 1) < 0 || dup2(err, 2) < 0 ||
      (!options.directory.empty() && chdir(options.directory.c_str()) != 0)) {
    _exit(127);
  }
  alarm(options.seconds);
  execvp(arguments[0], arguments.data());
  _exit(127);
}

}  // namespace

ProcessResult run_process(const std::vector<std::string>& words, const ProcessOptions& options) {
  Scratch in;
  Scratch out;
  Scratch err;
  in.put(options.input);
  const pid_t child = fork();
  if (child < 0) {
    throw std::runtime_error("fork failed");
  }
  if (child == 0) {
    become(words, options, in.fd(), out.fd(), err.fd());
  }
  int status = 0;
  if (waitpid(child, &status, 0) != child) {
    throw std::runtime_error("waitpid failed");
  }
  ProcessResult result;
  result.exit_status = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
  result.out = out.get();
  result.err = err.get();
  return result;
}

}  // namespace flashstore::test
