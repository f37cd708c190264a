// Espressif's client as tests call it: ESPTOOL_JS is the command.
#pragma once

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>

namespace flashstore::test {

// For SetUp(): without the client a test is skipped, but not in CI.
inline void require_esptool_js() {
  if (!std::filesystem::exists(ESPTOOL_JS_MODULES)) {
    if (std::getenv("CI") != nullptr) {
      FAIL() << "esptool-js is not there: run scripts/setup";
    }
    GTEST_SKIP() << "esptool-js is not there: run scripts/setup where npm can be reached";
  }
}

}  // namespace flashstore::test
