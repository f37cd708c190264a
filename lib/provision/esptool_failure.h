// Why a run of esptool failed. Its exit status is 2 whatever it was, so its texts are gone by:
// those of 4.x, 5.x and of the JavaScript one.
#pragma once

#include "host/child.h"
#include "provision/problems.h"

namespace flashstore::provision {

struct EsptoolFailure {
  Problem problem;
  // Whether another try may help. A slower line may help then, too.
  bool may_pass = false;
};

// `run` is not ok(); `port` is what it was to talk to.
EsptoolFailure failure_of(const host::ChildResult& run, const std::string& port);

}  // namespace flashstore::provision
