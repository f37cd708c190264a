#include "flash_window.h"

#include <sys/mman.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <string>

#include "board/failure.h"
#include "luaflash/format.h"

namespace flashstore::sim {

using luaflash::kFlashWindow;
using luaflash::kFlashWindowBytes;

namespace {

void* start() {
  return reinterpret_cast<void*>(uintptr_t{kFlashWindow});  // NOLINT(performance-no-int-to-ptr)
}

void require(bool done, const char* what) {
  if (!done) {
    throw board::Failure(board::kEnvironment, std::string(what) + ": " + std::strerror(errno));
  }
}

}  // namespace

FlashWindow::FlashWindow() {
  const int memory = memfd_create("flash", MFD_CLOEXEC);
  require(memory >= 0 && ftruncate(memory, kFlashWindowBytes) == 0, "cannot make a flash window");
  void* mapped =
      mmap(start(), kFlashWindowBytes, PROT_READ, MAP_SHARED | MAP_FIXED_NOREPLACE, memory, 0);
  require(mapped != MAP_FAILED, "cannot map the flash window at 0x40200000");
  void* bytes = mmap(nullptr, kFlashWindowBytes, PROT_READ | PROT_WRITE, MAP_SHARED, memory, 0);
  require(bytes != MAP_FAILED, "cannot map the flash window for writing");
  close(memory);
  bytes_ = {static_cast<uint8_t*>(bytes), kFlashWindowBytes};
  std::memset(bytes, 0xFF, kFlashWindowBytes);
}

FlashWindow::~FlashWindow() {
  munmap(bytes_.data(), kFlashWindowBytes);
  munmap(start(), kFlashWindowBytes);
}

std::span<const uint8_t> FlashWindow::mapped() const {
  return {static_cast<const uint8_t*>(start()), kFlashWindowBytes};
}

}  // namespace flashstore::sim
