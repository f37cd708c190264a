#include "job.h"

#include "host/json.h"

namespace flashstore::nodeflash {

int Job::fail_as(const Problem& problem) {
  reason_ = problem.diagnostic.id;
  return problem.status;
}

int Job::finish(int status) {
  const std::string& reason = reason_.empty() ? first_error() : reason_;
  field("reason") = reason.empty() ? host::Json(nullptr) : host::Json(reason);
  return host::Job::finish(status);
}

}  // namespace flashstore::nodeflash
