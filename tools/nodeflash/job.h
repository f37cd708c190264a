// One run of a verb of nodeflash.
#pragma once

#include "host/job.h"

namespace flashstore::nodeflash {

using host::Diagnostic;
using host::Problem;

class Job : public host::Job {
 public:
  using host::Job::Job;

  // As fail(), for a problem that has been said of one of several things.
  int fail_as(const Problem& problem);

  // As host::Job::finish(); the JSON document has the "reason" of a failure.
  int finish(int status);

 private:
  std::string reason_;  // empty: the first error
};

}  // namespace flashstore::nodeflash
