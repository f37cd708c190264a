// One run of a verb of lfsimg.
#pragma once

#include <string>

#include "host/job.h"
#include "image_file.h"

namespace flashstore::lfsimg {

class Job : public host::Job {
 public:
  using host::Job::Job;

  // The image in the file `path`, and the file under "input" in the JSON document.
  core::Result<ImageFile, Problem> open(const std::string& path);

  // The file `path` as it is, and under "input" as above.
  core::Result<std::string, Problem> read(const std::string& path);
};

}  // namespace flashstore::lfsimg
