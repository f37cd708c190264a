#include "job.h"

#include "host/json.h"

namespace flashstore::nodeflash {

int Job::finish(int status) {
  field("reason") = first_error().empty() ? host::Json(nullptr) : host::Json(first_error());
  return host::Job::finish(status);
}

}  // namespace flashstore::nodeflash
