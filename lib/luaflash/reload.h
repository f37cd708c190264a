// Replaces the image in an LFS partition by one from a file (FORMAT.md, "How a device reloads").
// Nothing is erased before the file has proved to be an image for this device; from then on power
// may go at any point: a device that boots finds the old image, the new one, or none, never a part
// of one.
//
// No heap: the caller allocates once what reload_bytes() says.
#pragma once

#include <algorithm>
#include <cstdint>
#include <span>

#include "core/byte_stream.h"
#include "core/inflate.h"
#include "core/nor_flash.h"
#include "luaflash/format.h"
#include "luaflash/image_view.h"
#include "luaflash/relocate.h"
#include "luaflash/verify_stream.h"
#include "luaflash/verify_structure.h"

namespace flashstore::luaflash {

// Reads the image file, up to three times. Pieces of 64 bytes do.
class ImageFile : public core::ByteSource {
 public:
  // What next() returns begins with the first byte again. false: the file cannot be read.
  virtual bool rewind() = 0;

 protected:
  ~ImageFile() = default;
};

// Where the image goes.
struct LfsPartition {
  core::NorFlash& flash;   // the whole chip
  uint32_t address = 0;    // of the partition in it, the beginning of a sector
  uint32_t bytes = 0;      // whole sectors; 0: there is no partition
  uint32_t base = 0;       // byte address it is mapped at
  uint32_t signature = 0;  // of a relocatable image for this firmware
};

// What a reload needs of its firmware.
class ReloadHost {
 public:
  // The partition as it is mapped, all of it, with nothing of what a cache has of earlier contents.
  virtual std::span<const uint8_t> map() = 0;

  // The journal: a note that outlives a power cut, with the name of the file. false: the flash
  // failed.
  virtual bool note_reload() = 0;    // before the first erase
  virtual bool note_retry() = 0;     // it is tried a second time
  virtual bool forget_reload() = 0;  // image and header are as they shall be

 protected:
  ~ReloadHost() = default;
};

enum class ReloadOutcome : uint32_t {
  // nothing was erased, the image is as it was
  kAlreadyThere,  // it is the image of the file
  kRefused,       // the file: see ReloadResult::stream
  kNoMemory,      // less than a window needs
  kJournal,       // could not be written
  // there is a new image
  kDone,
  // there is no image any more
  kFileFailed,   // the file is not what it was when it was looked at first, or cannot be read
  kFlashFailed,  // the chip did not do what it was asked to
  kDiffers,      // the flash does not hold what was written to it
  kStructure,    // of the image: see ReloadResult::structure
  // only of continue_reload(): as the interrupted reload left it, but never half an image
  kGone,     // there is no such file
  kGivenUp,  // it was interrupted for the second time
};

// A short name for it, for messages and tests: "already-there", "done", ...
const char* name(ReloadOutcome outcome);

struct ReloadResult {
  ReloadOutcome outcome = ReloadOutcome::kRefused;
  StreamVerdict stream;
  StructureVerdict structure;
};

// Bytes of memory a reload takes for a file whose payload, as its last four bytes tell, has so many
// bytes, for a partition of `partition_bytes`. Whatever the file says, this is no more than the
// largest image needs that fits.
constexpr uint32_t reload_bytes(uint32_t payload_bytes, uint32_t partition_bytes) {
  return static_cast<uint32_t>(sizeof(core::Inflater)) + kMaxBackReference +
         std::min(bitmap_bytes_of_payload(payload_bytes),
                  bitmap_words(partition_bytes) * kWordBytes);
}

// `memory` has reload_bytes(), aligned as an allocator's. After kDone the image is complete and the
// device has to restart: what ran from the old image is not there any more.
ReloadResult reload(ImageFile& file, const LfsPartition& partition, std::span<uint8_t> memory,
                    ReloadHost& host);

// Tries again, at boot, a reload that the journal tells of. `file` may be null: it is not there;
// `retried` is whether this was tried before. Afterwards the journal is empty, unless the flash
// failed. A reload that was over but for the journal is kAlreadyThere.
ReloadResult continue_reload(ImageFile* file, bool retried, const LfsPartition& partition,
                             std::span<uint8_t> memory, ReloadHost& host);

}  // namespace flashstore::luaflash
