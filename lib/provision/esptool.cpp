#include "provision/esptool.h"

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <optional>
#include <sstream>
#include <utility>

#include "host/child.h"

namespace flashstore::provision {
namespace {

constexpr double kProbeSeconds = 30;  // a cold Python takes its time

// Major and minor number.
using Version = std::pair<int, int>;
constexpr Version kDashed = {5, 0};
constexpr Version kSkipping = {5, 2};
constexpr Version kErasing = {4, 10};
constexpr const char* kHint = "install it (pip install esptool), or name it: --esptool, $ESPTOOL";

std::vector<std::string> words_of(const std::string& command) {
  std::error_code error;
  if (std::filesystem::exists(command, error)) {
    return {command};
  }
  std::istringstream stream(command);
  std::vector<std::string> words;
  for (std::string word; stream >> word;) {
    words.push_back(word);
  }
  return words;
}

// "esptool.py v4.8.1\n4.8.1\n": the last word.
std::string version_in(const std::string& output) {
  std::istringstream stream(output);
  std::string last;
  for (std::string word; stream >> word;) {
    last = word;
  }
  const size_t digits = last.find_first_not_of("0123456789");
  const bool is_version = digits != 0 && digits != std::string::npos && last[digits] == '.';
  return is_version ? last : "";
}

Version numbers_of(const std::string& version) {
  const size_t dot = version.find('.');
  return {std::atoi(version.c_str()), std::atoi(version.c_str() + dot + 1)};
}

Problem unusable(const char* id, const std::string& message) {
  return {host::kEnvironment, {.id = id, .message = message, .hint = kHint}};
}

core::Result<Esptool, Problem> probe(const std::vector<std::string>& command) {
  std::vector<std::string> words = command;
  words.push_back("version");
  const host::ChildResult run =
      host::run_child(words, {.environment = {{"NO_COLOR", "1"}}, .seconds = kProbeSeconds});
  if (run.end == host::ChildEnd::kNotStarted) {
    return unusable("no-esptool", "there is no program '" + command[0] + "'");
  }
  const std::string version = run.ok() ? version_in(run.output) : "";
  if (version.empty()) {
    return unusable("strange-esptool", "'" + command[0] + "' does not answer as esptool does");
  }
  const bool is_javascript = run.output.starts_with("esptool.js ");
  const Version numbers = is_javascript ? Version() : numbers_of(version);
  return Esptool{command, version, numbers >= kDashed, numbers >= kSkipping, numbers >= kErasing};
}

}  // namespace

std::string Esptool::spelled(std::string word) const {
  if (!has_dashes) {
    const size_t begin = word.starts_with("--") ? 2 : 0;
    std::replace(word.begin() + static_cast<ptrdiff_t>(begin), word.end(), '-', '_');
  }
  return word;
}

core::Result<Esptool, Problem> find_esptool(const std::string& given) {
  const char* variable = std::getenv("ESPTOOL");
  const std::string wanted = given.empty() && variable != nullptr ? variable : given;
  if (!wanted.empty()) {
    const std::vector<std::string> command = words_of(wanted);
    return command.empty() ? unusable("no-esptool", "a blank is no program") : probe(command);
  }
  const std::vector<std::string> kCandidates[] = {
      {"esptool"}, {"esptool.py"}, {"python3", "-m", "esptool"}};
  for (const std::vector<std::string>& command : kCandidates) {
    auto found = probe(command);
    if (found) {
      return found;
    }
  }
  return unusable("no-esptool", "there is no esptool on this computer");
}

}  // namespace flashstore::provision
