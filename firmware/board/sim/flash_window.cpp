#include "flash_window.h"

#include <sys/mman.h>

#include <cerrno>
#include <cstring>
#include <string>

#include "failure.h"
#include "luaflash/format.h"

namespace flashstore::sim {

using luaflash::kFlashWindow;
using luaflash::kFlashWindowBytes;

namespace {

void* start() {
  return reinterpret_cast<void*>(uintptr_t{kFlashWindow});  // NOLINT(performance-no-int-to-ptr)
}

[[noreturn]] void fail(const char* what) {
  throw Failure(kEnvironment, std::string(what) + ": " + std::strerror(errno));
}

}  // namespace

FlashWindow::FlashWindow() {
  void* mapped = mmap(start(), kFlashWindowBytes, PROT_READ | PROT_WRITE,
                      MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE, -1, 0);
  if (mapped == MAP_FAILED) {
    fail("cannot map the flash window at 0x40200000");
  }
  std::memset(mapped, 0xFF, kFlashWindowBytes);
}

FlashWindow::~FlashWindow() {
  munmap(start(), kFlashWindowBytes);
}

std::span<uint8_t> FlashWindow::from(uint32_t address) const {
  const uint32_t offset = address - kFlashWindow;
  return {static_cast<uint8_t*>(start()) + offset, kFlashWindowBytes - offset};
}

void FlashWindow::seal() {
  if (mprotect(start(), kFlashWindowBytes, PROT_READ) != 0) {
    fail("cannot make the flash window read-only");
  }
}

}  // namespace flashstore::sim
