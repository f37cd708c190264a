// Images taken apart are what they were made of: put together again they are the same bytes.
#include "luac/lift.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "core/bytes.h"
#include "luac/chunk.h"
#include "luac/compiler.h"
#include "luac/image_writer.h"
#include "luac/master.h"
#include "luac/strip.h"
#include "luaflash/format.h"
#include "support/files.h"

namespace flashstore::luac {
namespace {

using nlohmann::json;

const std::string kExpected = FLASHSTORE_TEST_DATA "/lfs/expected/";
const std::string kSources = FLASHSTORE_TEST_DATA "/lfs/src/";

std::vector<json> recorded(const std::string& list, const std::string& format) {
  static const json manifest = json::parse(test::read_text(kExpected + "manifest.json"));
  std::vector<json> found;
  for (const json& run : manifest[list]) {
    if (run["exit_code"] == 0 && run.contains("image_file") && run.value("format", "") == format) {
      found.push_back(run);
    }
  }
  return found;
}

// The bytes of a recorded image, without gzip.
std::string content(const json& run) {
  const std::string file = test::read_text(kExpected + run["image_file"].get<std::string>());
  return file.starts_with("\x1f\x8b") ? test::gunzip(file) : file;
}

core::Result<Lifted, LiftError> lift_bytes(std::string_view bytes) {
  const auto image = luaflash::open_image(test::as_bytes(bytes));
  if (!image) {
    return LiftError{LiftFault::kMaster, 0, luaflash::name(image.error())};
  }
  return lift(image.value());
}

// Fails the test if `bytes` is no good image.
Lifted lifted(std::string_view bytes) {
  auto result = lift_bytes(bytes);
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
  const auto runs = recorded("builds", "pi-v1");
  ASSERT_EQ(runs.size(), 168u);
  for (const json& run : runs) {
    SCOPED_TRACE(run["image_file"]);
    const std::string bytes = content(run);
    const Lifted image = lifted(bytes);
    EXPECT_EQ(image.build_time, run["time"].get<double>());
    EXPECT_EQ(payload(image.master, image.flavour), bytes);
    const Function master = make_master(modules_of(image), image.build_time);
    EXPECT_EQ(payload(master, image.flavour), bytes) << "from its modules";
  }
}

TEST(Lift, AbsoluteImagesAreRebuiltByteForByte) {
  const auto runs = recorded("builds", "absolute-v1");
  ASSERT_EQ(runs.size(), 10u);
  for (const json& run : runs) {
    SCOPED_TRACE(run["image_file"]);
    const std::string bytes = content(run);
    const Lifted image = lifted(bytes);
    const auto base = std::stoul(run["options"][1].get<std::string>(), nullptr, 0);
    const Image again = write_image(image.master, image.flavour);
    EXPECT_EQ(test::as_text(make_absolute(again, static_cast<uint32_t>(base))), bytes);
  }
}

TEST(Lift, ModulesAsFilesMakeTheSameImage) {
  for (const json& run : recorded("builds", "pi-v1")) {
    SCOPED_TRACE(run["image_file"]);
    const std::string bytes = content(run);
    const Lifted image = lifted(bytes);
    std::vector<Module> modules;
    for (const Function& module : image.master.children) {
      auto read = read_chunk(write_chunk(module, image.flavour), image.flavour);
      ASSERT_TRUE(read.ok()) << read.error().what;
      EXPECT_EQ(read.value(), module);
      modules.push_back(make_module(std::move(read).value()));
    }
    const Function master = make_master(std::move(modules), image.build_time);
    EXPECT_EQ(payload(master, image.flavour), bytes);
  }
}

// The functions the sources of a run have today.
Function compiled(const json& run, Flavour flavour) {
  std::vector<Module> modules;
  for (const std::string file : run["files"]) {
    auto main = compile(test::read_text(kSources + file), "@" + file, flavour);
    strip(main.value().main, Strip::kNames);
    modules.push_back(make_module(std::move(main.value().main)));
  }
  return make_master(std::move(modules), run.value("time", 1518283691));
}

TEST(Lift, ImagesOf2018HoldTheFunctionsOfTheirSources) {
  const auto runs = recorded("legacy", "");
  ASSERT_EQ(runs.size(), 11u);
  for (const json& run : runs) {
    SCOPED_TRACE(run["image_file"]);
    const Lifted image = lifted(content(run));
    const Function wanted = compiled(run, image.flavour);
    EXPECT_EQ(image.flavour, Flavour::kDword);
    EXPECT_EQ(image.build_time, 1518283691);
    EXPECT_EQ(image.master.children, wanted.children);
    const Function master = make_master(modules_of(image), image.build_time);
    EXPECT_EQ(master, wanted);
  }
}

}  // namespace
}  // namespace flashstore::luac
