#include "luaflash/reload.h"

#include <gtest/gtest.h>

#include "core/bytes.h"
#include "luaflash/envelope.h"
#include "luaflash/reload_device.h"
#include "norsim/flash.h"
#include "support/files.h"

namespace flashstore::luaflash {
namespace {

using test::Bytes;
using test::Device;
using test::File;

constexpr const char* kSmall = "app.float";
constexpr const char* kMiddle = "app-preload.float";
constexpr const char* kLarge = "all-small.float";

class Reload : public testing::Test {
 protected:
  void expect(ReloadOutcome outcome, const ReloadResult& result) {
    EXPECT_STREQ(name(result.outcome), name(outcome));
  }

  void expect_image(const Bytes& file) { EXPECT_EQ(device_.image(), test::image_in_flash(file)); }

  // Loads an image and forgets what that cost.
  void load(const Bytes& file) {
    expect(ReloadOutcome::kDone, device_.flash_reload("before", file));
    chip_.reset_counters();
  }

  void expect_nothing_changed() {
    EXPECT_EQ(chip_.counters().erases, 0u);
    EXPECT_EQ(chip_.counters().program_calls, 0u);
  }

  norsim::Flash chip_{norsim::Contents(test::kChipBytes)};
  Device device_{chip_};
};

TEST_F(Reload, PutsTheImageIntoFlashForItsAddress) {
  for (const char* name : {kSmall, kMiddle, kLarge, kSmall}) {
    const Bytes file = test::image_file(name);
    expect(ReloadOutcome::kDone, device_.flash_reload("luac.out", file));
    expect_image(file);
    EXPECT_EQ(device_.structure(), "");
    EXPECT_FALSE(device_.has_note());
  }
}

TEST_F(Reload, TakesEveryRecordedImageOfItsFlavour) {
  for (const char* name : {"fifty", "names", "one-longstr", "one-manyk", "one-nested",
                           "one-near64k", "one-hashmany", "one-numk"}) {
    const Bytes file = test::image_file(std::string(name) + ".float");
    expect(ReloadOutcome::kDone, device_.flash_reload(name, file));
    expect_image(file);
  }
}

TEST_F(Reload, ErasesJustTheSectorsOfTheImage) {
  const Bytes file = test::image_file(kMiddle);
  load(test::image_file(kLarge));
  expect(ReloadOutcome::kDone, device_.flash_reload("luac.out", file));
  EXPECT_EQ(chip_.counters().erases, (test::image_in_flash(file).size() + 4095) / 4096);
}

TEST_F(Reload, OfTheImageThatIsThereChangesNothing) {
  const Bytes file = test::image_file(kMiddle);
  load(file);
  expect(ReloadOutcome::kAlreadyThere, device_.flash_reload("luac.out", file));
  expect_nothing_changed();
}

TEST_F(Reload, AnImageWithoutTheAbsoluteMarkIsThereAsWell) {
  const Bytes file = test::image_file(kMiddle);
  load(file);
  const std::array<uint8_t, 1> unmarked = {kSignatureFloat & 0xFF};
  chip_.program(test::kLfsAddress, unmarked);
  chip_.reset_counters();
  expect(ReloadOutcome::kAlreadyThere, device_.flash_reload("luac.out", file));
  expect_nothing_changed();
}

TEST_F(Reload, StopsComparingWhereTheImagesDiffer) {
  const Bytes file = test::image_file(kLarge);
  load(test::image_file(kMiddle));
  expect(ReloadOutcome::kDone, device_.flash_reload("luac.out", file));
  expect_image(file);
}

TEST_F(Reload, ADifferenceInTheLastWordIsFound) {
  const Bytes file = test::image_file(kMiddle);
  load(file);
  const Bytes image = test::image_in_flash(file);
  const auto last = test::kLfsAddress + static_cast<uint32_t>(image.size()) - 1;
  const std::array<uint8_t, 1> cleared = {0};
  ASSERT_NE(image.back(), 0);
  chip_.program(last, cleared);
  expect(ReloadOutcome::kDone, device_.flash_reload("luac.out", file));
  expect_image(file);
}

TEST_F(Reload, OfAFileThatIsNoImageChangesNothing) {
  const Bytes before = test::image_file(kMiddle);
  load(before);
  Bytes file = test::image_file(kSmall);
  file.resize(file.size() - 1);
  const ReloadResult cut = device_.flash_reload("luac.out", file);
  expect(ReloadOutcome::kRefused, cut);
  const ReloadResult other = device_.flash_reload("luac.out", test::image_file("app.int"));
  expect(ReloadOutcome::kRefused, other);
  EXPECT_STREQ(name(other.stream), "flavour");
  const ReloadResult empty = device_.flash_reload("luac.out", Bytes());
  expect(ReloadOutcome::kRefused, empty);
  EXPECT_STREQ(name(empty.stream), "truncated");
  expect_nothing_changed();
  expect_image(before);
}

TEST_F(Reload, OfAFileThatCannotBeReadChangesNothing) {
  const Bytes before = test::image_file(kMiddle);
  load(before);
  const Bytes bytes = test::image_file(kSmall);
  for (const uint32_t pass : {1, 2}) {  // the second only compares
    File file(bytes);
    file.fail(pass, 100);
    const ReloadResult result = device_.flash_reload("luac.out", file, 4096);
    expect(ReloadOutcome::kRefused, result);
    EXPECT_STREQ(name(result.stream), "source-failed");
  }
  expect_nothing_changed();
  expect_image(before);
}

TEST_F(Reload, WithoutAPartitionOrMemoryChangesNothing) {
  const Bytes bytes = test::image_file(kSmall);
  File file(bytes);
  const LfsPartition none{chip_, 0, 0, kFlashWindow, kSignatureFloat};
  alignas(8) std::array<uint8_t, reload_bytes(0x10000, 0x10000)> memory;
  const ReloadResult refused = reload(file, none, memory, device_);
  expect(ReloadOutcome::kRefused, refused);
  EXPECT_STREQ(name(refused.stream), "no-partition");
  const LfsPartition some{chip_, test::kLfsAddress, test::kLfsBytes, test::kLfsBase,
                          kSignatureFloat};
  expect(ReloadOutcome::kNoMemory,
         reload(file, some, std::span(memory).first(reload_bytes(0, 0) - 1), device_));
  const ReloadResult small =
      reload(file, some, std::span(memory).first(reload_bytes(0, 0)), device_);
  expect(ReloadOutcome::kRefused, small);
  EXPECT_STREQ(name(small.stream), "no-room");
  expect_nothing_changed();
}

TEST_F(Reload, AFileThatFailsLaterLeavesNoImage) {
  const Bytes bytes = test::image_file(kMiddle);
  for (const size_t after : {size_t{0}, size_t{100}, size_t{2000}, bytes.size() - 1}) {
    load(test::image_file(kSmall));
    File file(bytes);
    file.fail(3, after);
    expect(ReloadOutcome::kFileFailed, device_.flash_reload("luac.out", file, 8192));
    EXPECT_TRUE(device_.image().empty());
    EXPECT_FALSE(device_.has_note());
  }
}

TEST_F(Reload, AFileThatChangesIsNotTaken) {
  const Bytes first = test::image_file(kMiddle);
  for (const char* other : {kSmall, kLarge, "one-numk.float"}) {
    const Bytes second = test::image_file(other);
    File file(first);
    file.change(3, second);
    const ReloadResult result = device_.flash_reload("luac.out", file, 8192);
    EXPECT_GT(result.outcome, ReloadOutcome::kDone);
    EXPECT_TRUE(device_.image().empty()) << other;
    EXPECT_FALSE(device_.has_note());
  }
}

TEST_F(Reload, AnImageOfBadStructureIsTakenBack) {
  std::string payload =
      flashstore::test::gunzip(flashstore::test::as_text(test::image_file(kMiddle)));
  // The hash of the first string: nothing a stream can tell.
  const auto slots =
      core::load_word(flashstore::test::as_bytes(payload), kHeaderHashSlots * kWordBytes);
  payload[(kHeaderWords + slots + kStringHash) * kWordBytes] ^= 1;
  const std::string file = flashstore::test::envelope(flashstore::test::as_bytes(payload));
  const ReloadResult result = device_.flash_reload("luac.out", Bytes(file.begin(), file.end()));
  expect(ReloadOutcome::kStructure, result);
  EXPECT_STREQ(name(result.structure.finding), "hash");
  EXPECT_EQ(result.structure.offset, kHeaderWords + slots + kStringHash);
  EXPECT_TRUE(device_.image().empty());
  EXPECT_EQ(chip_.contents().at(test::kLfsAddress), 0);
  EXPECT_FALSE(device_.has_note());
}

TEST_F(Reload, TakesNoMoreMemoryThanADeviceHas) {
  // A device has pointers of 32 bits; there it is less.
  EXPECT_LE(reload_bytes(0x10000 + 0x800, 0x40000), 20480u);
  EXPECT_LE(reload_bytes(0x40000 + 0x2000, 0x40000), 27648u);
  // What the last bytes of any file say does not matter.
  EXPECT_EQ(reload_bytes(UINT32_MAX, 0x40000), reload_bytes(0x40000 + 0x2000, 0x40000));
}

TEST_F(Reload, WithoutAJournalErasesNothing) {
  class NoJournal final : public ReloadHost {
   public:
    explicit NoJournal(Device& device) : device_(device) {}
    std::span<const uint8_t> map() override { return device_.map(); }
    bool note_reload() override { return false; }
    bool note_retry() override { return false; }
    bool forget_reload() override { return false; }

   private:
    Device& device_;
  };
  NoJournal host(device_);
  const Bytes bytes = test::image_file(kSmall);
  File file(bytes);
  const LfsPartition partition{chip_, test::kLfsAddress, test::kLfsBytes, test::kLfsBase,
                               kSignatureFloat};
  alignas(8) std::array<uint8_t, reload_bytes(0x10000, 0x10000)> memory;
  expect(ReloadOutcome::kJournal, reload(file, partition, memory, host));
  expect(ReloadOutcome::kJournal, continue_reload(&file, false, partition, memory, host));
  expect_nothing_changed();
}

// A chip that is worn out: one operation fails, or is only said to be done.
class WornChip final : public core::NorFlash {
 public:
  explicit WornChip(norsim::Flash& chip) : chip_(chip) {}

  uint32_t size() const override { return chip_.size(); }
  bool read(uint32_t address, std::span<uint8_t> into) override {
    return chip_.read(address, into);
  }
  bool program(uint32_t address, std::span<const uint8_t> bytes) override {
    if (address == failing_program) {
      return false;
    }
    return address == lost_program || chip_.program(address, bytes);
  }
  bool erase(uint32_t address) override { return address != failing_erase && chip_.erase(address); }

  uint32_t failing_program = UINT32_MAX;
  uint32_t lost_program = UINT32_MAX;
  uint32_t failing_erase = UINT32_MAX;

 private:
  norsim::Flash& chip_;
};

class ReloadOfWornChip : public Reload {
 protected:
  void expect_no_image(ReloadOutcome outcome) {
    Device device(worn_);
    expect(outcome, device.flash_reload("luac.out", test::image_file(kMiddle)));
    EXPECT_TRUE(device.image().empty());
    EXPECT_FALSE(device.has_note());
  }

  WornChip worn_{chip_};
};

TEST_F(ReloadOfWornChip, WhatWasNotWrittenIsFound) {
  load(test::image_file(kSmall));
  worn_.lost_program = test::kLfsAddress + 0x80;
  expect_no_image(ReloadOutcome::kDiffers);
}

TEST_F(ReloadOfWornChip, WhatItCannotDoEndsTheReload) {
  load(test::image_file(kSmall));
  worn_.failing_program = test::kLfsAddress + 0x1080;
  expect_no_image(ReloadOutcome::kFlashFailed);
  worn_.failing_program = UINT32_MAX;
  load(test::image_file(kSmall));
  worn_.failing_erase = test::kLfsAddress + 0x1000;
  expect_no_image(ReloadOutcome::kFlashFailed);
}

TEST_F(ReloadOfWornChip, AHeaderThatCannotBeClearedLeavesTheImage) {
  const Bytes before = test::image_file(kSmall);
  load(before);
  worn_.failing_program = test::kLfsAddress;
  Device device(worn_);
  expect(ReloadOutcome::kFlashFailed, device.flash_reload("luac.out", test::image_file(kMiddle)));
  EXPECT_EQ(device.image(), test::image_in_flash(before));
  EXPECT_EQ(chip_.counters().erases, 0u);
}

// --- at boot ---

class ContinuedReload : public Reload {
 protected:
  // Power goes at the operation after so many of a reload.
  void interrupt(const Bytes& file, uint32_t operations) {
    norsim::Flash before{chip_.contents()};
    before.cut_at({operations, norsim::Cut::Where::kBefore, 0, 0});
    Device interrupted(before);
    interrupted.flash_reload("luac.out", file);
    ASSERT_FALSE(before.has_power());
    left_ = before.contents();
  }

  norsim::Contents left_{test::kChipBytes};
};

constexpr uint32_t kJournalled = 20;  // operations after which the first erase is over

TEST_F(ContinuedReload, PutsTheImageThere) {
  const Bytes file = test::image_file(kMiddle);
  load(test::image_file(kSmall));
  interrupt(file, kJournalled);
  norsim::Flash chip(left_);
  Device device(chip);
  EXPECT_TRUE(device.image().empty());
  expect(ReloadOutcome::kDone, device.boot({{"luac.out", file}}).value());
  EXPECT_EQ(device.image(), test::image_in_flash(file));
  EXPECT_FALSE(device.boot({{"luac.out", file}}));
}

TEST_F(ContinuedReload, WithoutItsFileThereIsNoImage) {
  load(test::image_file(kSmall));
  interrupt(test::image_file(kMiddle), kJournalled);
  norsim::Flash chip(left_);
  Device device(chip);
  expect(ReloadOutcome::kGone, device.boot({}).value());
  EXPECT_TRUE(device.image().empty());
  EXPECT_EQ(chip.contents().at(test::kLfsAddress), 0);
  EXPECT_FALSE(device.boot({}));
}

TEST_F(ContinuedReload, OfAFileThatIsNoImageAnyMoreThereIsNone) {
  load(test::image_file(kSmall));
  interrupt(test::image_file(kMiddle), kJournalled);
  norsim::Flash chip(left_);
  Device device(chip);
  expect(ReloadOutcome::kRefused, device.boot({{"luac.out", {1, 2, 3, 4, 5}}}).value());
  EXPECT_TRUE(device.image().empty());
  EXPECT_FALSE(device.boot({}));
}

TEST_F(ContinuedReload, InterruptedAgainItIsGivenUp) {
  const Bytes file = test::image_file(kMiddle);
  interrupt(file, kJournalled);
  norsim::Flash chip(left_);
  chip.cut_at({20, norsim::Cut::Where::kBefore, 0, 0});
  Device(chip).boot({{"luac.out", file}});
  ASSERT_FALSE(chip.has_power());
  norsim::Flash again(chip.contents());
  Device device(again);
  expect(ReloadOutcome::kGivenUp, device.boot({{"luac.out", file}}).value());
  EXPECT_TRUE(device.image().empty());
  EXPECT_FALSE(device.boot({{"luac.out", file}}));
  expect(ReloadOutcome::kDone, device.flash_reload("luac.out", file));
}

TEST_F(ContinuedReload, BeforeAnythingWasErasedTheOldImageOutlivesItsFile) {
  const Bytes old = test::image_file(kSmall);
  load(old);
  ASSERT_TRUE(partition::PageStore(chip_).begin_reload("luac.out").ok());
  expect(ReloadOutcome::kGone, device_.boot({}).value());
  expect_image(old);
}

TEST_F(ContinuedReload, ThatWasOverErasesNothing) {
  const Bytes file = test::image_file(kMiddle);
  load(file);
  partition::PageStore store(chip_);
  ASSERT_TRUE(store.begin_reload("luac.out").ok());
  expect(ReloadOutcome::kAlreadyThere, device_.boot({{"luac.out", file}}).value());
  ASSERT_TRUE(store.begin_reload("luac.out").ok());
  ASSERT_TRUE(store.continue_reload().ok());
  expect(ReloadOutcome::kGivenUp, device_.boot({{"luac.out", file}}).value());
  EXPECT_EQ(chip_.counters().erases, 0u);
  expect_image(file);
}

}  // namespace
}  // namespace flashstore::luaflash
