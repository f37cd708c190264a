#include "lilotafs/window.h"

#include <algorithm>

namespace flashstore::lilotafs {

bool all_erased(std::span<const uint8_t> bytes) {
  for (const uint8_t byte : bytes) {
    if (byte != 0xFF) {
      return false;
    }
  }
  return true;
}

std::span<const uint8_t> Window::load(uint32_t address, uint32_t bytes) {
  bytes_ = 0;
  const std::span<uint8_t> into = buffer_.first(bytes);
  if (!flash_.read(address, into)) {
    return {};
  }
  address_ = address;
  bytes_ = bytes;
  return into;
}

std::span<const uint8_t> Window::fetch(uint32_t address, uint32_t bytes) {
  const uint32_t left = address < size() ? size() - address : 0;
  bytes = std::min(bytes, left);
  if (address >= address_ && address - address_ <= bytes_ &&
      bytes <= bytes_ - (address - address_)) {
    return std::span<const uint8_t>(buffer_).first(bytes_).subspan(address - address_);
  }
  return load(address, std::min(kStride, left));
}

std::span<const uint8_t> Window::fetch_up_to(uint32_t address, uint32_t end) {
  const uint32_t left = end - address;
  if (address >= address_ && address - address_ < bytes_) {
    const auto held = std::span<const uint8_t>(buffer_).first(bytes_).subspan(address - address_);
    return held.first(std::min<size_t>(left, held.size()));
  }
  return load(address, std::min<uint32_t>(left, static_cast<uint32_t>(buffer_.size())));
}

bool Window::is_blank(uint32_t address, uint32_t end) {
  while (address < end) {
    const auto bytes = fetch_up_to(address, end);
    if (bytes.empty() || !all_erased(bytes)) {
      return false;
    }
    address += static_cast<uint32_t>(bytes.size());
  }
  return true;
}

void Window::program(uint32_t address, std::span<const uint8_t> bytes) {
  bytes_ = 0;
  failed_ = failed_ || !flash_.program(address, bytes);
}

void Window::program(uint32_t address, uint8_t byte) {
  program(address, {&byte, 1});
}

void Window::erase(uint32_t address) {
  bytes_ = 0;
  ++erases_;
  failed_ = failed_ || !flash_.erase(address);
}

}  // namespace flashstore::lilotafs
