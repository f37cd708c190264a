#include "job.h"

#include <utility>

namespace flashstore::lfsimg {

core::Result<std::string, Problem> Job::read(const std::string& path) {
  return host::Job::read(path, kMaxFileBytes);
}

core::Result<ImageFile, Problem> Job::open(const std::string& path) {
  auto content = read(path);
  if (!content) {
    return content.error();
  }
  return open_image(path, std::move(content).value());
}

}  // namespace flashstore::lfsimg
