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

TEST(CodeCheck, RefusesAFunctionWithoutEnd) {
  Function function;
  function.max_stack = 2;
  EXPECT_NE(check_code(function), std::nullopt);
  function.code = {encode_abc(kOpLoadNil, 0, 0, 0)};
  EXPECT_NE(check_code(function), std::nullopt);
}

}  // namespace
}  // namespace flashstore::luac
