// One run of a verb of nodeflash.
#pragma once

#include "host/job.h"

namespace flashstore::nodeflash {

using host::Diagnostic;
using host::Problem;

class Job : public host::Job {
 public:
  using host::Job::Job;

  // As host::Job::finish(); the JSON document has the "reason" of a failure.
  int finish(int status);
};

}  // namespace flashstore::nodeflash
