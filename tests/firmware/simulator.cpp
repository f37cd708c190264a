#include "simulator.h"

#include <algorithm>
#include <filesystem>
#include <stdexcept>

#include "support/files.h"

namespace flashstore::test {
namespace {

struct Suite {
  TemporaryFolder folder;
  std::string image = folder / "suite.img";
  std::vector<std::string> modules;

  Suite() {
    std::vector<std::string> sources;
    for (const auto& entry : std::filesystem::directory_iterator(SUITE_SOURCES)) {
      sources.push_back(entry.path().filename());
      const std::string module = entry.path().stem();
      if (module.ends_with("_spec")) {
        modules.push_back(module);
      }
    }
    std::ranges::sort(sources);
    std::ranges::sort(modules);
    compile_image(SUITE_SOURCES, sources, kDefaultBase, image);
  }
};

const Suite& suite() {
  static const Suite one;
  return one;
}

}  // namespace

ProcessResult simulate(const std::string& simulator, const std::vector<std::string>& words) {
  std::vector<std::string> all = {simulator};
  all.insert(all.end(), words.begin(), words.end());
  return run_process(all);
}

void compile_image(const std::string& folder, const std::vector<std::string>& sources,
                   const std::string& base, const std::string& image) {
  std::vector<std::string> words = {LUAC_CROSS, "-a", base, "-o", image};
  words.insert(words.end(), sources.begin(), sources.end());
  ProcessOptions options;
  options.directory = folder;
  const ProcessResult result = run_process(words, options);
  if (result.exit_status != 0) {
    throw std::runtime_error("luac.cross: " + result.err);
  }
}

const std::string& suite_image() {
  return suite().image;
}

const std::vector<std::string>& suite_modules() {
  return suite().modules;
}

}  // namespace flashstore::test
