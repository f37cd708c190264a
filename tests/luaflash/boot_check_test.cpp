#include "luaflash/boot_check.h"

#include <gtest/gtest.h>

#include <array>
#include <vector>

#include "core/bytes.h"
#include "luaflash/format.h"

namespace flashstore::luaflash {
namespace {

constexpr uint32_t kBase = 0x40210000;
constexpr uint32_t kSlots = 4;
constexpr uint32_t kImageWords = kHeaderWords + kSlots + kProtoWords;

// A partition with an image that is nothing but header, hash vector and main function.
class BootCheck : public testing::Test {
 protected:
  BootCheck() {
    set(kHeaderSignature, kSignatureFloat);
    set(kHeaderSize, kImageWords * kWordBytes);
    set(kHeaderMain, address(kHeaderWords + kSlots));
    set(kHeaderHashVector, address(kHeaderWords));
    set(kHeaderHashSlots, kSlots);
  }

  static uint32_t address(uint32_t offset) { return kBase + offset * kWordBytes; }

  void set(HeaderWord index, uint32_t value) {
    core::store_word(partition_, index * kWordBytes, value);
  }

  BootVerdict verdict() const { return boot_check(partition_, kBase, kSignatureFloat); }

  std::vector<uint8_t> partition_ = std::vector<uint8_t>(4096, 0xFF);
};

TEST_F(BootCheck, TakesAnImageWithOrWithoutTheAbsoluteBit) {
  EXPECT_EQ(verdict(), BootVerdict::kOk);
  set(kHeaderSignature, kSignatureFloat | kAbsoluteBit);
  EXPECT_EQ(verdict(), BootVerdict::kOk);
}

TEST_F(BootCheck, AnErasedOrClearedHeaderIsNoImage) {
  for (const uint32_t word : {0u, 0xFFFFFFFFu}) {
    set(kHeaderSignature, word);
    EXPECT_EQ(verdict(), BootVerdict::kBlank);
  }
  EXPECT_EQ(boot_check(std::span(partition_).first(31), kBase, kSignatureFloat),
            BootVerdict::kBlank);
}

TEST_F(BootCheck, RefusesOtherNumbersVersionsAndHalfWrittenImages) {
  for (const uint32_t signature : {kSignatureInt, kSignatureDword, kSignatureFloat | kInProgressBit,
                                   kSignatureFloat + kVersion, kSignatureFloat ^ 0x80000000u}) {
    set(kHeaderSignature, signature);
    EXPECT_EQ(verdict(), BootVerdict::kWrongSignature) << std::hex << signature;
  }
}

TEST_F(BootCheck, RefusesWhatIsNotWhollyInside) {
  struct Change {
    HeaderWord word;
    uint32_t value;
  };
  const std::array changes{
      Change{kHeaderSize, 4100},                                    // larger than the partition
      Change{kHeaderSize, kHeaderWords * kWordBytes - 4},           // less than a header
      Change{kHeaderMain, address(kImageWords - kProtoWords + 1)},  // its last word outside
      Change{kHeaderMain, address(kHeaderWords + kSlots) + 2},      // not at a word
      Change{kHeaderMain, kHeaderWords + kSlots},                   // an offset, not an address
      Change{kHeaderHashVector, kBase - 4},
      Change{kHeaderHashSlots, kImageWords - kHeaderWords + 1},
      Change{kHeaderHashSlots, 0x40000000},  // times 4 it is 0
  };
  for (const Change& change : changes) {
    const std::vector<uint8_t> whole = partition_;
    set(change.word, change.value);
    EXPECT_EQ(verdict(), BootVerdict::kOutside) << change.word << " " << std::hex << change.value;
    partition_ = whole;
  }
}

TEST_F(BootCheck, RefusesAHashVectorThatIsNone) {
  for (const uint32_t slots : {0u, 3u}) {
    set(kHeaderHashSlots, slots);
    EXPECT_EQ(verdict(), BootVerdict::kNoHash) << slots;
  }
}

}  // namespace
}  // namespace flashstore::luaflash
