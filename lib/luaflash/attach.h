// Whether an image can be attached beside the one in LFS (FORMAT.md, "Images to attach").
#pragma once

#include <cstdint>
#include <span>

#include "luaflash/base_strings.h"
#include "luaflash/verify_structure.h"

namespace flashstore::luaflash {

enum class AttachFinding : uint8_t {
  kNone,
  kNoImage,    // it is no image to attach, or its header is damaged
  kFlavour,    // it is for other numbers
  kAddress,    // it is for another address
  kCheck,      // it is damaged, cut short, or there is more behind it
  kBase,       // it goes with another image in LFS, or with none, or there is none
  kStructure,  // it was made wrongly
};

struct AttachVerdict {
  AttachFinding finding = AttachFinding::kNone;
  uint32_t address = 0;  // if it is an image at all: the one it is for
  StructureVerdict structure = {};

  bool ok() const { return finding == AttachFinding::kNone; }
};

// Judges what is mapped at `address`, for firmware that runs relocatable images of `signature`.
// null: LFS is empty. `bitmap` has room for the bitmap of an image of all of `mapped`; its content
// is lost.
AttachVerdict attach_check(std::span<const uint8_t> mapped, uint32_t address, uint32_t signature,
                           const BaseStrings* base, std::span<uint8_t> bitmap);

// What word kHeaderCheck has to be.
uint32_t attach_checksum(std::span<const uint8_t> image);

}  // namespace flashstore::luaflash
