#include "provision/plan_file.h"

#include <algorithm>

#include "core/nor_flash.h"
#include "host/json.h"
#include "host/printable.h"
#include "partition/format.h"
#include "provision/table_words.h"

namespace flashstore::provision {
namespace {

using host::Json;

const std::vector<std::string_view> kKinds = {"backup", "erase", "write"};

Json to_json(const Region& region) {
  return {{"name", region.name},
          {"address", region.address},
          {"length", region.bytes},
          {"policy", name(region.policy)}};
}

// A sector in hexadecimal, without the blank rest, but of at least a byte: there is one.
std::string to_hex(const std::vector<uint8_t>& page) {
  const auto last =
      std::find_if(page.rbegin(), page.rend(), [](uint8_t byte) { return byte != 0xFF; });
  constexpr char kDigits[] = "0123456789abcdef";
  std::string text;
  std::for_each(page.begin(), last.base(), [&](uint8_t byte) {
    text += kDigits[byte >> 4];
    text += kDigits[byte & 0xF];
  });
  return text.empty() ? "ff" : text;
}

int digit(char c) {
  if (c >= '0' && c <= '9') {
    return c - '0';
  }
  return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

std::optional<std::vector<uint8_t>> from_hex(const std::string& text) {
  std::vector<uint8_t> bytes(partition::kPageBytes, 0xFF);
  if (text.size() % 2 != 0 || text.size() / 2 > bytes.size()) {
    return std::nullopt;
  }
  for (size_t i = 0; i < text.size(); i += 2) {
    const int high = digit(text[i]);
    const int low = digit(text[i + 1]);
    if (high < 0 || low < 0) {
      return std::nullopt;
    }
    bytes[i / 2] = static_cast<uint8_t>(high << 4 | low);
  }
  return bytes;
}

// A text, or null for none.
void read_text_or_null(JsonObject& object, std::string_view name, std::string& into) {
  const JsonValue* found = object.find(name);
  if (found != nullptr && found->kind != JsonValue::Kind::kNull) {
    object.text(name, into);
  }
}

InputDigest read_input(const JsonValue& value, JsonErrors& errors) {
  InputDigest input;
  JsonObject object(value, errors);
  uint32_t bytes = 0;
  object.text("path", input.path);
  object.number("size", bytes);
  read_text_or_null(object, "sha256", input.sha256);
  object.require("path");
  object.require("size");
  object.finish();
  input.bytes = bytes;
  return input;
}

PlanFile read_plan(const JsonValue& value, JsonErrors& errors) {
  PlanFile plan;
  JsonObject object(value, errors);
  std::string schema;
  object.text("schema", schema);
  if (schema != kPlanSchema) {
    errors.add(value, "unknown-schema", std::string("no plan: its schema is not ") + kPlanSchema);
  }
  object.text("folder", plan.folder);
  for (const char* name : {"folder", "manifest", "build_time", "inputs", "steps"}) {
    object.require(name);
  }
  if (const JsonValue* manifest = object.find("manifest")) {
    plan.manifest = read_manifest(*manifest, errors);
  }
  object.number("build_time", plan.build_time);
  if (const JsonValue* device = object.find("device")) {
    plan.device = read_device_state(*device, errors);
  }
  object.each("inputs",
              [&](const JsonValue& item) { plan.inputs.push_back(read_input(item, errors)); });
  object.each("steps",
              [&](const JsonValue& item) { plan.steps.push_back(read_step(item, errors)); });
  for (const char* name : {"flash_size", "table", "regions"}) {  // follow from the rest
    object.find(name);
  }
  object.finish();
  return plan;
}

// What differs between what there was and what there is, both in order.
std::optional<Problem> find_change(const std::vector<InputDigest>& before,
                                   const std::vector<InputDigest>& now) {
  const auto changed = [](const std::string& path, const char* how) {
    return refused("input-changed", path + ": " + how + " since the plan was made", "plan anew",
                   "");
  };
  for (size_t i = 0; i < std::max(before.size(), now.size()); ++i) {
    if (i == now.size() || (i < before.size() && before[i].path < now[i].path)) {
      return changed(before[i].path, "it is gone");
    }
    if (i == before.size() || now[i].path < before[i].path) {
      return changed(now[i].path, "it was added");
    }
    if (before[i] != now[i]) {
      return changed(now[i].path, "it changed");
    }
  }
  return std::nullopt;
}

}  // namespace

Json to_json(const Step& step) {
  return {{"op", name(step.kind)},
          {"address", step.address},
          {"length", step.bytes},
          {"file", step.file.empty() ? Json(nullptr) : Json(step.file)},
          {"sha256", step.sha256.empty() ? Json(nullptr) : Json(step.sha256)},
          {"reason", step.reason},
          {"after", step.after}};
}

Json to_json(const DeviceState& device) {
  return {{"flash_size", device.flash_bytes},
          {"page", device.page.empty() ? Json(nullptr) : Json(to_hex(device.page))}};
}

DeviceState read_device_state(const JsonValue& value, JsonErrors& errors) {
  DeviceState device;
  JsonObject object(value, errors);
  std::string page;
  object.number("flash_size", device.flash_bytes);
  read_text_or_null(object, "page", page);
  object.finish();
  if (!page.empty()) {
    auto bytes = from_hex(page);
    if (!bytes) {
      errors.add(value, "wrong-value", "'page' is no sector of a partition table in hexadecimal");
    }
    device.page = std::move(bytes).value_or(std::vector<uint8_t>());
  }
  return device;
}

Step read_step(const JsonValue& value, JsonErrors& errors) {
  Step step;
  JsonObject object(value, errors);
  size_t kind = 0;
  object.choice("op", kKinds, kind);
  step.kind = static_cast<StepKind>(kind);
  object.number("address", step.address);
  object.number("length", step.bytes);
  read_text_or_null(object, "file", step.file);
  read_text_or_null(object, "sha256", step.sha256);
  object.text("reason", step.reason);
  object.each("after", [&](const JsonValue& item) {
    if (item.kind != JsonValue::Kind::kNumber || item.number > UINT32_MAX) {
      errors.add(item, "wrong-type", "the number of a step is wanted");
    } else {
      step.after.push_back(static_cast<uint32_t>(item.number));
    }
  });
  object.finish();
  return step;
}

Json to_json(const partition::Table& table) {
  Json json = Json::array();
  for (const partition::Partition& entry : table.partitions()) {
    json.push_back({{"name", part_of(entry).name},
                    {"type", entry.type},
                    {"address", entry.address},
                    {"size", entry.bytes}});
  }
  return json;
}

Json to_json(std::span<const partition::IdfPartition> table) {
  Json json = Json::array();
  for (const partition::IdfPartition& entry : table) {
    json.push_back({{"name", host::printable(std::string(entry.name()))},
                    {"type", entry.type},
                    {"subtype", entry.subtype},
                    {"address", entry.address},
                    {"size", entry.bytes},
                    {"flags", entry.flags}});
  }
  return json;
}

Json to_json(const Plan& plan, const std::string& folder) {
  Json json{
      {"schema", kPlanSchema},
      {"folder", folder},
      {"manifest", to_json(plan.manifest)},
      {"build_time", plan.build_time},
      {"device", to_json(plan.device)},
      {"inputs", Json::array()},
      {"flash_size", plan.flash_bytes},
      {"table", plan.idf_table.empty() ? to_json(plan.table) : to_json(std::span(plan.idf_table))},
      {"steps", Json::array()},
      {"regions", Json::array()}};
  for (const InputDigest& input : plan.inputs) {
    json["inputs"].push_back(
        {{"path", input.path},
         {"size", input.bytes},
         {"sha256", input.sha256.empty() ? Json(nullptr) : Json(input.sha256)}});
  }
  for (const Step& step : plan.steps) {
    json["steps"].push_back(to_json(step));
  }
  for (const Region& region : plan.regions) {
    json["regions"].push_back(to_json(region));
  }
  return json;
}

bool is_plan_file(std::string_view text) {
  const auto document = read_json("", text);
  if (!document) {
    return false;
  }
  const auto& members = document.value().members;
  return std::any_of(members.begin(), members.end(), [](const auto& member) {
    return member.first == "schema" && member.second.text == kPlanSchema;
  });
}

core::Result<PlanFile, Problem> parse_plan(const std::string& file, std::string_view text) {
  const auto document = read_json(file, text);
  if (!document) {
    return document.error();
  }
  JsonErrors errors(file);
  PlanFile plan = read_plan(document.value(), errors);
  if (errors.problem()) {
    return *errors.problem();
  }
  if (auto problem = check_manifest(plan.manifest)) {
    problem->diagnostic.file = file;
    return *problem;
  }
  return plan;
}

core::Result<Plan, Problem> make_again(const PlanFile& planned, const std::string& folder) {
  const auto inputs = read_inputs(planned.manifest, folder);
  if (!inputs) {
    return inputs.error();
  }
  if (const auto problem = find_change(planned.inputs, digests_of(inputs.value()))) {
    return *problem;
  }
  auto plan = make_plan(planned.manifest, inputs.value(), planned.build_time, planned.device);
  if (!plan) {
    return plan.error();
  }
  std::vector<Step> steps = plan.value().steps;
  for (Step& step : steps) {
    step.content.reset();
  }
  if (steps != planned.steps) {
    return refused("plan-altered", "the steps are not those that follow from the inputs",
                   "plan anew: the file was changed, or is of another version");
  }
  return plan;
}

}  // namespace flashstore::provision
