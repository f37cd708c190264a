#include "provision/journal.h"

#include <algorithm>

#include "host/digest.h"
#include "host/json.h"
#include "provision/plan_file.h"

namespace flashstore::provision {
namespace {

using host::Json;

constexpr const char* kSchema = "nodeflash.journal/1";

// As it is without the plan.
Step alone(Step step) {
  step.content.reset();
  return step;
}

}  // namespace

std::string digest_of(const Plan& plan) {
  Json json{
      {"chip", plan.manifest.chip}, {"flash_size", plan.flash_bytes}, {"steps", Json::array()}};
  for (const Step& step : plan.steps) {
    json["steps"].push_back(to_json(step));
  }
  return host::sha256(json.dump());
}

Journal make_journal(const std::string& mac, const Plan& plan, size_t steps_done) {
  Journal journal{mac, digest_of(plan), plan.build_time, plan.device, {}};
  for (size_t i = 0; i < steps_done; ++i) {
    journal.done.push_back(alone(plan.steps[i]));
  }
  return journal;
}

std::string to_text(const Journal& journal) {
  Json json{{"schema", kSchema},
            {"mac", journal.mac},
            {"plan", journal.plan},
            {"build_time", journal.build_time},
            {"device", to_json(journal.device)},
            {"done", Json::array()}};
  for (const Step& step : journal.done) {
    json["done"].push_back(to_json(step));
  }
  return host::to_text(json);
}

core::Result<Journal, Problem> parse_journal(const std::string& file, std::string_view text) {
  const auto document = read_json(file, text);
  if (!document) {
    return document.error();
  }
  JsonErrors errors(file);
  JsonObject object(document.value(), errors);
  Journal journal;
  std::string schema;
  object.text("schema", schema);
  if (schema != kSchema) {
    errors.add(document.value(), "unknown-schema",
               std::string("no journal: its schema is not ") + kSchema);
  }
  object.text("mac", journal.mac);
  object.text("plan", journal.plan);
  object.number("build_time", journal.build_time);
  if (const JsonValue* device = object.find("device")) {
    journal.device = read_device_state(*device, errors);
  }
  object.each("done",
              [&](const JsonValue& item) { journal.done.push_back(read_step(item, errors)); });
  for (const char* name : {"mac", "plan", "build_time", "device", "done"}) {
    object.require(name);
  }
  object.finish();
  if (errors.problem()) {
    return *errors.problem();
  }
  return journal;
}

size_t steps_done(const Journal& journal, const Plan& plan) {
  const bool is_part =
      journal.done.size() <= plan.steps.size() &&
      std::equal(journal.done.begin(), journal.done.end(), plan.steps.begin(),
                 [](const Step& done, const Step& step) { return done == alone(step); });
  return is_part && journal.plan == digest_of(plan) ? journal.done.size() : 0;
}

}  // namespace flashstore::provision
