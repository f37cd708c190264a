// Images taken apart are what they were made of: put together again they are the same bytes.
#include "luac/lift.h"

#include <gtest/gtest.h>

#include "luac/chunk.h"
#include "luac/compiler.h"
#include "luac/image_writer.h"
#include "luac/master.h"
#include "luac/strip.h"
#include "support/files.h"
#include "support/recorded_images.h"

namespace flashstore::luac {
namespace {

const std::string kSources = FLASHSTORE_TEST_DATA "/lfs/src/";

// Fails the test if it is not as it should be.
Lifted lifted(std::string_view image) {
  auto result = lift(luaflash::open_image(test::as_bytes(image)).value());
  if (!result) {
    ADD_FAILURE() << "word " << result.error().offset << ": " << result.error().what;
    return {};
  }
  return std::move(result).value();
}

std::string payload(const Function& master, Flavour flavour) {
  return test::as_text(write_image(master, flavour).payload);
}

std::vector<Module> modules_of(const Lifted& image) {
  std::vector<Module> modules;
  for (size_t i = 0; i < image.names.size(); ++i) {
    modules.push_back({image.names[i], image.master.children[i]});
  }
  return modules;
}

TEST(Lift, RecordedImagesAreRebuiltByteForByte) {
  const auto runs = test::recorded_images("pi-v1");
  ASSERT_EQ(runs.size(), 168u);
  for (const auto& run : runs) {
    SCOPED_TRACE(run.file);
    const Lifted image = lifted(run.content);
    EXPECT_EQ(image.build_time, run.record["time"].get<double>());
    EXPECT_EQ(payload(image.master, image.flavour), run.content);
    const Function master = make_master(modules_of(image), image.build_time);
    EXPECT_EQ(payload(master, image.flavour), run.content) << "from its modules";
  }
}

TEST(Lift, AbsoluteImagesAreRebuiltByteForByte) {
  const auto runs = test::recorded_images("absolute-v1");
  ASSERT_EQ(runs.size(), 10u);
  for (const auto& run : runs) {
    SCOPED_TRACE(run.file);
    const Lifted image = lifted(run.content);
    const auto base = std::stoul(run.record["options"][1].get<std::string>(), nullptr, 0);
    const Image again = write_image(image.master, image.flavour);
    EXPECT_EQ(test::as_text(make_absolute(again, static_cast<uint32_t>(base))), run.content);
  }
}

TEST(Lift, ModulesAsFilesMakeTheSameImage) {
  for (const auto& run : test::recorded_images("pi-v1")) {
    SCOPED_TRACE(run.file);
    const Lifted image = lifted(run.content);
    std::vector<Module> modules;
    for (const Function& module : image.master.children) {
      auto read = read_chunk(write_chunk(module, image.flavour), image.flavour);
      ASSERT_TRUE(read.ok()) << read.error().what;
      EXPECT_EQ(read.value(), module);
      modules.push_back(make_module(std::move(read).value()));
    }
    const Function master = make_master(std::move(modules), image.build_time);
    EXPECT_EQ(payload(master, image.flavour), run.content);
  }
}

constexpr double kTime = 1518283691;  // of all of them

// The functions the sources of a run have today.
Function compiled(const test::RecordedImage& run, Flavour flavour) {
  std::vector<Module> modules;
  for (const std::string file : run.record["files"]) {
    auto main = compile(test::read_text(kSources + file), "@" + file, flavour);
    strip(main.value().main, Strip::kNames);
    modules.push_back(make_module(std::move(main.value().main)));
  }
  return make_master(std::move(modules), kTime);
}

TEST(Lift, ImagesOf2018HoldTheFunctionsOfTheirSources) {
  const auto runs = test::recorded_legacy_images();
  ASSERT_EQ(runs.size(), 11u);
  for (const auto& run : runs) {
    SCOPED_TRACE(run.file);
    const Lifted image = lifted(run.content);
    const Function wanted = compiled(run, image.flavour);
    EXPECT_EQ(image.flavour, Flavour::kDword);
    EXPECT_EQ(image.build_time, kTime);
    EXPECT_EQ(image.master.children, wanted.children);
    const Function master = make_master(modules_of(image), image.build_time);
    EXPECT_EQ(master, wanted);
  }
}

}  // namespace
}  // namespace flashstore::luac
