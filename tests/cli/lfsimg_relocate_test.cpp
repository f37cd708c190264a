// `lfsimg relocate` beside what luac.cross -a makes of the same image.
#include <gtest/gtest.h>

#include "luac/image_writer.h"
#include "support/files.h"
#include "support/process.h"
#include "support/recorded_images.h"

namespace flashstore::test {
namespace {

const std::string kExpected = FLASHSTORE_TEST_DATA "/lfs/expected/";

std::string hex(uint32_t value) {
  char text[16];
  std::snprintf(text, sizeof text, "0x%08x", value);
  return text;
}

luac::Image as_image(const RecordedImage& recorded) {
  const auto bytes = as_bytes(recorded.content);
  return {{bytes.begin(), bytes.end()}, recorded.record["image_size"]};
}

// 64 addresses from the lowest to the highest an absolute image can have, sectors and odd words.
uint32_t address(uint32_t index) {
  return 0x40210000 + index * 0x4000 + (index % 4) * 0x44;
}

class LfsimgRelocate : public testing::Test {
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

TEST_F(LfsimgRelocate, MakesWhatTheCompilerMakesAndFindsTheWayBack) {
  const auto images = recorded_images("pi-v1");
  ASSERT_GT(images.size(), 100u);
  const std::string absolute = folder_ / "absolute";
  for (size_t i = 0; i < images.size(); ++i) {
    SCOPED_TRACE(images[i].file);
    const uint32_t base = address(static_cast<uint32_t>(i % 64));
    const std::string there = relocate({"--base", hex(base)}, kExpected + images[i].file);
    EXPECT_EQ(there, as_text(luac::make_absolute(as_image(images[i]), base)));
    write_text(absolute, there);
    EXPECT_EQ(gunzip(relocate({"--relocatable"}, absolute)), images[i].content);
  }
}

TEST_F(LfsimgRelocate, MovesAnImageFromAddressToAddress) {
  const auto images = recorded_images("pi-v1");
  for (const RecordedImage& image : images) {
    if (image.record["name"] != "app") {
      continue;
    }
    SCOPED_TRACE(image.file);
    std::string file = kExpected + image.file;
    for (uint32_t i = 0; i < 64; ++i) {
      const std::string moved = relocate({"--base", hex(address(i))}, file);
      ASSERT_EQ(moved, as_text(luac::make_absolute(as_image(image), address(i)))) << i;
      file = folder_ / "moved";
      write_text(file, moved);
    }
    EXPECT_EQ(gunzip(relocate({"--relocatable"}, file)), image.content);
  }
}

TEST_F(LfsimgRelocate, MakesTheImagesTheOriginalMade) {
  size_t compared = 0;
  for (const RecordedImage& image : recorded_images("absolute-v1")) {
    const std::string address = image.record["options"].back();
    if (image.record["name"] != "abs-" + address || !address.ends_with("0000")) {
      continue;  // what the original takes for an address and we do not
    }
    SCOPED_TRACE(image.file);
    const std::string flavour = image.record["flavour"];
    EXPECT_EQ(relocate({"--base", address}, kExpected + "img/app." + flavour + ".img"),
              image.content);
    ++compared;
  }
  EXPECT_GE(compared, 5u);
}

}  // namespace
}  // namespace flashstore::test
