#include "torture/expectation.h"

#include <gtest/gtest.h>

namespace flashstore::torture {
namespace {

Content content(Bytes bytes) {
  return std::make_shared<const Bytes>(std::move(bytes));
}

TEST(Expectation, SettledFilesAreToBeThereAsTheyWere) {
  Expectation expectation;
  expectation.settle("a", content({1}));
  expectation.settle("d/", content({}));
  EXPECT_EQ(expectation.judge({{{"a", {1}}, {"d/", {}}}}), "");
  EXPECT_EQ(expectation.judge({{{"d/", {}}}}), "a is lost");
  EXPECT_EQ(expectation.judge({{{"a", {1}}}}), "d/ is lost");
  EXPECT_EQ(expectation.judge({{{"a", {2}}, {"d/", {}}}}),
            "a holds 1 bytes that are neither the old nor the new content");
}

TEST(Expectation, WhatNobodyWroteOrIsTwiceIsWrong) {
  Expectation expectation;
  expectation.settle("a", content({1}));
  EXPECT_EQ(expectation.judge({{{"a", {1}}, {"b", {}}}}), "b is there, which nobody wrote");
  EXPECT_EQ(expectation.judge({{{"a", {1}}, {"a", {1}}}}), "a is there twice");
}

TEST(Expectation, AFileBeingWrittenIsOldOrNew) {
  Expectation expectation;
  expectation.settle("a", content({1}));
  expectation.begin("a", content({2, 3}));
  EXPECT_EQ(expectation.judge({{{"a", {1}}}}), "");
  EXPECT_EQ(expectation.judge({{{"a", {2, 3}}}}), "");
  EXPECT_EQ(expectation.judge({{{"a", {2}}}}),
            "a holds 1 bytes that are neither the old nor the new content");
  EXPECT_EQ(expectation.judge({}), "a is lost");
  expectation.settle("a", content({2, 3}));
  EXPECT_NE(expectation.judge({{{"a", {1}}}}), "");
}

TEST(Expectation, AFileBeingCreatedOrRemovedMayBeAbsent) {
  Expectation expectation;
  expectation.begin("a", content({1}));
  EXPECT_EQ(expectation.judge({}), "");
  EXPECT_EQ(expectation.judge({{{"a", {1}}}}), "");
  expectation.settle("a", content({1}));
  expectation.begin("a", nullptr);
  EXPECT_EQ(expectation.judge({}), "");
  EXPECT_EQ(expectation.judge({{{"a", {1}}}}), "");
  expectation.settle("a", nullptr);
  EXPECT_EQ(expectation.judge({{{"a", {1}}}}), "a is there, which nobody wrote");
}

}  // namespace
}  // namespace flashstore::torture
