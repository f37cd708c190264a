// A device as far as a reload is concerned: chip, partition page, mapped LFS partition, files.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "core/nor_flash.h"
#include "luaflash/boot_check.h"
#include "luaflash/reload.h"
#include "partition/nodemcu_page.h"

namespace flashstore::luaflash::test {

using Bytes = std::vector<uint8_t>;

constexpr uint32_t kLfsAddress = 0x20000;
constexpr uint32_t kLfsBytes = 0x20000;
constexpr uint32_t kChipBytes = kLfsAddress + kLfsBytes + 0x1000;
constexpr uint32_t kLfsBase = kFlashWindow + kLfsAddress;

// The file of a recorded image.
Bytes image_file(const std::string& name);

// What the file becomes at kLfsBase: a whole image, marked as absolute.
Bytes image_in_flash(const Bytes& file);

// Files by name. Reading one can be made to fail.
class File final : public ImageFile {
 public:
  explicit File(const Bytes& bytes) : bytes_(bytes) {}

  bool rewind() override;
  std::optional<std::span<const uint8_t>> next() override;

  // From this pass on, counted from 1, reading fails after so many bytes.
  void fail(uint32_t pass, size_t after) {
    failing_pass_ = pass;
    fail_after_ = after;
  }
  // From this pass on it has other bytes.
  void change(uint32_t pass, const Bytes& bytes) {
    changed_pass_ = pass;
    changed_ = &bytes;
  }

 private:
  const Bytes& content() const { return passes_ >= changed_pass_ ? *changed_ : bytes_; }

  const Bytes& bytes_;
  const Bytes* changed_ = nullptr;
  uint32_t changed_pass_ = UINT32_MAX;
  uint32_t failing_pass_ = UINT32_MAX;
  size_t fail_after_ = 0;
  uint32_t passes_ = 0;
  size_t at_ = 0;
};

using Files = std::map<std::string, Bytes>;

class Device final : public ReloadHost {
 public:
  explicit Device(core::NorFlash& chip) : chip_(chip), store_(chip), mapped_(kLfsBytes, 0xFF) {
    map();
  }

  // As node.flashreload does it.
  ReloadResult flash_reload(const std::string& name, ImageFile& file, uint32_t payload_bytes);
  ReloadResult flash_reload(const std::string& name, const Bytes& bytes);

  // As at boot; nullopt: there was nothing to continue.
  std::optional<ReloadResult> boot(const Files& files);

  // The image a boot finds; empty: none.
  Bytes image();
  // "" or why that image is none.
  std::string structure();

  bool has_note() { return note().has_value(); }

  std::span<const uint8_t> map() override;
  bool note_reload() override { return store_.begin_reload(name_).ok(); }
  bool note_retry() override { return store_.continue_reload().ok(); }
  bool forget_reload() override { return store_.end_reload().ok(); }

 private:
  struct Note {
    std::string file;
    bool continued;
  };
  std::optional<Note> note();
  LfsPartition partition() { return {chip_, kLfsAddress, kLfsBytes, kLfsBase, kSignatureFloat}; }

  core::NorFlash& chip_;
  partition::PageStore store_;
  std::string name_;
  Bytes mapped_;  // what a cache has: renewed by map() alone
};

}  // namespace flashstore::luaflash::test
