#include "sources.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

namespace flashstore::lilotafs_img {
namespace {

using host::Diagnostic;

Diagnostic unreadable(const Source& source) {
  return {.id = "unreadable",
          .message = std::string("cannot read it: ") + std::strerror(errno),
          .file = source.file};
}

// Fills `into` from `descriptor`, and looks for more. Returns how many bytes there were, at most
// one too many, or -1.
ssize_t read_all(int descriptor, std::span<uint8_t> into) {
  uint8_t more = 0;
  size_t got = 0;
  for (;;) {
    const std::span<uint8_t> rest = into.subspan(std::min(got, into.size()));
    const iovec parts[] = {{rest.data(), rest.size()}, {&more, 1}};
    const ssize_t now = readv(descriptor, parts, 2);
    if (now < 0 && errno == EINTR) {
      continue;
    }
    if (now <= 0) {
      return now < 0 ? -1 : static_cast<ssize_t>(got);
    }
    got += static_cast<size_t>(now);
    if (got > into.size()) {
      return static_cast<ssize_t>(got);
    }
  }
}

}  // namespace

std::string kind_of(mode_t mode) {
  if (S_ISFIFO(mode)) {
    return "a named pipe";
  }
  if (S_ISSOCK(mode)) {
    return "a socket";
  }
  if (S_ISDIR(mode)) {
    return "a folder";
  }
  return S_ISBLK(mode) || S_ISCHR(mode) ? "a device" : "no file";
}

std::optional<Diagnostic> read_source(const Source& source, std::span<uint8_t> into) {
  if (source.file.empty()) {
    std::copy(source.text.begin(), source.text.end(), into.begin());
    return std::nullopt;
  }
  const int descriptor = open(source.file.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  if (descriptor < 0) {
    return unreadable(source);
  }
  const ssize_t got = read_all(descriptor, into);
  const auto problem = got < 0 ? std::optional(unreadable(source)) : std::nullopt;
  close(descriptor);
  if (problem || got == static_cast<ssize_t>(into.size())) {
    return problem;
  }
  return Diagnostic{.id = "file-changed",
                    .message = "it became longer or shorter while it was read",
                    .file = source.file};
}

void put_in_order(std::vector<Source>& sources) {
  std::vector<image::PackItem> items;
  for (const Source& source : sources) {
    items.push_back(source.item);
  }
  for (std::string& path : image::missing_directories(items)) {
    sources.push_back({.item = {std::move(path)}, .is_made = true});
  }
  std::stable_sort(sources.begin(), sources.end(), [](const Source& a, const Source& b) {
    return image::packs_before(a.item.path, b.item.path);
  });
}

}  // namespace flashstore::lilotafs_img
