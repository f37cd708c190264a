#include "luac/code_check.h"

#include <gtest/gtest.h>

#include <filesystem>

#include "luac/compiler.h"
#include "luaflash/opcodes.h"
#include "support/files.h"

namespace flashstore::luac {

using namespace luaflash;  // opcodes

namespace {

void expect_good(const Function& function) {
  EXPECT_EQ(check_code(function), std::nullopt);
  for (const Function& child : function.children) {
    expect_good(child);
  }
}

TEST(CodeCheck, AcceptsWhatTheCompilerMakes) {
  size_t compiled = 0;
  for (const auto& entry : std::filesystem::directory_iterator(FLASHSTORE_TEST_DATA "/lfs/src")) {
    if (entry.path().extension() == ".lua") {
      SCOPED_TRACE(entry.path());
      const auto result = compile(test::read_text(entry.path()), "@x", Flavour::kFloat);
      if (result) {
        expect_good(result.value().main);
        ++compiled;
      }
    }
  }
  EXPECT_GT(compiled, 40u);
}

// A function of two registers, one number and one name.
std::optional<std::string> verdict(std::vector<uint32_t> code) {
  Function function;
  function.max_stack = 2;
  function.constants = {1.0, std::string("name")};
  code.push_back(encode_abc(kOpReturn, 0, 1, 0));
  function.code = std::move(code);
  return check_code(function);
}

TEST(CodeCheck, AcceptsTheLastThingThatIsThere) {
  EXPECT_EQ(verdict({encode_abx(kOpLoadK, 1, 1)}), std::nullopt);
  EXPECT_EQ(verdict({encode_abx(kOpGetGlobal, 1, 1)}), std::nullopt);
  EXPECT_EQ(verdict({encode_jump(0)}), std::nullopt);
  EXPECT_EQ(verdict({encode_abc(kOpCall, 0, 2, 3)}), std::nullopt);
}

TEST(CodeCheck, RefusesWhatIsNotThere) {
  const std::vector<std::vector<uint32_t>> bad{
      {kOpcodes},                                        // no such instruction
      {encode_abx(kOpLoadK, 2, 0)},                      // register
      {encode_abx(kOpLoadK, 0, 2)},                      // constant
      {encode_abx(kOpGetGlobal, 0, 0)},                  // a number is no name
      {encode_abc(kOpAdd, 0, kConstantOperand | 2, 0)},  // constant operand
      {encode_abc(kOpAdd, 0, 0, 2)},                     // register operand
      {encode_abc(kOpGetUpvalue, 0, 0, 0)},              // upvalue
      {encode_abx(kOpClosure, 0, 0)},                    // function
      {encode_jump(1)},                                  // behind the end
      {encode_jump(-3)},                                 // before the start
      {encode_abc(kOpCall, 1, 2, 1)},                    // arguments
      {encode_abc(kOpReturn, 1, 3, 0)},                  // results
      {encode_abc(kOpVararg, 0, 2, 0)},                  // not a vararg function
      {encode_abc(kOpSelf, 1, 0, 0)},                    // its second register
  };
  for (const auto& code : bad) {
    EXPECT_NE(verdict(code), std::nullopt) << std::hex << code[0];
  }
}

TEST(CodeCheck, ATestIsFollowedByItsJump) {
  EXPECT_EQ(verdict({encode_abc(kOpEqual, 0, 0, 1), encode_jump(0)}), std::nullopt);
  EXPECT_EQ(verdict({encode_abc(kOpTest, 0, 0, 1), encode_jump(0)}), std::nullopt);
  const uint32_t other = encode_abc(kOpMove, 0, 1, 0);
  EXPECT_NE(verdict({encode_abc(kOpEqual, 0, 0, 1), other}), std::nullopt);
  EXPECT_NE(verdict({encode_abc(kOpTest, 0, 0, 1), other}), std::nullopt);
  EXPECT_NE(verdict({encode_abc(kOpTestSet, 0, 1, 1), other}), std::nullopt);
  EXPECT_NE(verdict({encode_abc(kOpLess, 0, 0, 1)}), std::nullopt);
}

// SETLIST without a block number has it in the next word, which may look like anything.
TEST(CodeCheck, NoJumpLeadsIntoABlockNumber) {
  const uint32_t set_list = encode_abc(kOpSetList, 0, 1, 0);
  EXPECT_EQ(verdict({encode_jump(2), set_list, 512}), std::nullopt);
  EXPECT_NE(verdict({encode_jump(1), set_list, 512}), std::nullopt);
  EXPECT_EQ(verdict({encode_jump(0), set_list, 512}), std::nullopt);
  EXPECT_EQ(verdict({encode_jump(2), set_list, set_list}), std::nullopt);
  EXPECT_NE(verdict({encode_jump(1), set_list, set_list}), std::nullopt);
  EXPECT_NE(verdict({set_list}), std::nullopt) << "the RETURN is taken for it";
}

TEST(CodeCheck, EachUpvalueOfAClosureComesFromSomewhere) {
  Function function;
  function.max_stack = 2;
  function.upvalue_count = 1;
  function.children.resize(1);
  function.children[0].upvalue_count = 2;
  const auto judge = [&](uint32_t first, uint32_t second) {
    function.code = {encode_abx(kOpClosure, 0, 0), first, second, encode_abc(kOpReturn, 0, 1, 0)};
    return check_code(function);
  };
  const uint32_t local = encode_abc(kOpMove, 0, 1, 0);
  const uint32_t upvalue = encode_abc(kOpGetUpvalue, 0, 0, 0);
  EXPECT_EQ(judge(local, upvalue), std::nullopt);
  EXPECT_NE(judge(local, encode_abc(kOpMove, 0, 2, 0)), std::nullopt);
  EXPECT_NE(judge(local, encode_abc(kOpMove, 2, 1, 0)), std::nullopt);
  EXPECT_NE(judge(encode_abc(kOpGetUpvalue, 0, 1, 0), local), std::nullopt);
  EXPECT_NE(judge(encode_abx(kOpLoadK, 0, 0), local), std::nullopt);
}

TEST(CodeCheck, RefusesAFunctionWithoutEnd) {
  Function function;
  function.max_stack = 2;
  EXPECT_NE(check_code(function), std::nullopt);
  function.code = {encode_abc(kOpLoadNil, 0, 0, 0)};
  EXPECT_NE(check_code(function), std::nullopt);
}

}  // namespace
}  // namespace flashstore::luac
