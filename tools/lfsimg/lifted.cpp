#include "lifted.h"

#include <algorithm>

#include "host/exit_status.h"
#include "host/printable.h"

namespace flashstore::lfsimg {

core::Result<luac::Lifted, Problem> lift(const ImageFile& image) {
  auto lifted = luac::lift(image.view());
  if (lifted) {
    return std::move(lifted).value();
  }
  const luac::LiftError& error = lifted.error();
  return Problem{host::kNo, image.at({.id = name(error.fault),
                                      .message = error.what,
                                      .hint = "'lfsimg verify' tells more"},
                                     size_t{error.offset} * luaflash::kWordBytes)};
}

core::Result<size_t, Problem> find_module(const luac::Lifted& image, const std::string& name) {
  const auto found = std::find(image.names.begin(), image.names.end(), name);
  if (found != image.names.end()) {
    return static_cast<size_t>(found - image.names.begin());
  }
  return Problem{host::kNo,
                 {.id = "no-such-module",
                  .message = "there is no module '" + host::printable(name) + "' in the image",
                  .hint = "'lfsimg ls' lists them"}};
}

}  // namespace flashstore::lfsimg
