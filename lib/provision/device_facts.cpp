#include "provision/device_facts.h"

#include <algorithm>
#include <cstdlib>

namespace flashstore::provision {
namespace {

// Numbers as print() shows them: "655360", "6.5536e+05" with some firmware; negative ones are
// integers of 32 bits that went round.
std::optional<uint32_t> number_of(const std::string& text) {
  char* end = nullptr;
  const double value = std::strtod(text.c_str(), &end);
  if (text.empty() || *end != 0 || value < INT32_MIN || value > UINT32_MAX) {
    return std::nullopt;
  }
  return static_cast<uint32_t>(static_cast<int64_t>(value));
}

// The same of each firmware: node.LFS since 2020, before that what node.flashindex() gives for no
// module.
constexpr std::string_view kImage =
    "local l=node.LFS for _,v in ipairs(l.list()or{})do print(v)end return l.time";
constexpr std::string_view kOldImage =
    "local t for _,v in ipairs{node.flashindex()}do if type(v)=='table'then for _,m in ipairs(v)do "
    "print(m)end else t=t or v end end return t";

core::Result<std::optional<DeviceFacts::Image>, Problem> ask_image(Prompt& prompt) {
  for (const std::string_view question : {kImage, kOldImage}) {
    auto answer = prompt.ask_surely(question);
    if (!answer) {
      return answer.error();
    }
    PromptAnswer& said = answer.value();
    if (!said.ok) {
      continue;
    }
    DeviceFacts::Image image{std::move(said.lines), {}};
    if (image.modules.empty()) {
      return std::optional<DeviceFacts::Image>();
    }
    std::ranges::sort(image.modules);
    if (!said.values.empty()) {
      image.build_time = number_of(said.values.front());
    }
    return std::optional(std::move(image));
  }
  return std::optional<DeviceFacts::Image>();
}

core::Result<std::optional<DeviceFacts::Partitions>, Problem> ask_partitions(Prompt& prompt) {
  const auto answer = prompt.ask_surely(
      "local t=node.getpartitiontable()return t.lfs_addr,t.lfs_size,t.spiffs_addr,t.spiffs_size");
  if (!answer) {
    return answer.error();
  }
  const auto& [ok, lines, values] = answer.value();
  std::optional<uint32_t> words[4];
  if (!ok || values.size() != std::size(words)) {
    return std::optional<DeviceFacts::Partitions>();
  }
  std::ranges::transform(values, words, number_of);
  if (!std::ranges::all_of(words, [](const auto& word) { return word.has_value(); })) {
    return std::optional<DeviceFacts::Partitions>();
  }
  return std::optional(DeviceFacts::Partitions{{*words[0], *words[1]}, {*words[2], *words[3]}});
}

}  // namespace

core::Result<DeviceFacts, Problem> ask_facts(Prompt& prompt) {
  const auto kind = prompt.ask_surely("return _VERSION,1/2,type(node)");
  if (!kind) {
    return kind.error();
  }
  const auto& [ok, lines, values] = kind.value();
  if (!ok || values.size() != 3 || values[2] == "nil") {
    return refused("no-node", "the firmware has no module 'node'",
                   "NodeMCU's firmware, or ours, is wanted", prompt.port().path());
  }
  DeviceFacts facts{.lua = values[0], .has_floats = values[1] == "0.5"};
  auto image = ask_image(prompt);
  if (!image) {
    return image.error();
  }
  facts.image = std::move(image).value();
  const auto partitions = ask_partitions(prompt);
  if (!partitions) {
    return partitions.error();
  }
  facts.partitions = partitions.value();
  return facts;
}

}  // namespace flashstore::provision
