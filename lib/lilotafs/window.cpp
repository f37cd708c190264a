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

void Window::load(uint32_t address, uint32_t bytes) {
  address_ = address;
  bytes_ = flash_.read(address, buffer_.first(bytes)) ? bytes : 0;
}

std::span<const uint8_t> Window::fetch(uint32_t address, uint32_t bytes) {
  const uint32_t left = address < size() ? size() - address : 0;
  bytes = std::min(bytes, left);
  if (address < address_ || address - address_ > bytes_ || bytes > bytes_ - (address - address_)) {
    load(address, std::min(kStride, left));
  }
  return held(address);
}

std::span<const uint8_t> Window::fetch_up_to(uint32_t address, uint32_t end) {
  const uint32_t left = end - address;
  if (address < address_ || address - address_ >= bytes_) {
    load(address, std::min<uint32_t>(left, static_cast<uint32_t>(buffer_.size())));
  }
  const auto bytes = held(address);
  return bytes.first(std::min<size_t>(left, bytes.size()));
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
