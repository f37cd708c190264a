#include "image_file.h"

#include <algorithm>
#include <cerrno>
#include <cstdarg>
#include <cstdio>
#include <cstring>
#include <memory>
#include <span>
#include <vector>

#include "board/failure.h"
#include "core/bytes.h"
#include "luaflash/format.h"
#include "mount_image.h"

namespace flashstore::sim {

using namespace luaflash;

using board::Failure;

namespace {

[[gnu::format(printf, 1, 2)]] std::string text(const char* format, ...) {
  char buffer[160];
  va_list values;
  va_start(values, format);
  std::vsnprintf(buffer, sizeof buffer, format, values);
  va_end(values);
  return buffer;
}

std::string compile_for(uint32_t base) {
  return text("build it with luac.cross -a 0x%x", base);
}

// What the device does not say: an image it refuses, looked at by someone who has the file.
class Diagnosis {
 public:
  Diagnosis(const std::string& path, std::span<const uint8_t> file, uint32_t base)
      : path_(path), file_(file), base_(base) {}

  Failure of(BootVerdict verdict) const {
    if (is_gzip()) {
      return refused("a relocatable image: it has no address yet", compile_for(base_));
    }
    if (file_.size() < kHeaderWords * kWordBytes) {
      return refused(text("%zu bytes are too short for an image", file_.size()),
                     compile_for(base_));
    }
    switch (verdict) {
      case BootVerdict::kBlank:
        return refused("blank: there is no image", compile_for(base_));
      case BootVerdict::kWrongSignature:
        return wrong_signature();
      default:
        return outside();
    }
  }

  Failure refused(const std::string& why, const std::string& note) const {
    return {board::kEnvironment, path_ + ": " + why, note};
  }

 private:
  bool is_gzip() const { return file_.size() >= 2 && file_[0] == 0x1F && file_[1] == 0x8B; }

  uint32_t word(HeaderWord index) const { return core::load_word(file_, index * kWordBytes); }

  Failure wrong_signature() const {
    const uint32_t signature = word(kHeaderSignature);
    const std::string found = text("signature 0x%08x: ", signature);
    if ((signature & kSignatureFixedMask) != kSignatureFixed) {
      return refused(found + "not an LFS image", compile_for(base_));
    }
    if ((signature & kVersionMask) != kVersion) {
      return refused(found + "an LFS image of another version", compile_for(base_));
    }
    if ((signature & kInProgressBit) != 0) {
      return refused(found + "an image that was not written to its end", "write it again");
    }
    if ((signature & kIntegerBit) != 0) {
      return refused(found + "numbers are int32 here, the simulator's are double",
                     "build it with luac.cross, not luac.cross.int");
    }
    return refused(found + "values take 16 bytes here, the simulator's take 12",
                   "build it for a firmware with packed values");
  }

  Failure outside() const {
    // The hash vector follows the header, so that its address tells where the image was meant to
    // lie.
    const uint32_t vector = word(kHeaderHashVector);
    if (vector == kHeaderWords) {
      return refused("a relocatable image, unpacked: it has no address yet", compile_for(base_));
    }
    const uint32_t built_for = vector - kHeaderWords * kWordBytes;
    if (built_for != base_) {
      return refused(text("built for 0x%x, but mapped at 0x%x", built_for, base_),
                     text("give --base 0x%x, or %s", built_for, compile_for(base_).c_str()));
    }
    return refused("damaged: its header points out of it", compile_for(base_));
  }

  const std::string& path_;
  std::span<const uint8_t> file_;
  uint32_t base_;
};

}  // namespace

std::string read_file(const std::string& path) {
  const std::unique_ptr<std::FILE, int (*)(std::FILE*)> file(std::fopen(path.c_str(), "rb"),
                                                             std::fclose);
  if (file == nullptr) {
    throw Failure(board::kEnvironment, path + ": " + std::strerror(errno));
  }
  std::string bytes;
  char block[4096];
  size_t got = 0;
  while ((got = std::fread(block, 1, sizeof block, file.get())) > 0) {
    bytes.append(block, got);
  }
  if (std::ferror(file.get()) != 0) {
    throw Failure(board::kEnvironment, path + ": " + std::strerror(errno));
  }
  return bytes;
}

void load_image(const std::string& path, uint32_t base, core::NorFlash& chip) {
  const std::string bytes = read_file(path);
  const std::span file(reinterpret_cast<const uint8_t*>(bytes.data()), bytes.size());
  std::vector<uint8_t> partition(kFlashWindow + kFlashWindowBytes - base, 0xFF);
  const Diagnosis diagnosis(path, file, base);
  if (file.size() > partition.size()) {
    throw diagnosis.refused(text("%zu bytes do not fit: flash ends %zu bytes from 0x%x",
                                 file.size(), partition.size(), base),
                            "give a lower --base");
  }
  std::ranges::copy(file, partition.begin());
  const bool whole_header = file.size() >= kHeaderWords * kWordBytes;
  const BootVerdict verdict =
      whole_header ? boot_check(partition, base, firmware::kSignature) : BootVerdict::kBlank;
  if (verdict != BootVerdict::kOk) {
    throw diagnosis.of(verdict);
  }
  const uint32_t image_bytes = core::load_word(file, kHeaderSize * kWordBytes);
  if (image_bytes > file.size()) {
    throw diagnosis.refused(
        text("cut short: %zu of its %u bytes are here", file.size(), image_bytes),
        compile_for(base));
  }
  chip.program(base - kFlashWindow, file);
}

}  // namespace flashstore::sim
