// The memory functions of <string.h> for a chip whose mapped flash can only be read in aligned
// words. The compiler loads words for the bytes they read (-mforce-l32); here only the aligned
// parts are sped up.
#include <cstddef>
#include <cstdint>

#include "machine/helper_name.h"

namespace {

constexpr size_t kWordBytes = sizeof(uint32_t);

bool is_aligned(const void* a, const void* b) {
  return ((reinterpret_cast<uintptr_t>(a) | reinterpret_cast<uintptr_t>(b)) % kWordBytes) == 0;
}

}  // namespace

extern "C" {

void* MACHINE_HELPER(memcpy)(void* to, const void* from, size_t bytes) {
  auto* out = static_cast<uint8_t*>(to);
  auto* in = static_cast<const uint8_t*>(from);
  if (is_aligned(out, in)) {
    for (; bytes >= kWordBytes; bytes -= kWordBytes) {
      *reinterpret_cast<uint32_t*>(out) = *reinterpret_cast<const uint32_t*>(in);
      out += kWordBytes;
      in += kWordBytes;
    }
  }
  while (bytes-- > 0) {
    *out++ = *in++;
  }
  return to;
}

void* MACHINE_HELPER(memmove)(void* to, const void* from, size_t bytes) {
  auto* out = static_cast<uint8_t*>(to);
  auto* in = static_cast<const uint8_t*>(from);
  if (reinterpret_cast<uintptr_t>(out) - reinterpret_cast<uintptr_t>(in) >= bytes) {
    return MACHINE_HELPER(memcpy)(to, from, bytes);  // it works upwards
  }
  while (bytes-- > 0) {
    out[bytes] = in[bytes];
  }
  return to;
}

void* MACHINE_HELPER(memset)(void* to, int value, size_t bytes) {
  auto* out = static_cast<uint8_t*>(to);
  const auto byte = static_cast<uint8_t>(value);
  if (is_aligned(out, out)) {
    for (; bytes >= kWordBytes; bytes -= kWordBytes) {
      *reinterpret_cast<uint32_t*>(out) = byte * 0x01010101u;
      out += kWordBytes;
    }
  }
  while (bytes-- > 0) {
    *out++ = byte;
  }
  return to;
}

int MACHINE_HELPER(memcmp)(const void* left, const void* right, size_t bytes) {
  auto* a = static_cast<const uint8_t*>(left);
  auto* b = static_cast<const uint8_t*>(right);
  if (is_aligned(a, b)) {
    while (bytes >= kWordBytes &&
           *reinterpret_cast<const uint32_t*>(a) == *reinterpret_cast<const uint32_t*>(b)) {
      a += kWordBytes;
      b += kWordBytes;
      bytes -= kWordBytes;
    }
  }
  for (; bytes > 0; bytes--, a++, b++) {
    if (*a != *b) {
      return *a - *b;
    }
  }
  return 0;
}

void* MACHINE_HELPER(memchr)(const void* data, int value, size_t bytes) {
  auto* in = static_cast<const uint8_t*>(data);
  for (; bytes > 0; bytes--, in++) {
    if (*in == static_cast<uint8_t>(value)) {
      return const_cast<uint8_t*>(in);
    }
  }
  return nullptr;
}

}  // extern "C"
