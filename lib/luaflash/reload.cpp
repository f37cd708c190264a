#include "luaflash/reload.h"

#include <array>
#include <new>

#include "core/bytes.h"
#include "core/crc32.h"
#include "luaflash/boot_check.h"
#include "luaflash/device_rules.h"

namespace flashstore::luaflash {
namespace {

using enum ReloadOutcome;

// Bytes relocated and programmed at a time, on the stack.
constexpr uint32_t kChunkBytes = 128;

static_assert(core::NorFlash::kSectorBytes % kChunkBytes == 0);

// With the allocator's own and a file that is open: for an image of 64 KiB, and for the largest.
static_assert(reload_bytes(0x10000 + 0x800, UINT32_MAX) <= 20480 - 128);
static_assert(reload_bytes(UINT32_MAX, 4 * kMaxImageWords) <= 27648 - 128);

uint32_t read_word(const LfsPartition& partition) {
  alignas(kWordBytes) std::array<uint8_t, kWordBytes> bytes{};
  return partition.flash.read(partition.address, bytes) ? core::load_word(bytes, 0) : 0;
}

bool program_word(const LfsPartition& partition, uint32_t word) {
  alignas(kWordBytes) std::array<uint8_t, kWordBytes> bytes;
  core::store_word(bytes, 0, word);
  return partition.flash.program(partition.address, bytes);
}

// Makes whatever image there is none. Of a word that is half programmed any bits may be 0 already:
// the two that a device does not insist on, or that forbid an image, go last, so that no part of
// this turns a half image into one, or a whole one into another.
bool clear_header(const LfsPartition& partition) {
  const uint32_t kept = read_word(partition) & (kInProgressBit | kAbsoluteBit);
  return program_word(partition, kept) && program_word(partition, 0);
}

// Takes a payload and relocates the image in it, a chunk at a time, to compare it with what is
// mapped or to write it.
class Relocator : public core::ByteSink {
 public:
  Relocator(const LfsPartition& partition, std::span<const uint8_t> bitmap, uint32_t image_bytes)
      : partition_(partition), bitmap_(bitmap), image_bytes_(image_bytes) {}

  bool take(std::span<const uint8_t> piece) override {
    while (!piece.empty() && at_ < image_bytes_) {
      const size_t left = std::min<size_t>(piece.size(), image_bytes_ - at_);
      const size_t bytes = std::min<size_t>(left, kChunkBytes) / kWordBytes * kWordBytes;
      if (bytes == 0) {
        return false;  // a payload of other length than the one that was judged
      }
      alignas(kWordBytes) std::array<uint8_t, kChunkBytes> buffer;
      const auto chunk = std::span(buffer).first(bytes);
      std::copy_n(piece.begin(), bytes, chunk.begin());
      relocate(chunk, bitmap_, partition_.base, at_ / kWordBytes);
      if (!use(chunk)) {
        return false;
      }
      at_ += static_cast<uint32_t>(bytes);
      piece = piece.subspan(bytes);
    }
    return true;
  }

  bool complete() const { return at_ == image_bytes_; }

 protected:
  ~Relocator() = default;

  virtual bool use(std::span<uint8_t> chunk) = 0;

  const LfsPartition& partition_;
  std::span<const uint8_t> bitmap_;
  uint32_t image_bytes_;
  uint32_t at_ = 0;  // of the image, in bytes
};

// Stops where the flash holds something else.
class Comparison final : public Relocator {
 public:
  Comparison(const LfsPartition& partition, std::span<const uint8_t> bitmap, uint32_t image_bytes,
             std::span<const uint8_t> mapped)
      : Relocator(partition, bitmap, image_bytes), mapped_(mapped) {}

 private:
  bool use(std::span<uint8_t> chunk) override {
    for (size_t i = 0; i < chunk.size(); i += kWordBytes) {
      // Whether an image in flash is marked as absolute makes no difference to a device.
      const uint32_t ignored = at_ + i == 0 ? kAbsoluteBit : 0;
      const uint32_t differing =
          core::load_aligned_word(chunk, i) ^ core::load_aligned_word(mapped_, at_ + i);
      if ((differing & ~ignored) != 0) {
        return false;
      }
    }
    return true;
  }

  std::span<const uint8_t> mapped_;
};

// Erases each sector just before it is written. Word 0 says that the image is not complete.
class Writer final : public Relocator {
 public:
  using Relocator::Relocator;

  uint32_t crc() const { return crc_; }
  bool flash_failed() const { return flash_failed_; }

 private:
  bool use(std::span<uint8_t> chunk) override {
    const uint32_t address = partition_.address + at_;
    if (at_ == 0) {
      core::store_aligned_word(chunk, 0, partition_.signature | kAbsoluteBit | kInProgressBit);
    }
    flash_failed_ = (at_ % core::NorFlash::kSectorBytes == 0 && !partition_.flash.erase(address)) ||
                    !partition_.flash.program(address, chunk);
    crc_ = core::crc32(chunk, crc_);
    return !flash_failed_;
  }

  uint32_t crc_ = 0;
  bool flash_failed_ = false;
};

class Reload {
 public:
  Reload(const LfsPartition& partition, std::span<uint8_t> memory, ReloadHost& host)
      : partition_(partition), memory_(memory), host_(host) {}

  // `noted` is whether the journal knows of it.
  ReloadResult run(ImageFile& file, bool noted) {
    const ReloadOutcome outcome = replace(file, noted);
    return noted || outcome >= kDone ? leave(outcome) : with(outcome);
  }

  ReloadResult with(ReloadOutcome outcome) {
    result_.outcome = outcome;
    return result_;
  }

  // Whatever happened: half an image must never be taken for a whole one, nor the note for that of
  // another reload.
  ReloadResult leave(ReloadOutcome outcome) {
    const BootVerdict found = boot_check(host_.map(), partition_.base, partition_.signature);
    if (found != BootVerdict::kOk && found != BootVerdict::kBlank) {
      clear_header(partition_);
    }
    host_.forget_reload();
    return with(outcome);
  }

 private:
  ReloadOutcome refuse(core::InflateError error) {
    result_.stream.finding = StreamFinding::kEnvelope;
    result_.stream.envelope = error;
    return kRefused;
  }

  ReloadOutcome replace(ImageFile& file, bool noted);
  ReloadOutcome write(ImageFile& file, core::Inflater& inflater, std::span<uint8_t> bitmap);

  const LfsPartition& partition_;
  std::span<uint8_t> memory_;
  ReloadHost& host_;
  ReloadResult result_;
};

ReloadOutcome Reload::replace(ImageFile& file, bool noted) {
  constexpr size_t kFixedBytes = sizeof(core::Inflater) + kMaxBackReference;
  if (memory_.size() < kFixedBytes) {
    return kNoMemory;
  }
  auto& inflater = *new (memory_.data())
                       core::Inflater(memory_.subspan(sizeof(core::Inflater), kMaxBackReference));
  const auto bitmap = memory_.subspan(kFixedBytes);
  if (!file.rewind()) {
    return refuse(core::InflateError::kSourceFailed);
  }
  result_.stream =
      verify_stream(file, inflater, bitmap,
                    {.signature = partition_.signature, .partition_bytes = partition_.bytes});
  if (!result_.stream.ok()) {
    return kRefused;
  }
  Comparison comparison(partition_, bitmap, result_.stream.image_bytes, host_.map());
  if (!file.rewind()) {
    return refuse(core::InflateError::kSourceFailed);
  }
  const core::InflateResult compared = inflater.gunzip(file, comparison, kDeviceRules);
  if (comparison.complete()) {
    return kAlreadyThere;
  }
  if (compared.error != core::InflateError::kSinkStopped) {
    return refuse(compared.error);
  }
  if (!noted && !host_.note_reload()) {
    return kJournal;
  }
  return write(file, inflater, bitmap);
}

ReloadOutcome Reload::write(ImageFile& file, core::Inflater& inflater, std::span<uint8_t> bitmap) {
  // The header is none before any of the image goes: an erase may stop half way.
  if (!clear_header(partition_)) {
    return kFlashFailed;
  }
  const uint32_t image_bytes = result_.stream.image_bytes;
  Writer writer(partition_, bitmap, image_bytes);
  if (!file.rewind()) {
    return kFileFailed;
  }
  const bool read = inflater.gunzip(file, writer, kDeviceRules).ok();
  if (writer.flash_failed()) {
    return kFlashFailed;
  }
  if (!read || !writer.complete()) {
    return kFileFailed;
  }
  const auto image = host_.map().first(image_bytes);
  if (core::crc32(image) != writer.crc()) {
    return kDiffers;
  }
  const auto view = map_image(image, ImageUse::kFinish);
  result_.structure = view ? verify_structure(view.value(), bitmap)
                           : StructureVerdict{StructureFinding::kString, kHeaderStringCount};
  if (!result_.structure.ok()) {
    return kStructure;
  }
  return program_word(partition_, partition_.signature | kAbsoluteBit) ? kDone : kFlashFailed;
}

}  // namespace

ReloadResult reload(ImageFile& file, const LfsPartition& partition, std::span<uint8_t> memory,
                    ReloadHost& host) {
  return Reload(partition, memory, host).run(file, false);
}

ReloadResult continue_reload(ImageFile* file, bool retried, const LfsPartition& partition,
                             std::span<uint8_t> memory, ReloadHost& host) {
  Reload reload(partition, memory, host);
  if (file == nullptr) {
    return reload.leave(kGone);
  }
  if (retried) {
    return reload.leave(kGivenUp);
  }
  return host.note_retry() ? reload.run(*file, true) : reload.with(kJournal);
}

}  // namespace flashstore::luaflash
