// What an ESP8266 cannot do without esptool's stub: there its mask ROM does the work.
#pragma once

#include <optional>

#include "provision/plan.h"

namespace flashstore::provision {

// Why esptool must not bring `plan` onto an ESP8266 without its stub; there is always a reason. The
// ROM erases an even number of sectors: "no-stub-erases-more" if the one too many is not written
// later on. It has no digest, so that nothing could be verified: "no-stub-unverified".
Problem refuse_no_stub(const Plan& plan);

}  // namespace flashstore::provision
