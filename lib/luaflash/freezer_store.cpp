#include "luaflash/freezer_store.h"

#include <algorithm>

#include "core/bytes.h"
#include "core/crc32.h"

namespace flashstore::luaflash {
namespace {

constexpr uint32_t kSectorBytes = core::NorFlash::kSectorBytes;
constexpr uint32_t kChunkBytes = 64;
constexpr uint32_t kHeaderBytes = kStringHeaderWords * kWordBytes;
constexpr uint32_t kErased = 0xFFFFFFFF;

constexpr uint32_t head_of(uint32_t mark, uint32_t hash) {
  return (mark == kStringMark
              ? kFreezerHeaderWords + hash % kFreezerStringSlots
              : kFreezerHeaderWords + kFreezerStringSlots + hash % kFreezerFunctionSlots) *
         kWordBytes;
}

// Bytes of a block, or 0: this is the header of none, in a region of `most` bytes.
constexpr uint32_t block_bytes(uint32_t mark, uint32_t length, uint32_t most) {
  if (length >= most) {
    return 0;
  }
  if (mark == kStringMark) {  // with its NUL
    return kHeaderBytes + (length / kWordBytes + 1) * kWordBytes;
  }
  return mark == kFunctionMark && length != 0 && length % kWordBytes == 0 ? kHeaderBytes + length
                                                                          : 0;
}

class StringContent final : public FreezerContent {
 public:
  explicit StringContent(std::string_view bytes) : bytes_(bytes) {}

  bool emit(uint32_t, WordSink& sink) const override {
    for (size_t at = 0; at <= bytes_.size(); at += kWordBytes) {
      uint32_t word = 0;
      for (size_t i = 0; i < kWordBytes && at + i < bytes_.size(); i++) {
        word |= uint32_t{static_cast<uint8_t>(bytes_[at + i])} << (8 * i);
      }
      if (!sink.take(word)) {
        return false;
      }
    }
    return true;
  }

 private:
  std::string_view bytes_;
};

}  // namespace

// Words on their way to or from flash, in pieces.
class FreezerStore::Chunks : public WordSink {
 public:
  bool take(uint32_t word) final {
    core::store_aligned_word(chunk_, filled_, word);
    filled_ += kWordBytes;
    return filled_ < kChunkBytes || flush();
  }

  bool take_all(std::span<const uint32_t> words) {
    return std::all_of(words.begin(), words.end(), [this](uint32_t word) { return take(word); });
  }

  bool flush() {
    const auto chunk = std::span(chunk_).first(filled_);
    filled_ = 0;
    return chunk.empty() || use(chunk);
  }

 protected:
  ~Chunks() = default;
  virtual bool use(std::span<const uint8_t> chunk) = 0;

 private:
  alignas(kWordBytes) std::array<uint8_t, kChunkBytes> chunk_;
  uint32_t filled_ = 0;
};

class FreezerStore::Measure final : public Chunks {
 public:
  uint32_t bytes() const { return bytes_; }
  uint32_t crc() const { return crc_; }

 private:
  bool use(std::span<const uint8_t> chunk) override {
    bytes_ += static_cast<uint32_t>(chunk.size());
    crc_ = core::crc32(chunk, crc_);
    return true;
  }

  uint32_t bytes_ = 0;
  uint32_t crc_ = 0;
};

// Stops where the flash holds something else.
class FreezerStore::Comparison final : public Chunks {
 public:
  Comparison(core::NorFlash& flash, uint32_t offset) : flash_(flash), offset_(offset) {}

 private:
  bool use(std::span<const uint8_t> chunk) override {
    alignas(kWordBytes) std::array<uint8_t, kChunkBytes> buffer;
    const auto there = std::span(buffer).first(chunk.size());
    const bool same =
        flash_.read(offset_, there) && std::equal(chunk.begin(), chunk.end(), there.begin());
    offset_ += static_cast<uint32_t>(chunk.size());
    return same;
  }

  core::NorFlash& flash_;
  uint32_t offset_;
};

class FreezerStore::Writer final : public Chunks {
 public:
  Writer(core::NorFlash& flash, uint32_t offset) : flash_(flash), offset_(offset) {}

 private:
  bool use(std::span<const uint8_t> chunk) override {
    const bool done = flash_.program(offset_, chunk);
    offset_ += static_cast<uint32_t>(chunk.size());
    return done;
  }

  core::NorFlash& flash_;
  uint32_t offset_;
};

FreezerStore::FreezerStore(core::NorFlash& flash, uint32_t base, uint32_t flavour,
                           const FreezerNeighbour& lfs)
    : flash_(flash), base_(base), flavour_(flavour), lfs_(lfs) {}

// --- words of the flash ---

bool FreezerStore::fail() {
  state_ = State::kFailed;
  return false;
}

bool FreezerStore::read_words(uint32_t offset, std::span<uint32_t> words) {
  alignas(kWordBytes) std::array<uint8_t, kFreezerHeaderWords * kWordBytes> bytes;
  if (!flash_.read(offset, std::span(bytes).first(words.size_bytes()))) {
    return fail();
  }
  for (size_t i = 0; i < words.size(); i++) {
    words[i] = core::load_aligned_word(bytes, i * kWordBytes);
  }
  return true;
}

uint32_t FreezerStore::read_word(uint32_t offset) {
  uint32_t word = 0;
  read_words(offset, {&word, 1});
  return word;
}

bool FreezerStore::program_word(uint32_t offset, uint32_t word) {
  alignas(kWordBytes) std::array<uint8_t, kWordBytes> bytes;
  core::store_aligned_word(bytes, 0, word);
  return flash_.program(offset, bytes) || fail();
}

bool FreezerStore::zero(uint32_t begin, uint32_t end) {
  alignas(kWordBytes) constexpr std::array<uint8_t, kChunkBytes> kZeros{};
  for (; begin < end; begin += kChunkBytes) {
    if (!flash_.program(begin, std::span(kZeros).first(std::min(end - begin, kChunkBytes)))) {
      return fail();
    }
  }
  return true;
}

bool FreezerStore::is_blank(uint32_t begin, uint32_t end) {
  alignas(kWordBytes) std::array<uint8_t, kChunkBytes> chunk;
  for (; begin < end; begin += kChunkBytes) {
    if (!flash_.read(begin, chunk)) {
      return fail();
    }
    if (std::any_of(chunk.begin(), chunk.end(), [](uint8_t byte) { return byte != 0xFF; })) {
      return false;
    }
  }
  return true;
}

// --- the region ---

FreezerMount FreezerStore::mount() {
  state_ = State::kOpen;
  end_ = 0;
  FreezerMount found = FreezerMount::kReady;
  if (is_ours()) {
    recover();
    found = state_ == State::kBlank ? FreezerMount::kCleared : FreezerMount::kReady;
  } else if (is_blank(0, kSectorBytes)) {
    found = FreezerMount::kBlank;
  } else if (state_ != State::kFailed && clear()) {
    found = FreezerMount::kCleared;
  }
  if (found == FreezerMount::kBlank && state_ != State::kFailed) {
    state_ = State::kBlank;
  }
  return state_ == State::kFailed ? FreezerMount::kFailed : found;
}

bool FreezerStore::is_ours() {
  std::array<uint32_t, kFreezerHeaderWords> header{};
  return read_words(0, header) && header[kFreezerMagicWord] == kFreezerMagic &&
         header[kFreezerFlavour] == flavour_ && header[kFreezerBase] == base_ &&
         header[kFreezerBytes] == size() && header[kFreezerClear] == kErased &&
         header[kFreezerLfs] == lfs_.identity();
}

// The word that demands it is in the sector that goes last: whatever interrupts this, the next boot
// does it again.
bool FreezerStore::clear() {
  end_ = 0;
  if (!program_word(kFreezerClear * kWordBytes, 0)) {
    return false;
  }
  for (uint32_t sector = size(); sector > 0; sector -= kSectorBytes) {
    if (!flash_.erase(sector - kSectorBytes)) {
      return fail();
    }
  }
  state_ = State::kBlank;
  return true;
}

bool FreezerStore::format() {
  // A sector that looks blank may be one whose erase was interrupted: of those behind the first,
  // clear() has seen the end.
  const bool cleared = is_blank(kSectorBytes, size()) ? flash_.erase(0) || fail()
                                                      : state_ != State::kFailed && clear();
  if (!cleared) {
    return false;
  }
  Writer writer(flash_, 0);
  const std::array<uint32_t, kFreezerClear> header = {kFreezerMagic, flavour_, base_, size(),
                                                      lfs_.identity()};
  if (!writer.take_all(header) || !writer.flush()) {
    return fail();
  }
  end_ = kFreezerFirstBlock;
  state_ = State::kOpen;
  return true;
}

bool FreezerStore::clear_at_next_boot() {
  if (state_ == State::kOpen && program_word(kFreezerClear * kWordBytes, 0)) {
    state_ = State::kClosed;
  }
  return state_ != State::kFailed;
}

// --- after a power cut ---

// Blocks end with a word that is not all ones: where the last such word is, the blocks end.
uint32_t FreezerStore::find_end() {
  uint32_t end = size();
  while (end > kFreezerFirstBlock && is_blank(end - kChunkBytes, end)) {
    end -= kChunkBytes;
  }
  while (end > kFreezerFirstBlock && read_word(end - kWordBytes) == kErased) {
    end -= kWordBytes;
  }
  return std::max(end, kFreezerFirstBlock);
}

// Only the last block can be one that was not added as a whole, or whose link is not complete.
bool FreezerStore::recover() {
  end_ = find_end();
  uint32_t last = 0;
  Header header{};
  for (uint32_t block = kFreezerFirstBlock; block < end_;) {
    Header next{};
    if (!read_words(block,
                    std::span(next).first(std::min(end_ - block, kHeaderBytes) / kWordBytes))) {
      return false;
    }
    if (next[kStringNext] == 0) {  // discarded
      block += kWordBytes;
      continue;
    }
    const uint32_t bytes = block_bytes(next[kStringTypeMark], next[kStringLength], size());
    if (bytes == 0 || bytes > end_ - block) {
      return discard(block);
    }
    last = block;
    header = next;
    block += bytes;
  }
  return last == 0 || finish(last, header);
}

bool FreezerStore::finish(uint32_t last, const Header& header) {
  uint32_t link = head_of(header[kStringTypeMark], header[kStringHash]);
  for (;;) {
    const uint32_t address = read_word(link);
    if (state_ == State::kFailed || address == base_ + last) {
      return state_ != State::kFailed;
    }
    if (address == kErased) {
      return discard(last);
    }
    if (!is_block(address) || address > base_ + last || address - base_ <= link) {
      // Half of the way from all ones to the address of the last block; or the flash is damaged.
      const uint32_t wanted = base_ + last;
      return (address & wanted) == wanted ? program_word(link, wanted) : clear();
    }
    link = address - base_;
  }
}

// What is zero belongs to no block. The header goes when there is nothing else any more that could
// be taken for one, and the word that the next boot looks at first goes last.
bool FreezerStore::discard(uint32_t block) {
  const uint32_t content = std::min(block + kHeaderBytes, end_);
  return zero(content, end_) && zero(block + kWordBytes, content) &&
         zero(block, block + kWordBytes);
}

// --- blocks ---

bool FreezerStore::is_block(uint32_t address) const {
  const uint32_t offset = address - base_;
  return offset >= kFreezerFirstBlock && offset < end_ && end_ - offset >= kHeaderBytes &&
         offset % kWordBytes == 0;
}

bool FreezerStore::holds(uint32_t block, const Header& header, const FreezerContent& content) {
  Header there{};
  const uint32_t bytes = block_bytes(header[kStringTypeMark], header[kStringLength], size());
  if (bytes > size() - block || !read_words(block, there) ||
      !std::equal(header.begin() + 1, header.end(), there.begin() + 1)) {
    return false;
  }
  Comparison comparison(flash_, block + kHeaderBytes);
  return content.emit(base_ + block + kHeaderBytes, comparison) && comparison.flush();
}

FreezerStore::Found FreezerStore::find(const Header& header, const FreezerContent& content) {
  uint32_t link = head_of(header[kStringTypeMark], header[kStringHash]);
  for (;;) {
    const uint32_t address = read_word(link);
    if (!is_block(address) || address - base_ <= link) {
      return {0, link};
    }
    if (holds(address - base_, header, content)) {
      return {address - base_, link};
    }
    link = address - base_;
  }
}

uint32_t FreezerStore::add(const Header& header, const FreezerContent& content) {
  if (state_ == State::kFailed || (state_ == State::kBlank && !format())) {
    return 0;
  }
  const Found found = find(header, content);
  return found.block != 0 || state_ != State::kOpen ? found.block
                                                    : append(found.link, header, content);
}

uint32_t FreezerStore::append(uint32_t link, const Header& header, const FreezerContent& content) {
  const uint32_t block = end_;
  const uint32_t bytes = block_bytes(header[kStringTypeMark], header[kStringLength], size());
  // A chain that ends otherwise leads nowhere: the flash is damaged.
  if (bytes == 0 || bytes > size() - block || read_word(link) != kErased) {
    clear_at_next_boot();
    return 0;
  }
  Writer writer(flash_, block);
  const bool written = writer.take_all(header) &&
                       content.emit(base_ + block + kHeaderBytes, writer) && writer.flush();
  // A link of all ones but the address is one program, and the block is there.
  if (!written || !holds(block, header, content) || !program_word(link, base_ + block) ||
      read_word(link) != base_ + block) {
    fail();
    return 0;
  }
  end_ += bytes;
  return block;
}

uint32_t FreezerStore::add_string(std::string_view bytes, uint32_t hash) {
  if (bytes.size() >= size()) {
    clear_at_next_boot();
    return 0;
  }
  const StringContent content(bytes);
  const uint32_t block =
      add({kFreezerEndOfChain, kStringMark, hash, static_cast<uint32_t>(bytes.size())}, content);
  return block == 0 ? 0 : base_ + block;
}

uint32_t FreezerStore::add_function(const FreezerContent& content) {
  Measure measure;
  content.emit(0, measure);
  measure.flush();
  const uint32_t block =
      add({kFreezerEndOfChain, kFunctionMark, measure.crc(), measure.bytes()}, content);
  return block == 0 ? 0 : base_ + block + kHeaderBytes;
}

}  // namespace flashstore::luaflash
