#include "luac/compiler.h"

#include <gtest/gtest.h>

#include "luac/strip.h"

namespace flashstore::luac {
namespace {

Function compiled(std::string_view text) {
  auto result = compile(text, "@test.lua", Flavour::kFloat);
  if (!result) {
    throw std::runtime_error(result.error().message);
  }
  return std::move(result.value().main);
}

std::string refusal(std::string_view text) {
  const auto result = compile(text, "@test.lua", Flavour::kFloat);
  return result ? "accepted" : result.error().message;
}

TEST(Compiler, GivesConstantsOfAllKindsInOrder) {
  const Function main =
      compiled("local t = {}; t[1] = 'x'; t[2.5] = 'x'; t['a\\0b'] = nil == true");
  EXPECT_EQ(main.constants,
            (std::vector<Constant>{1.0, std::string("x"), 2.5, std::string("a\0b", 3),
                                   std::monostate(), true}));
}

TEST(Compiler, NestsFunctionsAndTellsTheirLines) {
  const Function main = compiled("local function outer(a, b)\n  return function(...)\n  end\nend");
  ASSERT_EQ(main.children.size(), 1u);
  const Function& outer = main.children[0];
  EXPECT_EQ(outer.line_defined, 1u);
  EXPECT_EQ(outer.last_line_defined, 4u);
  EXPECT_EQ(outer.parameter_count, 2);
  ASSERT_EQ(outer.children.size(), 1u);
  EXPECT_NE(outer.children[0].vararg_flags, 0);
  EXPECT_EQ(outer.children[0].source, "@test.lua");
}

TEST(Compiler, KeepsNamesUntilTheyAreDropped) {
  Function main = compiled("local up = 1; return function() local here = up; return here end");
  EXPECT_EQ(main.locals.at(0).name, "up");
  EXPECT_EQ(main.children.at(0).upvalue_names, std::vector<std::string>{"up"});
  strip(main, Strip::kNames);
  EXPECT_TRUE(main.locals.empty());
  EXPECT_TRUE(main.children.at(0).locals.empty());
  EXPECT_TRUE(main.children.at(0).upvalue_names.empty());
  EXPECT_EQ(main.children.at(0).upvalue_count, 1);
}

TEST(Compiler, CountsASkippedFirstLine) {
  EXPECT_EQ(refusal("#!/usr/bin/lua\nx ="), "test.lua:2: unexpected symbol near '<eof>'");
  EXPECT_EQ(compiled("# only this").code.size(), 1u);
}

TEST(Compiler, WordsErrorsAsLuaDoes) {
  EXPECT_EQ(refusal("x = 'abc\n"), "test.lua:1: unfinished string near ''abc'");
  EXPECT_EQ(refusal("\n\nfor"), "test.lua:3: '<name>' expected near '<eof>'");
}

TEST(Compiler, StopsAtFunctionsThatNestTooDeeply) {
  std::string text;
  for (int i = 0; i < 300; ++i) {
    text += "return function() ";
  }
  EXPECT_NE(refusal(text).find("too many syntax levels"), std::string::npos) << refusal(text);
}

TEST(Compiler, RefusesWhatDoesNotFitAFunction) {
  std::string text;
  for (int i = 0; i < 201; ++i) {
    text += "local v" + std::to_string(i) + "\n";
  }
  EXPECT_NE(refusal(text).find("more than 200 local variables"), std::string::npos);
}

TEST(Compiler, TakesTextWithNulBytesToItsEnd) {
  EXPECT_EQ(refusal(std::string_view("x = y\0 z", 8)), "test.lua:1: unexpected symbol");
}

}  // namespace
}  // namespace flashstore::luac
