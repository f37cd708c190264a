// `lfsimg relocate` beside what luac.cross -a makes of the same image.
#include <gtest/gtest.h>

#include "luac/image_writer.h"
#include "support/files.h"
#include "support/process.h"
#include "support/recorded_images.h"
#include "tools/lfsimg/relocatable.h"

namespace flashstore::test {
namespace {

const std::string kExpected = FLASHSTORE_TEST_DATA "/lfs/expected/";
constexpr uint32_t kAddresses = 64;

// From the lowest to the highest an absolute image can have, at sectors and between.
uint32_t address(uint32_t index) {
  return 0x40210000 + index * 0x4000 + index % 4 * 0x44;
}

std::string hex(uint32_t value) {
  char text[16];
  std::snprintf(text, sizeof text, "0x%08x", value);
  return text;
}

luac::Image as_image(const RecordedImage& recorded) {
  const auto bytes = as_bytes(recorded.content);
  return {{bytes.begin(), bytes.end()}, recorded.record["image_size"]};
}

// What the tool makes of an image in memory.
std::string moved(std::span<const uint8_t> file, uint32_t base) {
  const auto image = lfsimg::open_image("image", as_text(file));
  EXPECT_TRUE(image.ok());
  auto relocatable = lfsimg::make_relocatable(image.value());
  EXPECT_TRUE(relocatable.ok());
  return as_text(lfsimg::at_address(std::move(relocatable).value(), base));
}

TEST(LfsimgRelocate, MakesWhatTheCompilerMakesOfEveryBuildForEveryAddress) {
  const auto images = recorded_images("pi-v1");
  ASSERT_GT(images.size(), 100u);
  for (const RecordedImage& recorded : images) {
    SCOPED_TRACE(recorded.file);
    const luac::Image image = as_image(recorded);
    std::vector<uint8_t> before = image.payload;
    for (uint32_t i = 0; i < kAddresses; ++i) {
      const auto expected = luac::make_absolute(image, address(i));
      ASSERT_EQ(moved(image.payload, address(i)), as_text(expected)) << hex(address(i));
      ASSERT_EQ(moved(before, address(i)), as_text(expected)) << "from the address before";
      before = expected;
    }
    const auto back = lfsimg::make_relocatable(lfsimg::open_image("", as_text(before)).value());
    EXPECT_EQ(as_text(back.value().image) + as_text(back.value().bitmap), recorded.content);
  }
}

class LfsimgRelocateFile : public testing::Test {
 protected:
  std::string relocate(std::vector<std::string> options, const std::string& file) {
    const std::string output = folder_ / "out";
    options.insert(options.begin(), {LFSIMG, "-q", "relocate", "-o", output});
    options.push_back(file);
    const ProcessResult run = run_process(options);
    EXPECT_EQ(run.exit_status, 0) << run.err;
    return run.exit_status == 0 ? read_text(output) : "";
  }

  const TemporaryFolder folder_;
};

TEST_F(LfsimgRelocateFile, FindsTheWayThereAndBack) {
  const std::string absolute = folder_ / "absolute";
  uint32_t index = 0;
  for (const RecordedImage& image : recorded_images("pi-v1")) {
    SCOPED_TRACE(image.file);
    const uint32_t base = address(index++ % kAddresses);
    const std::string there = relocate({"--base", hex(base)}, kExpected + image.file);
    EXPECT_EQ(there, as_text(luac::make_absolute(as_image(image), base)));
    write_text(absolute, there);
    const std::string back = relocate({"--relocatable", "--compress", "fast"}, absolute);
    EXPECT_EQ(gunzip(back), image.content);
  }
}

TEST_F(LfsimgRelocateFile, MakesTheImagesTheOriginalMade) {
  size_t compared = 0;
  for (const RecordedImage& image : recorded_images("absolute-v1")) {
    const std::string base = image.record["options"].back();
    if (image.record["name"] != "abs-" + base || !base.ends_with("0000")) {
      continue;  // what only the original takes for an address
    }
    SCOPED_TRACE(image.file);
    const std::string flavour = image.record["flavour"];
    EXPECT_EQ(relocate({"--base", base}, kExpected + "img/app." + flavour + ".img"), image.content);
    ++compared;
  }
  EXPECT_GE(compared, 5u);
}

}  // namespace
}  // namespace flashstore::test
