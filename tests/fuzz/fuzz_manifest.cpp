// Any bytes as a manifest and as a plan's file: reading ends, and says where what is wrong is; what
// is read is written and read again as the same.
#include <cstdlib>
#include <string_view>

#include "host/json.h"
#include "provision/plan_file.h"

namespace {

using namespace flashstore;

void require(bool condition) {
  if (!condition) {
    std::abort();
  }
}

void check_problem(const provision::Problem& problem) {
  require(!problem.diagnostic.id.empty() && problem.diagnostic.file == "file");
}

void check_manifest(std::string_view text) {
  const auto read = provision::parse_manifest("file", text);
  if (!read) {
    return check_problem(read.error());
  }
  const std::string written = host::to_text(to_json(read.value()));
  const auto again = provision::parse_manifest("file", written);
  require(again.ok() && host::to_text(to_json(again.value())) == written);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  check_manifest(text);
  const auto plan = provision::parse_plan("file", text);
  if (!plan) {
    check_problem(plan.error());
  }
  require(!plan.ok() || provision::is_plan_file(text));
  return 0;
}
