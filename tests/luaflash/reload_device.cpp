#include "luaflash/reload_device.h"

#include <new>

#include "core/bytes.h"
#include "support/files.h"

namespace flashstore::luaflash::test {
namespace {

// Memory as an allocator gives it, of just so many bytes that a sanitizer sees every other one.
class Memory {
 public:
  explicit Memory(uint32_t bytes)
      : begin_(static_cast<uint8_t*>(::operator new(bytes))), bytes_(bytes) {}
  Memory(const Memory&) = delete;
  Memory& operator=(const Memory&) = delete;
  ~Memory() { ::operator delete(begin_); }

  std::span<uint8_t> bytes() const { return {begin_, bytes_}; }

 private:
  uint8_t* begin_;
  uint32_t bytes_;
};

uint32_t payload_bytes_of(const Bytes& file) {
  return file.size() < 4 ? 0 : core::load_word(file, file.size() - 4);
}

}  // namespace

Bytes image_file(const std::string& name) {
  const std::string text =
      flashstore::test::read_text(FLASHSTORE_TEST_DATA "/lfs/expected/img/" + name + ".img");
  return {text.begin(), text.end()};
}

Bytes image_in_flash(const Bytes& file) {
  const std::string payload = flashstore::test::gunzip(flashstore::test::as_text(file));
  const auto bytes = flashstore::test::as_bytes(payload);
  const uint32_t size = core::load_word(bytes, kHeaderSize * kWordBytes);
  Bytes image(bytes.begin(), bytes.begin() + size);
  relocate(image, bytes.subspan(size), kLfsBase);
  image[0] |= kAbsoluteBit;
  return image;
}

bool File::rewind() {
  ++passes_;
  at_ = 0;
  return true;
}

std::optional<std::span<const uint8_t>> File::next() {
  constexpr size_t kPieceBytes = 64;
  size_t end = content().size();
  if (passes_ >= failing_pass_) {
    if (at_ >= fail_after_) {
      return std::nullopt;
    }
    end = std::min(end, fail_after_);
  }
  const auto piece = std::span(content()).subspan(at_, std::min(kPieceBytes, end - at_));
  at_ += piece.size();
  return piece;
}

ReloadResult Device::flash_reload(const std::string& name, ImageFile& file,
                                  uint32_t payload_bytes) {
  name_ = name;
  const Memory memory(reload_bytes(payload_bytes, kLfsBytes));
  return reload(file, partition(), memory.bytes(), *this);
}

ReloadResult Device::flash_reload(const std::string& name, const Bytes& bytes) {
  File file(bytes);
  return flash_reload(name, file, payload_bytes_of(bytes));
}

std::optional<Device::Note> Device::note() {
  std::array<char, partition::PageStore::kMaxNameBytes> buffer;
  const auto found = store_.reload(buffer);
  if (!found) {
    return std::nullopt;
  }
  return Note{std::string(found->file), found->continued};
}

std::optional<ReloadResult> Device::boot(const Files& files) {
  store_.recover();
  const auto noted = note();
  if (!noted) {
    return std::nullopt;
  }
  const auto found = files.find(noted->file);
  if (found == files.end()) {
    return continue_reload(nullptr, noted->continued, partition(), {}, *this);
  }
  File file(found->second);
  const Memory memory(reload_bytes(payload_bytes_of(found->second), kLfsBytes));
  return continue_reload(&file, noted->continued, partition(), memory.bytes(), *this);
}

std::span<const uint8_t> Device::map() {
  chip_.read(kLfsAddress, mapped_);
  return mapped_;
}

Bytes Device::image() {
  if (boot_check(map(), kLfsBase, kSignatureFloat) != BootVerdict::kOk) {
    return {};
  }
  const uint32_t size = core::load_word(mapped_, kHeaderSize * kWordBytes);
  return {mapped_.begin(), mapped_.begin() + size};
}

std::string Device::structure() {
  const Bytes found = image();
  const auto view = map_image(found);
  if (!view) {
    return name(view.error());
  }
  Bytes bitmap(bitmap_words(kLfsBytes) * kWordBytes);
  const StructureVerdict verdict = verify_structure(view.value(), bitmap);
  return verdict.ok() ? "" : name(verdict.finding);
}

}  // namespace flashstore::luaflash::test
