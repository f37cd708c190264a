// Whatever an image holds, taking it apart ends with a verdict: a fault with its place, or
// functions that all writers take.
#include <gtest/gtest.h>

#include "core/bytes.h"
#include "luac/chunk.h"
#include "luac/compiler.h"
#include "luac/image_writer.h"
#include "luac/lift.h"
#include "luac/listing.h"
#include "luac/master.h"
#include "luaflash/format.h"
#include "luaflash/opcodes.h"

namespace flashstore::luac {
namespace {

using namespace luaflash;

class LiftDamage : public testing::Test {
 protected:
  // Makes an image of `texts`, one a module, without its bitmap.
  void make(const std::vector<std::string>& texts) {
    std::vector<Module> modules;
    for (const std::string& text : texts) {
      modules.push_back(
          make_module(std::move(compile(text, "@m.lua", Flavour::kFloat).value().main)));
    }
    make(make_master(std::move(modules), 1));
  }

  void make(const Function& master) {
    const Image image = write_image(master, Flavour::kFloat);
    bytes_.assign(image.image().begin(), image.image().end());
  }

  ImageView view() const { return open_image(bytes_).value(); }
  uint32_t word(uint32_t offset) const { return core::load_word(bytes_, offset * kWordBytes); }
  void set(uint32_t offset, uint32_t value) {
    core::store_word(bytes_, offset * kWordBytes, value);
  }

  // The Proto of a module, and where the address of it is.
  uint32_t module_address(uint32_t i) const {
    return view().proto_at(view().main())->children.offset + i;
  }
  uint32_t module(uint32_t i) const { return word(module_address(i)); }

  // Name and place of the fault; empty if there is none.
  std::string fault() const {
    const auto result = lift(view());
    return result ? "" : name(result.error().fault) + ("@" + std::to_string(result.error().offset));
  }

  // What is found if `offset` holds `value`.
  std::string fault_with(uint32_t offset, uint32_t value) {
    const std::vector<uint8_t> kept = bytes_;
    set(offset, value);
    std::string found = fault();
    bytes_ = kept;
    return found;
  }

  static std::string at(const char* name, uint32_t offset) {
    return name + ("@" + std::to_string(offset));
  }

  std::vector<uint8_t> bytes_;
};

constexpr const char* kText = "local a = ... return function(b) return a, b, 'text', 1.5, nil end";

TEST_F(LiftDamage, IsNamed) {
  make({kText, "return 2"});
  ASSERT_EQ(fault(), "");
  const uint32_t proto = module(0);
  const uint32_t inner = word(word(proto + kProtoChildren));
  const uint32_t constants = word(inner + kProtoConstants);
  const uint32_t main = view().main();
  const uint32_t words = view().words();
  EXPECT_EQ(fault_with(kHeaderMain, words - 1), at("lift-vectors", kHeaderMain));
  EXPECT_EQ(fault_with(kHeaderMain, 0), at("lift-vectors", kHeaderMain));
  EXPECT_EQ(fault_with(module_address(0), words), at("lift-vectors", module_address(0)));
  EXPECT_EQ(fault_with(proto + kProtoCode, words), at("lift-vectors", module_address(0)));
  EXPECT_EQ(fault_with(proto + kProtoCodeCount, UINT32_MAX), at("lift-vectors", module_address(0)));
  EXPECT_EQ(fault_with(proto + kProtoSource, proto), at("lift-string", proto + kProtoSource));
  EXPECT_EQ(fault_with(proto + kProtoSource, UINT32_MAX), at("lift-string", proto + kProtoSource));
  EXPECT_EQ(fault_with(constants, 1), at("lift-string", constants));
  EXPECT_EQ(fault_with(constants + 2, 7), at("lift-constant", constants));
  EXPECT_EQ(fault_with(proto + kProtoLineMap, word(inner + kProtoLineMap)),
            at("lift-line-map", proto + kProtoLineMap));
  EXPECT_EQ(fault_with(word(inner + kProtoCode), UINT32_MAX),
            at("lift-code", word(inner + kProtoCode)));
  EXPECT_EQ(fault_with(inner + kProtoTraits, 0), at("lift-code", word(inner + kProtoCode)));
  EXPECT_EQ(fault_with(word(main + kProtoCode), word(word(main + kProtoCode)) + (1 << 14)),
            at("lift-master", main));
  EXPECT_EQ(fault_with(main + kProtoTraits, word(main + kProtoTraits) & ~0xFF00u),
            at("lift-master", main))
      << "does not take the name asked for";
  EXPECT_EQ(fault_with(kHeaderMain, proto), at("lift-master", proto));
}

TEST_F(LiftDamage, FunctionsHaveOnePlace) {
  make({kText, "return 2"});
  const uint32_t inner = word(word(module(0) + kProtoChildren));
  EXPECT_EQ(fault_with(module_address(1), module(0)),
            at("lift-shared-function", module_address(1)));
  EXPECT_EQ(fault_with(module_address(1), inner), at("lift-shared-function", module_address(1)));
  EXPECT_EQ(fault_with(module_address(0), view().main()),
            at("lift-shared-function", module_address(0)));
  const uint32_t children = word(module(0) + kProtoChildren);
  EXPECT_EQ(fault_with(children, module(0)), at("lift-shared-function", children));
}

TEST_F(LiftDamage, FunctionsNestNoDeeperThanACompilersDo) {
  for (const int depth : {kMaxNesting - 1, kMaxNesting, 1000}) {
    Function function;
    function.max_stack = 2;
    function.code = {encode_abc(kOpReturn, 0, 1, 0)};
    for (int i = 0; i < depth; ++i) {
      Function outer;
      outer.max_stack = 2;
      outer.code = function.code;
      outer.children.push_back(std::move(function));
      function = std::move(outer);
    }
    std::vector<Module> modules;
    modules.push_back({"m", std::move(function)});
    make(make_master(std::move(modules), 1));
    EXPECT_EQ(fault().substr(0, 12), depth < kMaxNesting ? "" : "lift-nesting") << depth;
  }
}

TEST_F(LiftDamage, VectorsHaveOneOwner) {
  std::string text = "local t = {}";
  for (int i = 0; i < 3000; ++i) {
    text += " t[1] = 2";
  }
  make({text, "return 1", "return 2", "return 3"});
  ASSERT_EQ(fault(), "");
  for (const uint32_t i : {1u, 2u, 3u}) {
    set(module(i) + kProtoCode, word(module(0) + kProtoCode));
    set(module(i) + kProtoCodeCount, word(module(0) + kProtoCodeCount));
    set(module(i) + kProtoLineMap, 0);
    set(module(i) + kProtoTraits, word(module(0) + kProtoTraits));
    set(module(i) + kProtoConstants, word(module(0) + kProtoConstants));
    set(module(i) + kProtoConstantCount, word(module(0) + kProtoConstantCount));
  }
  EXPECT_EQ(fault(), at("lift-shared-words", module(1)));
}

TEST_F(LiftDamage, CopiesOfStringsHaveALimit) {
  Function main;
  main.max_stack = 2;
  main.code = {encode_abc(kOpReturn, 0, 1, 0)};
  main.constants.assign(1000, 1.5);
  main.constants[0] = std::string(100'000, 'x');
  std::vector<Module> modules;
  modules.push_back({"m", std::move(main)});
  make(make_master(std::move(modules), 1));
  ASSERT_EQ(fault(), "");
  const uint32_t constants = word(module(0) + kProtoConstants);
  for (uint32_t i = 1; i < 1000; ++i) {
    set(constants + i * 3, word(constants));
    set(constants + i * 3 + 2, kTagString);
  }
  EXPECT_EQ(fault(), at("lift-shared-strings", constants + kMaxLiftedBytes / 100'000 * 3));
}

// What every reader of `function` does.
void use(const Function& function) {
  const auto again = read_chunk(write_chunk(function, Flavour::kFloat), Flavour::kFloat);
  ASSERT_TRUE(again.ok()) << again.error().what;
  EXPECT_FALSE(write_stock_chunk(function).empty());
  EXPECT_FALSE(list(function, true).empty());
}

TEST_F(LiftDamage, OfAnyWordGetsAVerdict) {
  make({kText, "return 2"});
  const uint32_t words = view().words();
  for (uint32_t offset = kHeaderWords; offset < words; ++offset) {
    std::vector<uint32_t> values{0, 1, offset, words - kProtoWords, words - 1, UINT32_MAX};
    for (uint32_t bit = 0; bit < 32; ++bit) {
      values.push_back(word(offset) ^ 1u << bit);
    }
    const std::vector<uint8_t> kept = bytes_;
    for (const uint32_t value : values) {
      set(offset, value);
      const auto result = lift(view());
      if (result) {
        use(result.value().master);
      } else {
        EXPECT_LT(result.error().offset, words);
        EXPECT_NE(result.error().what, "");
      }
    }
    bytes_ = kept;
  }
}

}  // namespace
}  // namespace flashstore::luac
