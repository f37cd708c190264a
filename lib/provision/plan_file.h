// A plan as a JSON document, plan.schema.json: to be looked at, kept, and applied later. It has
// the digests of what it was made of, not the bytes; who applies it makes the plan again, and both
// must be the same.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "host/json_forward.h"
#include "provision/plan.h"

namespace flashstore::provision {

inline constexpr const char* kPlanSchema = "nodeflash.plan-file/1";

struct PlanFile {
  std::string folder;  // of the inputs, from the one the plan's file is in
  Manifest manifest;
  uint32_t build_time = 0;
  DeviceState device;
  std::vector<InputDigest> inputs;
  std::vector<Step> steps;  // without contents
};

host::Json to_json(const Plan& plan, const std::string& folder);

// Parts of one, for other documents.
host::Json to_json(const Step& step);
host::Json to_json(const DeviceState& device);
Step read_step(const JsonValue& value, JsonErrors& errors);
DeviceState read_device_state(const JsonValue& value, JsonErrors& errors);

// A table, entry by entry, as the plan's document has it.
host::Json to_json(const partition::Table& table);
host::Json to_json(std::span<const partition::IdfPartition> table);

// Whether `text` is one: what it is not, a manifest may be.
bool is_plan_file(std::string_view text);

core::Result<PlanFile, Problem> parse_plan(const std::string& file, std::string_view text);

// The plan, made again of the files in `folder`. Refuses inputs that changed since, and says which;
// and steps that are not those that follow from them.
core::Result<Plan, Problem> make_again(const PlanFile& planned, const std::string& folder);

}  // namespace flashstore::provision
