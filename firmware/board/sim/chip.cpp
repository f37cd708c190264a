#include "chip.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <vector>

#include "board/failure.h"
#include "partition/format.h"
#include "stop.h"

namespace flashstore::sim {
namespace {

constexpr uint32_t kMaxBytes = uint32_t{16} << 20;

[[noreturn]] void fail(const std::string& file, const std::string& what,
                       const std::string& note = "") {
  throw board::Failure(board::kEnvironment, file + ": " + what, note);
}

uint32_t check_size(const std::string& file, uint64_t bytes) {
  if (bytes < partition::kMinFlashBytes || bytes > kMaxBytes ||
      bytes % core::NorFlash::kSectorBytes != 0) {
    fail(file, std::to_string(bytes) + " bytes are not the content of a flash chip",
         "1 MiB to 16 MiB, whole sectors of 4 KiB");
  }
  return static_cast<uint32_t>(bytes);
}

// The file is open and `content` what is in it, if it was there; else it is made.
int open_file(const ChipOptions& options, std::vector<uint8_t>& content) {
  if (options.file.empty()) {
    content.assign(check_size("--size", options.bytes), 0xFF);
    return -1;
  }
  const int file = open(options.file.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0666);
  struct stat status {};
  if (file < 0 || fstat(file, &status) != 0) {
    fail(options.file, std::strerror(errno));
  }
  const bool is_new = status.st_size == 0;
  content.assign(check_size(options.file, is_new ? options.bytes : uint64_t(status.st_size)), 0xFF);
  const auto bytes = static_cast<ssize_t>(content.size());
  const ssize_t done = is_new ? pwrite(file, content.data(), content.size(), 0)
                              : pread(file, content.data(), content.size(), 0);
  if (done != bytes) {
    fail(options.file, done < 0 ? std::strerror(errno) : "not read or written as a whole");
  }
  return file;
}

norsim::Contents contents_of(std::span<const uint8_t> bytes) {
  norsim::Contents contents(static_cast<uint32_t>(bytes.size()));
  contents.program(0, bytes);
  return contents;
}

// Whether the chip did it; what breaks the rules of flash ends the process.
template <class Operation>
bool carry_out(const Operation& operation) {
  try {
    return operation();
  } catch (const norsim::Violation& violation) {
    stop(board::kFlashRule, std::string("flash: ") + violation.what());
  }
}

norsim::Flash make_flash(const ChipOptions& options, int& file) {
  std::vector<uint8_t> content;
  file = open_file(options, content);
  return norsim::Flash(contents_of(content));
}

}  // namespace

Chip::Chip(const ChipOptions& options)
    : flash_(make_flash(options, file_)), stale_cache_(options.stale_cache) {
  if (options.cut_after) {
    flash_.cut_at({.operation = *options.cut_after});
  }
  invalidate(0, size());
}

Chip::~Chip() {
  if (file_ >= 0) {
    ::close(file_);
  }
}

bool Chip::read(uint32_t address, std::span<uint8_t> into) {
  return carry_out([&] { return flash_.read(address, into); });
}

bool Chip::program(uint32_t address, std::span<const uint8_t> bytes) {
  const bool done = carry_out([&] { return flash_.program(address, bytes); });
  changed(address, static_cast<uint32_t>(bytes.size()));
  return done;
}

bool Chip::erase(uint32_t address) {
  const bool done = carry_out([&] { return flash_.erase(address); });
  changed(address, kSectorBytes);
  return done;
}

void Chip::changed(uint32_t address, uint32_t bytes) {
  if (file_ >= 0) {
    std::vector<uint8_t> now(bytes);
    copy_out(address, now);
    if (pwrite(file_, now.data(), bytes, address) != static_cast<ssize_t>(bytes)) {
      stop(board::kEnvironment,
           std::string("the flash file was not written: ") + std::strerror(errno));
    }
  }
  if (!stale_cache_) {
    invalidate(address, bytes);
  }
  if (!flash_.has_power()) {
    stop_reset(board::ResetReason::kPowerOn);
  }
}

void Chip::invalidate(uint32_t address, uint32_t bytes) {
  const std::span<uint8_t> window = window_.bytes();
  if (address < window.size()) {
    copy_out(address, window.subspan(address, std::min<size_t>(bytes, window.size() - address)));
  }
}

void Chip::copy_out(uint32_t address, std::span<uint8_t> into) const {
  for (uint8_t& byte : into) {
    byte = flash_.contents().at(address++);
  }
}

}  // namespace flashstore::sim
