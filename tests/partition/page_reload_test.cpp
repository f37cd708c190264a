#include <gtest/gtest.h>

#include <string>

#include "partition/page_fixture.h"

namespace flashstore::partition {
namespace {

class ReloadRecord : public testing::Test {
 protected:
  std::optional<PageStore::Reload> reload() { return store_.reload(buffer_); }

  norsim::Flash flash_{norsim::Contents(test::kChipBytes)};
  PageStore store_{flash_};
  std::array<char, PageStore::kMaxNameBytes> buffer_;
};

TEST_F(ReloadRecord, LivesFromBeginToEnd) {
  EXPECT_FALSE(reload());
  ASSERT_TRUE(store_.begin_reload("luac.out").ok());
  ASSERT_TRUE(reload());
  EXPECT_EQ(reload()->file, "luac.out");
  EXPECT_FALSE(reload()->continued);
  ASSERT_TRUE(store_.continue_reload().ok());
  EXPECT_EQ(reload()->file, "luac.out");
  EXPECT_TRUE(reload()->continued);
  ASSERT_TRUE(store_.end_reload().ok());
  EXPECT_FALSE(reload());
  ASSERT_TRUE(store_.end_reload().ok());
}

TEST_F(ReloadRecord, TakesNamesOfAnyLengthUpToTheLongest) {
  for (size_t bytes = 1; bytes <= PageStore::kMaxNameBytes; ++bytes) {
    const std::string file(bytes, static_cast<char>('a' + bytes % 26));
    ASSERT_TRUE(store_.begin_reload(file).ok()) << bytes;
    ASSERT_EQ(reload()->file, file);
  }
  EXPECT_EQ(store_.begin_reload("").flaw, PageFlaw::kBodyLength);
  EXPECT_EQ(store_.begin_reload(std::string(PageStore::kMaxNameBytes + 1, 'a')).flaw,
            PageFlaw::kBodyLength);
}

TEST_F(ReloadRecord, ABufferTooShortGetsTheBeginningOfTheName) {
  ASSERT_TRUE(store_.begin_reload("luac.out").ok());
  EXPECT_EQ(store_.reload(std::span(buffer_).first(3))->file, "lua");
}

TEST_F(ReloadRecord, ThatOfAnOriginalFirmwareIsNone) {
  test::write_page(
      flash_, {{kReflash, {0x692E7366, 0x0000676D}}, {kReflash, {}}, {kReflash, {0xFFFFFFFF}}});
  EXPECT_FALSE(reload());
  ASSERT_TRUE(store_.begin_reload("b").ok());
  EXPECT_EQ(reload()->file, "b");
}

TEST_F(ReloadRecord, BeginningOneEndsAllOthers) {
  test::write_page(flash_, {{kReflash, {0xFFFFFFFF, 'a'}}, {kReflash, {0xFFFFFFFF, 'b'}}});
  EXPECT_EQ(reload()->file, "a");
  ASSERT_TRUE(store_.begin_reload("c").ok());
  EXPECT_EQ(reload()->file, "c");
}

TEST_F(ReloadRecord, SurvivesThatThePageIsCleared) {
  ASSERT_TRUE(store_.begin_reload("luac.out").ok());
  ASSERT_TRUE(store_.continue_reload().ok());
  for (uint32_t i = 0; i < 150; ++i) {
    ASSERT_TRUE(store_.replace_table(test::numbered_table(i)).ok());
  }
  EXPECT_GT(flash_.counters().erases, 0u);
  EXPECT_EQ(reload()->file, "luac.out");
  EXPECT_TRUE(reload()->continued);
}

TEST_F(ReloadRecord, ThoseThatEndedAreClearedAway) {
  ASSERT_TRUE(store_.replace_table(test::numbered_table(5)).ok());
  for (uint32_t i = 0; i < 1000; ++i) {
    ASSERT_TRUE(store_.begin_reload("luac.out").ok());
    ASSERT_TRUE(store_.end_reload().ok());
  }
  Table table;
  ASSERT_TRUE(store_.read_table(table).ok());
  EXPECT_EQ(table, test::numbered_table(5));
}

}  // namespace
}  // namespace flashstore::partition
