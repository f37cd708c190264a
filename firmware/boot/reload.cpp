// Device: how a new image comes into the LFS partition.
#include <algorithm>
#include <array>

#include "board/board.h"
#include "boot/device.h"
#include "boot/messages.h"
#include "core/bytes.h"
#include "luaflash/format.h"
#include "luaflash/reload.h"
#include "mount_image.h"

namespace flashstore::firmware {

using luaflash::ReloadOutcome;
using luaflash::ReloadResult;
using partition::PageStore;

namespace {

// An image in the file system.
class DeviceFile final : public luaflash::ImageFile {
 public:
  explicit DeviceFile(lilotafs::Volume* files) : files_(files) {}
  ~DeviceFile() {
    if (is_open()) {
      (void)files_->close(descriptor_);
    }
  }
  DeviceFile(const DeviceFile&) = delete;
  DeviceFile& operator=(const DeviceFile&) = delete;

  lilotafs::Error open(std::string_view name) {
    if (files_ == nullptr) {
      return lilotafs::Error::kNoFileSystem;
    }
    const auto opened = files_->Reader::open(name);
    if (!opened) {
      return opened.error();
    }
    descriptor_ = opened.value();
    return lilotafs::Error::kOk;
  }
  bool is_open() const { return descriptor_ != kNone; }

  // What the last four bytes say, or 0.
  uint32_t payload_bytes() {
    const auto end = files_->seek(descriptor_, 0, lilotafs::Whence::kEnd);
    std::array<uint8_t, 4> size{};
    if (!end || end.value() < size.size() ||
        !files_->seek(descriptor_, -int32_t{size.size()}, lilotafs::Whence::kEnd) ||
        !files_->read(descriptor_, size)) {
      return 0;
    }
    return core::load_word(size, 0);
  }

  bool rewind() override { return files_->seek(descriptor_, 0, lilotafs::Whence::kSet).ok(); }

  std::optional<std::span<const uint8_t>> next() override {
    const auto got = files_->read(descriptor_, piece_);
    if (!got) {
      return std::nullopt;
    }
    return std::span<const uint8_t>(piece_).first(got.value());
  }

 private:
  static constexpr int kNone = -1;

  lilotafs::Volume* files_;
  int descriptor_ = kNone;
  std::array<uint8_t, 64> piece_;
};

class Host final : public luaflash::ReloadHost {
 public:
  Host(PageStore& page, const luaflash::LfsPartition& partition, std::string_view file)
      : page_(page), partition_(partition), file_(file) {}

  std::span<const uint8_t> map() override {
    board::invalidate(partition_.address, partition_.bytes);
    return board::mapped().subspan(partition_.address, partition_.bytes);
  }
  bool note_reload() override { return page_.begin_reload(file_).ok(); }
  bool note_retry() override { return page_.continue_reload().ok(); }
  bool forget_reload() override { return page_.end_reload().ok(); }

 private:
  PageStore& page_;
  const luaflash::LfsPartition& partition_;
  std::string_view file_;
};

// What a person is told. `names` has the short name of what is wrong, if there is one.
const char* reason_of(ReloadOutcome outcome) {
  switch (outcome) {
    case ReloadOutcome::kAlreadyThere:
      return "this image is already in flash";
    case ReloadOutcome::kRefused:
      return "not an image for this device: ";
    case ReloadOutcome::kNoMemory:
      return "Memory allocation error";
    case ReloadOutcome::kJournal:
      return "the partition page could not be written";
    case ReloadOutcome::kDone:
      return "LFS region updated.";
    case ReloadOutcome::kFileFailed:
      return "the file could not be read to its end";
    case ReloadOutcome::kFlashFailed:
      return "the flash failed";
    case ReloadOutcome::kDiffers:
      return "the flash does not hold what was written";
    case ReloadOutcome::kStructure:
      return "the image is damaged: ";
    case ReloadOutcome::kGone:
      return "LFS image file not found";
    case ReloadOutcome::kGivenUp:
      return "it was interrupted twice";
  }
  return "";
}

std::string_view text_of(const ReloadResult& result) {
  const char* flaw = result.outcome == ReloadOutcome::kRefused     ? name(result.stream)
                     : result.outcome == ReloadOutcome::kStructure ? name(result.structure.finding)
                                                                   : "";
  return join({reason_of(result.outcome), flaw});
}

}  // namespace

std::string_view Device::reload(std::string_view file) {
  const luaflash::LfsPartition place = lfs_partition();
  if (place.bytes == 0 || given_) {
    return "No LFS partition allocated";
  }
  DeviceFile source(files());
  if (const auto error = source.open(file); error != lilotafs::Error::kOk) {
    return error == lilotafs::Error::kNotFound ? reason_of(ReloadOutcome::kGone)
                                               : lilotafs::describe(error);
  }
  const size_t wanted = luaflash::reload_bytes(source.payload_bytes(), place.bytes);
  Host host(page_, place, file);
  ReloadResult result;
  {
    // Less may do to see that the file is no image.
    const HeapBlock memory(heap_, std::min(wanted, heap_.largest()));
    result = luaflash::reload(source, place, memory.bytes(), host);
  }
  const bool had_no_room = result.outcome == ReloadOutcome::kNoMemory ||
                           (result.outcome == ReloadOutcome::kRefused &&
                            result.stream.finding == luaflash::StreamFinding::kNoRoom);
  if (had_no_room && wanted > heap_.largest() && host.note_reload()) {
    // Before Lua is there again, all of the heap is free.
    say("not enough memory to reload ", file, ": done on the way up.  Restarting.\n");
    board::reset(board::ResetReason::kRestart);
  }
  const std::string_view text = text_of(result);
  if (result.outcome < ReloadOutcome::kDone) {
    return text;
  }
  // What runs now may come from the old image: nothing of it is there any more.
  say(result.outcome == ReloadOutcome::kDone ? "" : "LFS region cleared: ", text,
      "  Restarting.\n");
  board::reset(board::ResetReason::kRestart);
}

void Device::continue_reload() {
  std::array<char, PageStore::kMaxNameBytes> name;
  const auto pending = page_.reload(name);
  if (!pending) {
    return;
  }
  say("LFS: the reload of ", pending->file, " goes on: ");
  const luaflash::LfsPartition place = lfs_partition();
  DeviceFile source(files());
  const bool there = source.open(pending->file) == lilotafs::Error::kOk;
  const HeapBlock memory(heap_,
                         there ? luaflash::reload_bytes(source.payload_bytes(), place.bytes) : 0);
  Host host(page_, place, pending->file);
  const ReloadResult result = luaflash::continue_reload(
      there ? &source : nullptr, pending->continued, place, memory.bytes(), host);
  say(text_of(result), "\n");
}

luaflash::LfsPartition Device::lfs_partition() const {
  const partition::Partition place = partition(partition::kLfs);
  return {.flash = board::flash(),
          .address = place.address,
          .bytes = place.bytes,
          .base = luaflash::kFlashWindow + place.address,
          .signature = kSignature};
}

}  // namespace flashstore::firmware
