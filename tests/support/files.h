// Small files, digests and folders for tests.
#pragma once

#include <filesystem>
#include <span>
#include <string>
#include <string_view>

namespace flashstore::test {

// A new empty folder, removed with all it holds at the end.
class TemporaryFolder {
 public:
  TemporaryFolder();
  TemporaryFolder(const TemporaryFolder&) = delete;
  TemporaryFolder& operator=(const TemporaryFolder&) = delete;
  ~TemporaryFolder();

  const std::filesystem::path& path() const { return path_; }
  std::string operator/(std::string_view name) const { return (path_ / name).string(); }

 private:
  std::filesystem::path path_;
};

// Throw std::runtime_error where the file cannot be read or written.
std::string read_text(const std::filesystem::path& file);
void write_text(const std::filesystem::path& file, std::string_view text);

// The content of a gzip file of one member. Throws std::runtime_error if it is none.
std::string gunzip(std::string_view file);

// SHA-256 in hexadecimal.
std::string sha256(std::string_view bytes);

inline std::span<const uint8_t> as_bytes(std::string_view text) {
  return {reinterpret_cast<const uint8_t*>(text.data()), text.size()};
}

inline std::string as_text(std::span<const uint8_t> bytes) {
  return {bytes.begin(), bytes.end()};
}

}  // namespace flashstore::test
