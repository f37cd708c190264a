// What an interrupted run has done to a device, kept on this computer, so that another one goes on
// there: journal.schema.json. It tells where to look, the flash whether it is so.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "provision/plan.h"

namespace flashstore::provision {

struct Journal {
  std::string mac;          // of the device
  std::string plan;         // digest_of() it
  uint32_t build_time = 0;  // that it was made with, and
  DeviceState device;       // what the device had before: without both it would be another plan
  std::vector<Step> done;   // steps, from the first on, that are verified
};

// Of all that a plan does to a device: plans with the same one are interchangeable.
std::string digest_of(const Plan& plan);

Journal make_journal(const std::string& mac, const Plan& plan, size_t steps_done);

std::string to_text(const Journal& journal);
core::Result<Journal, Problem> parse_journal(const std::string& file, std::string_view text);

// How many steps of `plan` the journal tells of; 0 if it is one of another plan.
size_t steps_done(const Journal& journal, const Plan& plan);

}  // namespace flashstore::provision
