// The simulator on the terminal of whoever started it.
#include <gtest/gtest.h>
#include <pty.h>
#include <signal.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

#include <string>

#include "support/files.h"

namespace flashstore::test {
namespace {

class Terminal : public ::testing::Test {
 protected:
  Terminal() {
    EXPECT_EQ(openpty(&master_, &slave_, nullptr, nullptr, nullptr), 0);
    before_ = mode();
  }
  ~Terminal() override {
    close(master_);
    close(slave_);
  }

  tcflag_t mode() const {
    termios settings{};
    EXPECT_EQ(tcgetattr(slave_, &settings), 0);
    return settings.c_lflag;
  }

  // Returns when its prompt is there.
  void start() {
    const std::string flash = folder_ / "flash";
    process_ = fork();
    if (process_ == 0) {
      for (const int stream : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO}) {
        dup2(slave_, stream);
      }
      execl(FLASHSTORE_SIM, FLASHSTORE_SIM, "--flash", flash.c_str(), nullptr);
      _exit(127);
    }
    char byte = 0;
    do {
      ASSERT_EQ(read(master_, &byte, 1), 1);
    } while (byte != '>');
    EXPECT_EQ(mode() & (ICANON | ECHO), 0u) << "the device echoes";
  }

  int wait_for_end() const {
    int status = 0;
    EXPECT_EQ(waitpid(process_, &status, 0), process_);
    return status;
  }

  TemporaryFolder folder_;
  int master_ = -1;
  int slave_ = -1;
  pid_t process_ = -1;
  tcflag_t before_ = 0;
};

TEST_F(Terminal, IsAsItWasAfterAReset) {
  start();
  const std::string line = "node.restart()\n";
  ASSERT_EQ(write(master_, line.data(), line.size()), static_cast<ssize_t>(line.size()));
  EXPECT_EQ(WEXITSTATUS(wait_for_end()), 20);
  EXPECT_EQ(mode(), before_);
}

TEST_F(Terminal, IsAsItWasAfterAnInterrupt) {
  start();
  ASSERT_EQ(kill(process_, SIGINT), 0);
  EXPECT_EQ(WTERMSIG(wait_for_end()), SIGINT);
  EXPECT_EQ(mode(), before_);
}

}  // namespace
}  // namespace flashstore::test
