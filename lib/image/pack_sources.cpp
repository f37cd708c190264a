#include "image/pack_sources.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "host/numbers.h"
#include "host/quantities.h"
#include "lilotafs/format.h"
#include "lilotafs/record.h"

namespace flashstore::image {
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

bool is_directory(const Source& source) {
  return source.item.path.ends_with('/');
}

std::string describe(const PathProblem& problem, const std::vector<Source>& sources) {
  const auto where = [](const Source& source) {
    return source.file.empty() ? source.item.path : source.file;
  };
  const std::string& path = sources[problem.item].item.path;
  const std::string other = where(sources[problem.other]);
  switch (problem.fault) {
    case PathFault::kNameless:
      return "'" + path + "' has a part without a name; paths begin without a slash";
    case PathFault::kDots:
      return "'" + path + "' has a part '.' or '..'";
    case PathFault::kNul:
      return "there is a NUL in a name";
    case PathFault::kTooLong:
      return "the name has " + host::count(path.size(), "byte") + " with its directories, not " +
             std::to_string(lilotafs::kMaxNameBytes) + " or fewer: " + path;
    case PathFault::kTwice:
      return "'" + path + "' comes twice, also from " + other;
    case PathFault::kFileAndFolder:
      return "'" + path + "' is a file and a directory, see " + other;
    case PathFault::kCase:
      return "only upper and lower case tell '" + path + "' from " + other;
  }
  return "";
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
  for (std::string& path : missing_directories(items_of(sources))) {
    sources.push_back({.item = {std::move(path)}, .is_made = true});
  }
  std::stable_sort(sources.begin(), sources.end(), [](const Source& a, const Source& b) {
    return packs_before(a.item.path, b.item.path);
  });
}

std::vector<PackItem> items_of(const std::vector<Source>& sources) {
  std::vector<PackItem> items;
  for (const Source& source : sources) {
    items.push_back(source.item);
  }
  return items;
}

Diagnostics check_sources(const std::vector<Source>& sources) {
  Diagnostics problems;
  for (const PathProblem& problem : check_paths(items_of(sources))) {
    if (sources[problem.item].is_made && problem.item == problem.other) {
      continue;  // of what is in it, that is said too
    }
    problems.push_back({.id = std::string(name(problem.fault)),
                        .message = describe(problem, sources),
                        .file = sources[problem.item].file});
  }
  return problems;
}

bool has_executables(const std::vector<Source>& sources) {
  return std::any_of(sources.begin(), sources.end(), [](const Source& source) {
    return !is_directory(source) && lilotafs::is_executable(source.item.path);
  });
}

std::optional<Diagnostic> misplaced(const std::vector<Source>& sources, uint32_t address) {
  constexpr uint32_t kAlignment = lilotafs::kExecutableAlignment;
  if (address % kAlignment == 0 || !has_executables(sources)) {
    return std::nullopt;
  }
  const uint32_t below = address / kAlignment * kAlignment;
  return Diagnostic{
      .id = "offset-unaligned",
      .message = "a partition at " + host::hex(address) +
                 " cannot have *.bin files: a chip maps them at multiples of 64 KiB only",
      .hint = "put the partition at " + host::hex(below) + " or " +
              host::hex(uint64_t{below} + kAlignment)};
}

core::Result<std::vector<uint8_t>, Diagnostic> pack(const std::vector<Source>& sources,
                                                    const PackLayout& layout, uint32_t size,
                                                    bool check_bytes) {
  std::vector<uint8_t> partition(size);
  const Packer packer(partition, check_bytes);
  for (size_t i = 0; i < sources.size(); ++i) {
    const PackItem& item = sources[i].item;
    if (const auto problem = read_source(sources[i], packer.data(item, layout.places[i]))) {
      return *problem;
    }
    packer.commit(item, layout.places[i]);
  }
  return partition;
}

}  // namespace flashstore::image
