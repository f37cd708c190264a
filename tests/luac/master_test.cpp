#include "luac/master.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "luaflash/opcodes.h"

namespace flashstore::luac {

using namespace luaflash;  // opcodes

namespace {

using namespace std::string_view_literals;

struct Naming {
  std::string_view source;
  std::string_view name;
};

class ModuleName : public testing::TestWithParam<Naming> {};

TEST_P(ModuleName, IsTheFilesNameUpToItsFirstDot) {
  EXPECT_EQ(module_name(GetParam().source), GetParam().name);
}

INSTANTIATE_TEST_SUITE_P(
    Sources, ModuleName,
    testing::Values(Naming{"@main.lua", "main"}, Naming{"@app/lib/net.lua", "net"},
                    Naming{"@app/.hidden.lua", "hidden"}, Naming{"@..two.dots.lua", "two"},
                    Naming{"@a.b.c.lua", "a"}, Naming{"@app/...", "app/..."},
                    Naming{"@noext", "noext"}, Naming{"@win\\dir\\x.lua", "x"},
                    Naming{"@mixed/dir\\x.lua", "dir\\x"}, Naming{"=stdin", "stdin"},
                    Naming{"=?", "?"}, Naming{"@cut\0here.lua"sv, "cut"}, Naming{"", ""}));

Module module(const std::string& name) {
  Module module;
  module.name = name;
  module.main.source = "@" + name + ".lua";
  return module;
}

TEST(Master, HasTheShapeAndSizeDevicesKnow) {
  const Function master = make_master({module("a"), module("b")}, 1518283691);
  EXPECT_EQ(master.source, "=(luac)");
  EXPECT_EQ(master.parameter_count, 1);
  EXPECT_EQ(master.max_stack, 5);
  EXPECT_EQ(master.code.size(), 5u * 2 + 5);
  EXPECT_EQ(master.children.size(), 2u);
  EXPECT_EQ(master.constants,
            (std::vector<Constant>{std::string("a"), std::string("b"), 1518283691.0}));
  EXPECT_TRUE(master.line_map.empty());
}

TEST(Master, KeepsDuplicateNames) {
  const Function master = make_master({module("a"), module("a")}, 0);
  EXPECT_EQ(master.constants[0], master.constants[1]);
}

TEST(Master, ListsNamesInBatchesItsRegistersHold) {
  for (const uint32_t count : {50u, 51u, 100u, 300u}) {
    std::vector<Module> modules;
    for (uint32_t i = 0; i < count; ++i) {
      modules.push_back(module("m" + std::to_string(i)));
    }
    const Function master = make_master(std::move(modules), 0);
    EXPECT_EQ(master.max_stack, 53);
    const auto batches = std::count_if(master.code.begin(), master.code.end(),
                                       [](uint32_t i) { return opcode_of(i) == kOpSetList; });
    EXPECT_EQ(batches, (count + 49) / 50) << count;
  }
}

}  // namespace
}  // namespace flashstore::luac
