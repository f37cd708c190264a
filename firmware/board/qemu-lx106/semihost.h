// The emulator's services to the program it runs, by the instruction SIMCALL: files of the host by
// their descriptors, the command line, the end. (QEMU, target/xtensa/xtensa-semi.c.)
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

namespace flashstore::lx106 {

enum class Service : int32_t {
  kExit = 1,
  kRead = 3,
  kWrite = 4,
  kSeek = 19,
  kSelectOne = 29,
  kArgumentBytes = 1001,
  kArguments = 1002,
  kFill = 1004,
};

inline int32_t simcall(Service service, uint32_t first, uint32_t second = 0, uint32_t third = 0) {
  register int32_t a2 asm("a2") = static_cast<int32_t>(service);
  register uint32_t a3 asm("a3") = first;
  register uint32_t a4 asm("a4") = second;
  register uint32_t a5 asm("a5") = third;
  asm volatile("simcall" : "+r"(a2), "+r"(a3) : "r"(a4), "r"(a5) : "memory");
  return a2;
}

inline uint32_t address_of(const void* data) {
  return reinterpret_cast<uintptr_t>(data);
}

[[noreturn]] inline void exit(int status) {
  for (;;) {
    simcall(Service::kExit, static_cast<uint32_t>(status));
  }
}

// The file's content at `offset`. False unless all of it was there.
inline bool read_at(int file, uint32_t offset, std::span<uint8_t> into) {
  constexpr uint32_t kFromStart = 0;
  const auto bytes = static_cast<int32_t>(into.size());
  const auto descriptor = static_cast<uint32_t>(file);
  return simcall(Service::kSeek, descriptor, offset, kFromStart) >= 0 &&
         simcall(Service::kRead, descriptor, address_of(into.data()), into.size()) == bytes;
}

inline bool write_at(int file, uint32_t offset, std::span<const uint8_t> bytes) {
  constexpr uint32_t kFromStart = 0;
  const auto count = static_cast<int32_t>(bytes.size());
  const auto descriptor = static_cast<uint32_t>(file);
  return simcall(Service::kSeek, descriptor, offset, kFromStart) >= 0 &&
         simcall(Service::kWrite, descriptor, address_of(bytes.data()), bytes.size()) == count;
}

inline uint32_t file_size(int file) {
  constexpr uint32_t kFromEnd = 2;
  const int32_t size = simcall(Service::kSeek, static_cast<uint32_t>(file), 0, kFromEnd);
  return size < 0 ? 0 : static_cast<uint32_t>(size);
}

// Returns what was written; negative: nothing.
inline int32_t write(int file, std::string_view text) {
  return simcall(Service::kWrite, static_cast<uint32_t>(file), address_of(text.data()),
                 text.size());
}

constexpr int kStandardInput = 0;
constexpr int kStandardOutput = 1;
constexpr int kStandardError = 2;

}  // namespace flashstore::lx106
