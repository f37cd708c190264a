// replay_cut ID: tries the one cut again that a sweep of power cuts has named.
#include <cstdio>

#include "torture/second_judge.h"

int main(int argc, char** argv) {
  using namespace flashstore;
  const auto id = argc == 2 ? torture::parse_id(argv[1]) : std::nullopt;
  if (!id) {
    std::fprintf(stderr, "usage: replay_cut WORKLOAD@CUTS\n");
    return 2;
  }
  torture::SweepOptions options;
  options.plan.only = id->cuts;
  options.judge = test::judge_again;
  const auto result = torture::sweep(id->workload, options);
  if (!result.broken.empty()) {
    std::printf("without any cut: %s\n", result.broken.c_str());
    return 1;
  }
  for (const auto& failure : result.failures) {
    std::printf("%s: %s\n", failure.id.c_str(), failure.what.c_str());
  }
  const bool tried = result.tallies.back().tried != 0;
  if (result.failures.empty()) {
    std::printf("%s\n", tried ? "all is well" : "the workload has no such cut");
  }
  return result.failures.empty() && tried ? 0 : 1;
}
