// lilotafs-img pack: a folder becomes a partition.
#include <algorithm>
#include <memory>

#include "common/arguments.h"
#include "host/json.h"
#include "host/numbers.h"
#include "host/quantities.h"
#include "image/pack.h"
#include "lilotafs/format.h"
#include "sources.h"
#include "verbs.h"

#include <sys/stat.h>

namespace flashstore::lilotafs_img {
namespace {

using host::Json;
using host::Severity;
using lilotafs::kSectorBytes;

constexpr uint32_t kMinBytes = lilotafs::kMinSectors * kSectorBytes;
constexpr uint32_t kMaxBytes = 256 << 20;  // the largest NOR chips
constexpr size_t kLargestShown = 5;
constexpr const char* kSmallest = "min";

struct PackOptions {
  std::string folder;
  std::string list;
  std::string output;
  std::optional<uint32_t> size;  // none: as small as it goes
  std::optional<uint32_t> offset;
  Filter filter;
  bool compatible = false;
};

// All sources, in order. kEnvironment if a file could not be read, kNo if something cannot be
// packed; both have been said.
core::Result<std::vector<Source>, int> collect(const PackOptions& options, Job& job) {
  Diagnostics problems;
  std::vector<Source> sources;
  if (!options.folder.empty()) {
    sources = image::sources_in(options.folder, options.filter, problems);
  }
  if (!options.list.empty()) {
    std::vector<Source> listed = sources_of_list(options.list, options.filter, problems);
    std::move(listed.begin(), listed.end(), std::back_inserter(sources));
  }
  image::put_in_order(sources);
  for (Diagnostic& problem : image::check_sources(sources)) {
    problems.push_back(std::move(problem));
  }
  std::stable_sort(problems.begin(), problems.end(), [](const auto& a, const auto& b) {
    return a.file < b.file;  // the order of a folder is anybody's
  });
  int status = host::kOk;
  for (const Diagnostic& problem : problems) {
    const bool unreadable = problem.id == "unreadable";
    status = std::max(status, job.fail({unreadable ? host::kEnvironment : host::kNo, problem}));
  }
  return status == host::kOk ? core::Result<std::vector<Source>, int>(std::move(sources)) : status;
}

// What --compat packs need not be of use with anything but the original.
uint64_t needed_for(const PackOptions& options, const image::PackLayout& layout) {
  return options.compatible ? layout.needed_by_original : layout.needed;
}

int does_not_fit(uint64_t size, const PackOptions& options, const image::PackLayout& layout,
                 std::vector<Source> sources, Job& job) {
  const uint64_t needed = needed_for(options, layout);
  const bool without_room = layout.tail <= size;
  std::string message =
      "it does not fit " + host::bytes(size) + ": " + host::bytes(needed - size) + " too few";
  if (without_room) {
    message += "; the files alone would fit, but not a change of one of them";
  }
  std::string hint = needed > kMaxBytes
                         ? "no partition has more than " + host::bytes(kMaxBytes)
                         : "the smallest partition that would do has " + host::bytes(needed) +
                               ", -s " + std::to_string(needed);
  if (image::has_executables(sources)) {
    hint += "; a *.bin file takes up to 64 KiB more, and four times that must be free for it";
  }
  if (size >= layout.needed_by_original) {
    hint += "; --compat asks only for what the original does";
  }
  const int status =
      job.fail({host::kNo, {.id = "does-not-fit", .message = message, .hint = hint}});
  std::stable_sort(sources.begin(), sources.end(),
                   [](const Source& a, const Source& b) { return a.item.bytes > b.item.bytes; });
  sources.resize(std::min(sources.size(), kLargestShown));
  for (const Source& source : sources) {
    job.report({.id = "large-file",
                .severity = Severity::kNote,
                .message = source.item.path + " has " + host::bytes(source.item.bytes)});
  }
  return status;
}

void report(const std::vector<Source>& sources, const image::PackLayout& layout, uint32_t size,
            const PackOptions& options, Job& job) {
  const auto directories =
      static_cast<uint64_t>(std::count_if(sources.begin(), sources.end(), [](const Source& source) {
        return source.item.path.ends_with('/');
      }));
  const uint64_t files = sources.size() - directories;
  uint64_t bytes = 0;
  for (const Source& source : sources) {
    bytes += source.item.bytes;
  }
  job.field("output") = options.output;
  job.field("size") = size;
  job.field("needed") = needed_for(options, layout);
  job.field("tail") = layout.tail;
  job.field("files") = files;
  job.field("directories") = directories;
  job.field("bytes") = bytes;
  job.field("check_bytes") = !options.compatible;
  job.summary(options.output + ": " + host::count(files, "file") + " of " + host::bytes(bytes) +
              ", " + std::to_string(directories) +
              (directories == 1 ? " directory" : " directories") + "; " +
              host::percent(layout.tail, size) + " of " + host::bytes(size) + " used");
}

int run_pack(const PackOptions& options, Job& job) {
  if (options.folder.empty() && options.list.empty()) {
    return job.usage_error("nothing to pack", "give a folder, or a list with --list");
  }
  if (options.output == "-" && job.json()) {
    return job.usage_error("stdout cannot be the image and the JSON document",
                           "give the output a name");
  }
  const auto sources = collect(options, job);
  if (!sources) {
    return sources.error();
  }
  struct stat old {};
  if (stat(options.output.c_str(), &old) == 0) {
    for (const Source& source : sources.value()) {
      if (!source.file.empty() && source.identity == FileIdentity{old.st_dev, old.st_ino}) {
        return job.usage_error("output " + options.output + " is also an input",
                               "write it elsewhere, or leave it out with --exclude");
      }
    }
  }
  if (options.offset) {
    if (const auto problem = image::misplaced(sources.value(), *options.offset)) {
      return job.fail({host::kNo, *problem});
    }
  }
  const image::PackLayout layout = image::lay_out(image::items_of(sources.value()));
  const uint64_t needed = needed_for(options, layout);
  const uint64_t size = options.size.value_or(std::min<uint64_t>(needed, kMaxBytes));
  if (needed > size) {
    job.field("size") = size;
    job.field("needed") = needed;
    return does_not_fit(size, options, layout, sources.value(), job);
  }
  auto partition =
      image::pack(sources.value(), layout, static_cast<uint32_t>(size), !options.compatible);
  if (!partition) {
    return job.fail({host::kEnvironment, partition.error()});
  }
  report(sources.value(), layout, static_cast<uint32_t>(size), options, job);
  return job.write(options.output, std::move(partition).value());
}

std::string nearest_sizes(uint32_t bytes) {
  const uint32_t below = bytes / kSectorBytes * kSectorBytes;
  return std::to_string(below) + " or " + std::to_string(uint64_t{below} + kSectorBytes);
}

std::optional<std::string> take_size(const std::string& text, std::optional<uint32_t>& size) {
  if (text == kSmallest) {
    return std::nullopt;
  }
  size = host::parse_number(text, true);
  const std::string quoted = "'" + text + "' ";
  if (!size) {
    return quoted + "is no size: a number, K or M may follow, or 'min'";
  }
  if (*size < kMinBytes || *size > kMaxBytes) {
    return quoted + "is not from " + std::to_string(kMinBytes) + " to " + std::to_string(kMaxBytes);
  }
  if (*size % kSectorBytes != 0) {
    return quoted + "is no whole number of sectors: " + nearest_sizes(*size) + " is";
  }
  return std::nullopt;
}

}  // namespace

void add_pack(Verbs& verbs) {
  auto options = std::make_shared<PackOptions>();
  tools::CommandLine line =
      verbs.add("pack", "make a partition of a folder",
                "  lilotafs-img pack -s 1M -o flash.img files/\n"
                "  lilotafs-img pack -s min -o flash.img --exclude '.*' files/",
                [options](Job& job) { return run_pack(*options, job); });
  line.option(
          "-s,--size", "SIZE",
          [options](const std::string& text) { return take_size(text, options->size); },
          "bytes of the partition, K and M allowed; 'min': as few as will do")
      .required();
  line.option("-o,--output", "IMG", options->output, "the image; '-' is standard output")
      .required();
  line.option("--list", "FILE", options->list,
              "a JSON document that lists files; '-' is standard input");
  line.option("--include", "PATTERN", options->filter.include,
              "only files that match, e.g. '*.lua'");
  line.option("--exclude", "PATTERN", options->filter.exclude,
              "not what matches, nor what is in it");
  tools::add_size(line, "--offset", options->offset,
                  "where in the flash the partition will be, for *.bin files");
  line.flag("--compat", options->compatible,
            "byte for byte what the original packs: no check bytes");
  line.argument("DIR", options->folder, "the folder");
}

}  // namespace flashstore::lilotafs_img
