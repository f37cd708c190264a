// The second judge reads what the original wrote, and names what is wrong with what it would not
// take.
#include "lilotafs/independent_parser.h"

#include <gmock/gmock.h>

#include <algorithm>
#include <string>

#include "lilotafs/draft.h"
#include "lilotafs/golden.h"
#include "support/files.h"

namespace flashstore::test {
namespace {

using testing::SizeIs;

TEST(IndependentParser, ListsTheOriginalsImagesAsTheOriginalDoes) {
  const std::vector<GoldenImage> images = golden_images();
  ASSERT_THAT(images, SizeIs(3));
  for (const GoldenImage& image : images) {
    SCOPED_TRACE(image.file);
    const ParsedImage parsed = parse_lilotafs(image.bytes);
    EXPECT_EQ(parsed.damage, "");
    EXPECT_EQ(parsed.head, image.head);
    EXPECT_EQ(parsed.tail, image.tail);
    EXPECT_EQ(parsed.dirty, std::nullopt);
    EXPECT_EQ(parsed.records, image.records.size());
    std::vector<GoldenRecord> named;
    std::copy_if(image.records.begin(), image.records.end(), std::back_inserter(named),
                 [](const GoldenRecord& record) { return !record.name.empty(); });
    ASSERT_THAT(parsed.files, SizeIs(named.size()));
    for (size_t i = 0; i < named.size(); ++i) {
      SCOPED_TRACE(named[i].name);
      EXPECT_EQ(parsed.files[i].path, named[i].name);
      EXPECT_EQ(parsed.files[i].offset, named[i].offset);
      EXPECT_EQ(parsed.files[i].data_offset, named[i].data_offset);
      EXPECT_EQ(parsed.files[i].bytes.size(), named[i].length);
      EXPECT_EQ(sha256(as_text(parsed.files[i].bytes)), named[i].sha256);
    }
  }
}

ParsedImage parse(const Draft& draft) {
  return parse_lilotafs(draft.image());
}

TEST(IndependentParser, FollowsAWrapMarkerToTheFront) {
  Draft draft;
  draft.go(0x3FC0).record(0x5A00, 0x00, "old", "x").file("a", "1").wrap().file("b", "2");
  const ParsedImage parsed = parse(draft);
  EXPECT_EQ(parsed.damage, "");
  ASSERT_THAT(parsed.files, SizeIs(2));
  EXPECT_EQ(parsed.files[0].path, "a");
  EXPECT_EQ(parsed.files[1].path, "b");
  EXPECT_EQ(parsed.files[1].offset, 0u);
  EXPECT_EQ(parsed.head, 0x3FC0u);
  EXPECT_EQ(parsed.tail, 24u);
}

TEST(IndependentParser, AHeadMayBeAWrapMarker) {
  Draft draft;
  draft.file("b", "2").put(0x3FF8, {0x00, 0x5A, 0xF0, 0, 0, 0, 0, 0});
  const ParsedImage parsed = parse(draft);
  EXPECT_EQ(parsed.damage, "");
  EXPECT_THAT(parsed.files, SizeIs(1));
}

TEST(IndependentParser, BehindARecordThatEndsWithThePartitionTheRingGoesOn) {
  Draft draft;
  draft.go(0x3FE0).dummy_head().file("a", "").go(0);
  EXPECT_EQ(parse(draft).damage, "");
  EXPECT_EQ(parse(draft).tail, 0u);
  EXPECT_EQ(parse(draft.file("b", "")).tail, 16u);
  EXPECT_THAT(parse(draft).files, SizeIs(2));
  Draft full;
  full.dummy_head().file("a", std::string(0x4000 - 32, 'x'));
  EXPECT_EQ(parse(full).damage, "");
  EXPECT_EQ(parse(full).tail, 0x4000u);
}

TEST(IndependentParser, SaysWhereFreeSpaceIsNotErased) {
  EXPECT_EQ(parse(Draft().dummy_head().put(0x1234, {0})).dirty, 0x1234u);
  Draft behind_wrap;
  behind_wrap.go(0x3F00).dummy_head().wrap().put(0x3F20, {0x7F});
  EXPECT_EQ(parse(behind_wrap).dirty, 0x3F20u);
  Draft before_head;
  before_head.go(0x3F00).dummy_head().put(0x3000, {0});
  EXPECT_EQ(parse(before_head).dirty, std::nullopt) << "remains of moved records";
  EXPECT_EQ(parse(before_head.put(0x2FFF, {0})).dirty, 0x2FFFu);
}

TEST(IndependentParser, InertRecordsAreSteppedOver) {
  Draft draft;
  draft.dummy_head().record(0x5AA5, 0x00, "x", "abc").record(0x5AA5, 0x7C, "x", "abc");
  draft.record(0x5AA5, 0xE0, "", "").record(0x5AA5, 0xEE, "", "").file("x", "new");
  EXPECT_EQ(parse(draft).damage, "");
  EXPECT_THAT(parse(draft).files, SizeIs(1));
}

void expect_damage(const Draft& draft, const std::string& damage, uint32_t offset) {
  const ParsedImage parsed = parse(draft);
  EXPECT_EQ(parsed.damage, damage);
  EXPECT_EQ(parsed.damage_offset, offset);
}

TEST(IndependentParserNames, NoHead) {
  expect_damage(Draft(), "no head", 0);
  expect_damage(Draft().file("a", "1"), "no head", 0);
}

TEST(IndependentParserNames, TwoHeads) {
  expect_damage(Draft().dummy_head().dummy_head(), "two heads", 16);
}

TEST(IndependentParserNames, AHeadBeingMoved) {
  expect_damage(Draft().go(0x1000).record(0x5AA0, 0xFC, "a", ""), "head being moved", 0x1000);
  expect_damage(Draft().dummy_head().record(0x5AA0, 0xFC, "a", ""), "two heads", 16);
}

TEST(IndependentParserNames, ATornMagic) {
  expect_damage(Draft().dummy_head().record(0x5AA4, 0xFC, "a", ""), "torn magic", 16);
  expect_damage(Draft().dummy_head().put(16, {0xA5}), "torn magic", 16);
}

TEST(IndependentParserNames, AnOpenRecord) {
  expect_damage(Draft().dummy_head().record(0x5AA5, 0xFE, "a", ""), "open record", 16);
  expect_damage(Draft().dummy_head().record(0x5AA5, 0xFF, "a", ""), "open record", 16);
}

TEST(IndependentParserNames, AnOldVersionKept) {
  expect_damage(Draft().dummy_head().record(0x5AA5, 0xF8, "a", ""), "old version kept", 16);
}

TEST(IndependentParserNames, ANameWithoutEnd) {
  expect_damage(Draft().dummy_head().file(std::string(64, 'n'), ""), "name without end", 16);
  EXPECT_EQ(parse(Draft().dummy_head().file(std::string(63, 'n'), "")).damage, "");
}

TEST(IndependentParserNames, DataPastTheEnd) {
  Draft draft;
  draft.dummy_head().file("a", "").put_word(20, 4 * 4096 - 32);
  EXPECT_EQ(parse(draft).damage, "");
  draft.put_word(20, 4 * 4096 - 31);
  expect_damage(draft, "data past the end", 16);
  expect_damage(
      Draft().dummy_head().put(16, {0xA5, 0x5A, 0xFC, 0, 0, 0, 0, 0, '.', 'b', 'i', 'n', 0}),
      "data past the end", 16);
}

TEST(IndependentParserNames, AWrapMarkerWithALength) {
  expect_damage(Draft().go(0x1000).dummy_head().put(0x1010, {0xFA, 0x5A, 0xF0, 0, 1, 0, 0, 0}),
                "wrap marker with a length", 0x1010);
  expect_damage(Draft().go(0x1000).dummy_head().record(0x5AA5, 0xF0, "a", "abc"),
                "wrap marker with a length", 0x1010);
}

TEST(IndependentParserNames, WrappingTwice) {
  expect_damage(Draft().go(0x2000).dummy_head().wrap().wrap(), "wraps twice", 0);
}

TEST(IndependentParserNames, RunningIntoItsHead) {
  expect_damage(Draft().dummy_head().wrap(), "runs into its head", 0);
  Draft draft;
  draft.go(0x2000).dummy_head().wrap().file("a", std::string(0x2000 - 16, 'x'));
  expect_damage(draft, "runs into its head", 0x2000);
}

TEST(IndependentParserNames, NoErasedEnd) {
  expect_damage(Draft().dummy_head().put(18, {0x00}), "no erased end", 16);
}

TEST(IndependentParserNames, ACheckThatDiffers) {
  const Draft draft = Draft().dummy_head().file("a", "123456789");
  int right = 0;
  for (uint32_t check = 0; check < 256; ++check) {
    right += parse(Draft(draft).put(19, {static_cast<uint8_t>(check)})).damage.empty() ? 1 : 0;
  }
  EXPECT_EQ(right, 3) << "none, none of the original, and the check";
  expect_damage(Draft(draft).put(19, {0x7F}).put(33, {0}), "check differs", 16);
}

TEST(IndependentParserNames, TheSamePathTwice) {
  expect_damage(Draft().dummy_head().file("a", "1").file("a", "2"), "same path twice", 40);
}

TEST(IndependentParserNames, NoDirectory) {
  expect_damage(Draft().dummy_head().file("d/a", ""), "no directory", 16);
  expect_damage(Draft().dummy_head().file("d/e/", "").file("d/", "").file("e/a", ""),
                "no directory", 48);
  EXPECT_EQ(parse(Draft().dummy_head().file("d/e/", "").file("d/e/a", "").file("d/", "")).damage,
            "");
}

}  // namespace
}  // namespace flashstore::test
