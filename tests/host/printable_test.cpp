#include "host/printable.h"

#include <gtest/gtest.h>

namespace flashstore::host {
namespace {

TEST(Printable, TextStaysAsItIs) {
  for (const char* text :
       {"", "back\\slash", "na\u00EFve", "\u00A0", "\u2027\u202F", "\uFFFD", "\U0001F4BE"}) {
    EXPECT_EQ(printable(text), text);
  }
}

TEST(Printable, ControlCharactersAreShown) {
  EXPECT_EQ(printable("a\nb\tc\rd"), "a\\nb\\tc\\rd");
  EXPECT_EQ(printable("\x1b[31m\x7f"), "\\x1b[31m\\x7f");
  EXPECT_EQ(printable(std::string_view("\0", 1)), "\\x00");
}

TEST(Printable, ControlCharactersOfLatin1AreShown) {
  EXPECT_EQ(printable("\u0080\u0085\u009B31m\u009F"),
            "\\xc2\\x80\\xc2\\x85\\xc2\\x9b31m\\xc2\\x9f");
}

TEST(Printable, EndsOfLinesAndTurnsOfDirectionAreShown) {
  EXPECT_EQ(printable("\u2028\u2029"), "\\xe2\\x80\\xa8\\xe2\\x80\\xa9");
  EXPECT_EQ(printable("a\u202Eb"), "a\\xe2\\x80\\xaeb");
  EXPECT_EQ(printable("\u2066\u2069"), "\\xe2\\x81\\xa6\\xe2\\x81\\xa9");
  EXPECT_EQ(printable("\u200E\u200F\u061C"), "\\xe2\\x80\\x8e\\xe2\\x80\\x8f\\xd8\\x9c");
}

TEST(Printable, WhatIsNoUtf8IsShown) {
  EXPECT_EQ(printable("\x80"), "\\x80");
  EXPECT_EQ(printable("\xC2"), "\\xc2");
  EXPECT_EQ(printable("\xC0\xAF"), "\\xc0\\xaf");
  EXPECT_EQ(printable("\xED\xA0\x80"), "\\xed\\xa0\\x80");
  EXPECT_EQ(printable("\xE2\x80"
                      "a"),
            "\\xe2\\x80"
            "a");
}

}  // namespace
}  // namespace flashstore::host
