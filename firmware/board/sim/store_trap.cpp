#include "store_trap.h"

#include <signal.h>
#include <ucontext.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstring>

#include "luaflash/format.h"
#include "stop.h"

namespace flashstore::sim {
namespace {

constexpr uint32_t kWriteFault = 1u << 1;  // bit of the i386 page fault's error code

struct sigaction previous;
alignas(16) std::array<char, 16384> alternate_stack;

// Appends text and numbers to a line without anything that a signal handler may not call.
class Line {
 public:
  void text(const char* words) {
    const size_t size = std::strlen(words);
    std::memcpy(line_.data() + size_, words, size);
    size_ += size;
  }
  void address(uint32_t value) {
    text("0x");
    for (int shift = 28; shift >= 0; shift -= 4) {
      line_[size_++] = "0123456789abcdef"[value >> shift & 0xF];
    }
  }
  void print() const {
    // Nothing is left to do if stderr is gone.
    [[maybe_unused]] const ssize_t written = write(STDERR_FILENO, line_.data(), size_);
  }

 private:
  std::array<char, 80> line_{};
  size_t size_ = 0;
};

void on_fault(int, siginfo_t* info, void* context) {
  const auto& registers = static_cast<ucontext_t*>(context)->uc_mcontext.gregs;
  const auto address = static_cast<uint32_t>(reinterpret_cast<uintptr_t>(info->si_addr));
  const bool in_window = address - luaflash::kFlashWindow < luaflash::kFlashWindowBytes;
  if (!in_window || (static_cast<uint32_t>(registers[REG_ERR]) & kWriteFault) == 0) {
    sigaction(SIGSEGV, &previous, nullptr);  // returning repeats the access, and this time it ends
    return;
  }
  Line line;
  line.text("flash: store to ");
  line.address(address);
  line.text(" from pc ");
  line.address(static_cast<uint32_t>(registers[REG_EIP]));
  line.text("\n");
  line.print();
  stop_fault(board::kFlashStore);
}

}  // namespace

void install_store_trap() {
  // A sanitizer may have set a stack of its own, which it also takes down.
  stack_t stack{};
  sigaltstack(nullptr, &stack);
  if ((stack.ss_flags & SS_DISABLE) != 0) {
    stack = {};
    stack.ss_sp = alternate_stack.data();
    stack.ss_size = alternate_stack.size();
    sigaltstack(&stack, nullptr);
  }
  struct sigaction action {};
  action.sa_sigaction = on_fault;
  action.sa_flags = SA_SIGINFO | SA_ONSTACK;
  sigaction(SIGSEGV, &action, &previous);
}

}  // namespace flashstore::sim
