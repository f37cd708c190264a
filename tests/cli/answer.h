// What nodeflash answers with --json.
#pragma once

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <string>
#include <utility>
#include <vector>

#include "support/process.h"

namespace flashstore::test {

using Json = nlohmann::json;
using Words = std::vector<std::string>;

struct Answer {
  int status;
  Json document;
  std::string err;

  std::string reason() const {
    return document["reason"].is_null() ? "" : document["reason"].get<std::string>();
  }
  // Of one board, or of the first.
  const Json& device() const { return document["devices"].at(0); }
  std::string message() const { return device()["diagnostics"].back()["message"]; }
};

inline Answer answer_of(const ProcessResult& run) {
  Json document = Json::parse(run.out, nullptr, false);
  EXPECT_FALSE(document.is_discarded()) << run.out << run.err;
  return {run.exit_status, std::move(document), run.err};
}

}  // namespace flashstore::test
