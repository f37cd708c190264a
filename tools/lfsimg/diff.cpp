// lfsimg diff: what became of the modules and functions of one image in another.
#include "image/diff.h"

#include <algorithm>
#include <memory>

#include "arguments.h"
#include "attributed.h"
#include "diff_text.h"
#include "host/json.h"
#include "host/numbers.h"
#include "kinds.h"
#include "verbs.h"

namespace flashstore::lfsimg {
namespace {

using host::Json;
using image::Attribution;
using image::Match;
using image::OwnerType;

// As cmp(1) has it.
constexpr host::ProblemStatuses kTrouble{.no = 2, .usage = 2, .environment = 2};

struct DiffOptions {
  std::string before;
  std::string after;
  std::optional<uint32_t> top;
  bool markdown = false;
};

std::string address(const ImageFile& file) {
  return file.view().absolute() ? host::hex(file.view().base()) : "relocatable";
}

std::vector<std::string> remarks(const ImageFile& before, const ImageFile& after) {
  std::vector<std::string> found;
  const auto compare = [&](const char* what, const std::string& old, const std::string& now) {
    if (old != now) {
      found.push_back(std::string(what) + ": " + old + ", now " + now);
    }
  };
  compare("form", name(before.form()), name(after.form()));
  compare("numbers", std::string(name(before.flavour())), std::string(name(after.flavour())));
  compare("address", address(before), address(after));
  return found;
}

image::Change change_of(uint64_t before, uint64_t after) {
  return before < after   ? image::Change::kGrown
         : before > after ? image::Change::kShrunk
                          : image::Change::kSame;
}

void sort_by_difference(std::vector<Change>& changes) {
  const auto size = [](const Change& change) {
    return change.before < change.after ? change.after - change.before
                                        : change.before - change.after;
  };
  std::stable_sort(changes.begin(), changes.end(),
                   [&](const Change& a, const Change& b) { return size(a) > size(b); });
}

// Functions that came or went with the whole module are not listed.
void add_matches(const Attribution& before, const Attribution& after, Difference& difference) {
  bool whole_module = false;
  for (const Match& match : compare(before, after)) {
    const bool is_left = match.after != image::kNoOwner;
    const Attribution& sizes = is_left ? after : before;
    const uint32_t owner = is_left ? match.after : match.before;
    const bool is_function = sizes.owners[owner].type == OwnerType::kFunction;
    if (!is_function) {
      whole_module =
          match.change == image::Change::kAdded || match.change == image::Change::kRemoved;
    }
    if (match.change != image::Change::kSame && !(is_function && whole_module)) {
      (is_function ? difference.functions : difference.modules)
          .push_back({is_function ? path(sizes, owner) : title(sizes, owner), title(sizes, owner),
                      match.change, match.before_bytes, match.after_bytes});
    }
  }
  for (size_t i = 0; i < image::kKinds; ++i) {
    if (before.by_kind[i] != after.by_kind[i]) {
      difference.kinds.push_back({name(kind_at(i)), name(kind_at(i)),
                                  change_of(before.by_kind[i], after.by_kind[i]), before.by_kind[i],
                                  after.by_kind[i]});
    }
  }
}

Difference compare_files(const ImageFile& before, const ImageFile& after, Job& job) {
  const auto bytes = [](const ImageFile& file) { return file.payload(); };
  Difference difference{
      std::equal(bytes(before).begin(), bytes(before).end(), bytes(after).begin(),
                 bytes(after).end()),
      before.payload().size(),
      after.payload().size(),
      before.file().size(),
      after.file().size(),
      remarks(before, after),
      {},
      {},
      {},
  };
  add_matches(attribute_file(before, job), attribute_file(after, job), difference);
  for (auto* changes : {&difference.modules, &difference.functions, &difference.kinds}) {
    sort_by_difference(*changes);
  }
  if (!difference.same && difference.remarks.empty() && difference.modules.empty()) {
    difference.remarks.emplace_back(
        "no function changed: the order of modules, line numbers or names of files did");
  }
  return difference;
}

Json to_json(const std::vector<Change>& changes) {
  Json json = Json::array();
  for (const Change& change : changes) {
    json.push_back({{"what", change.what},
                    {"change", name(change.change)},
                    {"before", change.before},
                    {"after", change.after}});
  }
  return json;
}

Json describe(const ImageFile& file) {
  const auto bytes = file.file();
  Json json =
      Job::describe(file.path(), {reinterpret_cast<const char*>(bytes.data()), bytes.size()});
  json["payload_size"] = file.payload().size();
  return json;
}

void set_fields(const ImageFile& before, const ImageFile& after, const Difference& difference,
                Job& job) {
  job.field("before") = describe(before);
  job.field("after") = describe(after);
  job.field("same") = difference.same;
  job.field("remarks") = difference.remarks;
  job.field("modules") = to_json(difference.modules);
  job.field("functions") = to_json(difference.functions);
  job.field("kinds") = to_json(difference.kinds);
}

// A problem is told, and leaves nothing.
std::optional<ImageFile> open_input(const std::string& path, Job& job) {
  auto content = host::read_input(path, kMaxFileBytes);
  if (!content) {
    job.fail(content.error());
    return std::nullopt;
  }
  auto file = open_image(path, std::move(content).value());
  if (!file) {
    job.fail(file.error());
    return std::nullopt;
  }
  return std::move(file).value();
}

int run_diff(const DiffOptions& options, Job& job) {
  if (options.before == "-" && options.after == "-") {
    return job.usage_error("only one image can come from standard input", "name a file");
  }
  const auto before = open_input(options.before, job);
  const auto after = open_input(options.after, job);
  if (!before || !after) {
    return kTrouble.no;
  }
  const Difference difference = compare_files(*before, *after, job);
  if (job.json()) {
    set_fields(*before, *after, difference, job);
  } else {
    job.result(options.markdown ? as_markdown(difference, options.top)
                                : as_text(difference, options.top));
  }
  return difference.same ? host::kOk : host::kNo;
}

}  // namespace

void add_diff(Verbs& verbs) {
  auto options = std::make_shared<DiffOptions>();
  tools::CommandLine line = verbs.add(
      "diff", "what became of one image's modules and functions in another",
      "  lfsimg diff old.img new.img\n"
      "  lfsimg diff --markdown old.img new.img >comment.md\n"
      "Exit status: 0 the images are the same, 1 they differ, 2 trouble.",
      [options](Job& job) { return run_diff(*options, job); }, kTrouble);
  line.flag("--markdown", options->markdown, "for a comment on a change");
  line.option("-n,--top", "N", options->top, "of each table only the first N lines")
      .range(1u, 1u << 20);
  line.argument("BEFORE", options->before, "the image file; '-' is standard input").required();
  line.argument("AFTER", options->after, "the image file to compare it with").required();
}

}  // namespace flashstore::lfsimg
