// Bytecode for computers: ours is byte for byte what Debian's luac5.1 writes.
#include <gtest/gtest.h>

#include <filesystem>

#include "luac/chunk.h"
#include "luac/compiler.h"
#include "luac/strip.h"
#include "support/files.h"
#include "support/process.h"

namespace flashstore::luac {
namespace {

const std::string kSources = FLASHSTORE_TEST_DATA "/lfs/src";

// What luac5.1 makes of `file`; empty if it refuses.
std::string stock(const std::string& file, bool stripped) {
  const test::TemporaryFolder folder;
  std::vector<std::string> words{"luac5.1", "-o", folder / "out", file};
  if (stripped) {
    words.insert(words.begin() + 1, "-s");
  }
  test::ProcessOptions options;
  options.directory = kSources;
  const auto result = test::run_process(words, options);
  return result.exit_status == 0 ? test::read_text(folder / "out") : "";
}

void expect_stock_bytes(bool stripped) {
  size_t compared = 0;
  for (const auto& entry : std::filesystem::directory_iterator(kSources)) {
    const std::string file = entry.path().filename();
    if (!file.ends_with(".lua")) {
      continue;
    }
    SCOPED_TRACE(file);
    auto compiled = compile(test::read_text(entry.path()), "@" + file, Flavour::kFloat);
    const std::string wanted = stock(file, stripped);
    if (!compiled || wanted.empty()) {
      continue;  // one that neither takes, or that only stock Lua has the limits for
    }
    if (stripped) {
      strip(compiled.value().main, Strip::kSources);
    }
    EXPECT_EQ(write_stock_chunk(compiled.value().main), wanted);
    ++compared;
  }
  EXPECT_GE(compared, 50u);
}

TEST(StockChunk, IsWhatStockLuaWrites) {
  expect_stock_bytes(false);
}

TEST(StockChunk, IsWhatStockLuaWritesStripped) {
  expect_stock_bytes(true);
}

}  // namespace
}  // namespace flashstore::luac
