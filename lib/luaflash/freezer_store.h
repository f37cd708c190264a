// The freezer's region in flash (FORMAT.md, "Freezer"): strings and functions that a running
// firmware adds and never changes, each once. Power may go at any point: what was added before is
// there at the next boot, and nothing leads to what was not added as a whole.
//
// Everything is read through the flash interface, never as it is mapped: caches do not matter here.
// No heap; no more than 200 bytes of stack for buffers.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string_view>

#include "core/nor_flash.h"
#include "luaflash/freezer_format.h"

namespace flashstore::luaflash {

class WordSink {
 public:
  // false: no more of them are wanted.
  virtual bool take(uint32_t word) = 0;

 protected:
  ~WordSink() = default;
};

// What a block holds.
class FreezerContent {
 public:
  // Gives all of its words to `sink`, as they are if the first one lies at `address`; the same ones
  // each time. Returns false as soon as the sink does. The last word is not all ones.
  virtual bool emit(uint32_t address, WordSink& sink) const = 0;

 protected:
  ~FreezerContent() = default;
};

// The image in LFS, as far as the freezer has to know it.
class FreezerNeighbour {
 public:
  // Another one for any other image, or other place of it; 0: there is none.
  virtual uint32_t identity() const = 0;

 protected:
  ~FreezerNeighbour() = default;
};

enum class FreezerMount : uint8_t {
  kBlank,    // nothing was ever added
  kReady,    // what was added is there
  kCleared,  // what was there is not wanted any more, or not ours: the region is blank
  kFailed,   // the flash failed: nothing can be added
};

class FreezerStore {
 public:
  // The region is all of `flash`, mapped at `base`; `flavour` as kFreezerFlavour. Both references
  // outlive the store.
  FreezerStore(core::NorFlash& flash, uint32_t base, uint32_t flavour, const FreezerNeighbour& lfs);

  // Once, at boot, before anything of the region is used: finishes or undoes what a power cut
  // interrupted, and clears the region if it has to be.
  FreezerMount mount();

  // Each returns the mapped address of what is in flash then, perhaps for long: the string, or the
  // first word of the function's content. 0: the region is full, which has it cleared at the next
  // boot, it will be cleared then anyway, or the flash failed.
  uint32_t add_string(std::string_view bytes, uint32_t hash);
  uint32_t add_function(const FreezerContent& content);

  // Has the next boot clear the region; until then all that is in it stays. false: the flash
  // failed.
  bool clear_at_next_boot();

  uint32_t used() const { return end_; }  // bytes of the region; 0: it is blank
  uint32_t size() const { return flash_.size(); }
  bool is_open() const { return state_ == State::kBlank || state_ == State::kOpen; }

 private:
  enum class State : uint8_t { kFailed, kBlank, kOpen, kClosed };  // closed: nothing is added
  using Header = std::array<uint32_t, kStringHeaderWords>;
  class Chunks;
  class Measure;
  class Comparison;
  class Writer;

  // Offsets in the region.
  struct Found {
    uint32_t block;  // 0: there is none
    uint32_t link;   // that leads to it, or the last of the chain
  };

  bool fail();
  bool read_words(uint32_t offset, std::span<uint32_t> words);
  uint32_t read_word(uint32_t offset);
  bool program_word(uint32_t offset, uint32_t word);
  bool zero(uint32_t begin, uint32_t end);
  bool is_blank(uint32_t begin, uint32_t end);
  bool is_ours();
  bool clear();
  bool format();

  uint32_t find_end();
  bool recover();
  bool finish(uint32_t last, const Header& header);
  bool discard(uint32_t block);

  bool is_block(uint32_t address) const;
  Found find(const Header& header, const FreezerContent& content);
  bool holds(uint32_t block, const Header& header, const FreezerContent& content);
  uint32_t add(const Header& header, const FreezerContent& content);
  uint32_t append(uint32_t link, const Header& header, const FreezerContent& content);

  core::NorFlash& flash_;
  uint32_t base_;
  uint32_t flavour_;
  const FreezerNeighbour& lfs_;
  uint32_t end_ = 0;  // where the next block goes
  State state_ = State::kFailed;
};

}  // namespace flashstore::luaflash
