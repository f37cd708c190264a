#include "attributed.h"

#include <algorithm>
#include <functional>

#include "host/printable.h"
#include "host/quantities.h"

namespace flashstore::lfsimg {

using image::Attribution;
using image::KindBytes;

Attribution attribute_file(const ImageFile& file, Job& job) {
  Attribution found = image::attribute(file.view());
  if (found.broken_references != 0) {
    job.report({.id = "damaged",
                .severity = host::Severity::kWarning,
                .message = host::count(found.broken_references, "reference") +
                           " in the image cannot be followed; what they hide counts as a gap",
                .hint = "'lfsimg verify' tells more",
                .file = file.path()});
  }
  return found;
}

std::vector<KindBytes> totals_by_kind(const Attribution& attribution) {
  std::vector<KindBytes> totals(attribution.owners.size());
  for (size_t i = totals.size(); i-- > 0;) {  // what is inside comes behind what is around it
    const image::Owner& owner = attribution.owners[i];
    const auto add = [](KindBytes& to, const KindBytes& more) {
      std::transform(to.begin(), to.end(), more.begin(), to.begin(), std::plus<>());
    };
    add(totals[i], owner.own);
    if (owner.parent != image::kNoOwner) {
      add(totals[owner.parent], totals[i]);
    }
  }
  return totals;
}

std::string title(const Attribution& attribution, uint32_t owner) {
  constexpr size_t kMostFunctions = 3;
  std::vector<uint32_t> way;
  for (uint32_t i = owner; i != image::kNoOwner; i = attribution.owners[i].parent) {
    way.push_back(i);
  }
  const image::Owner& top = attribution.owners[way.back()];
  if (top.type != image::OwnerType::kModule) {
    return "(" + label(top) + ")";
  }
  std::string text = label(top);
  const size_t functions = way.size() - 1;
  if (functions > kMostFunctions) {
    text += " > ...";
  }
  for (size_t i = std::min(functions, kMostFunctions); i-- > 0;) {
    text += " > " + label(attribution.owners[way[i]]);
  }
  return text;
}

std::string summary(const ImageFile& file) {
  const std::string payload = "payload " + host::bytes(file.payload().size());
  if (!file.is_compressed()) {
    return payload + ", not compressed";
  }
  return payload + ", file " + host::bytes(file.file().size()) + ": " +
         host::percent(file.file().size(), file.payload().size());
}

std::string title(const ImageFile& file) {
  const std::string& path = file.path();
  return path == "-" ? "stdin" : host::printable(path.substr(path.find_last_of('/') + 1));
}

int report_sizes(const SizesReport& report, Job& job) {
  const bool drawn_on_stdout = report.picture == "-";
  if (drawn_on_stdout && (report.text_wanted || job.json())) {
    return job.usage_error("only one result can go to stdout",
                           "name a file: " + report.picture_option + "=FILE");
  }
  if (report.picture && job.overwrites(report.image, *report.picture)) {
    return host::kUsage;
  }
  const auto file = job.open(report.image);
  if (!file) {
    return job.fail(file.error());
  }
  const Attribution sizes = attribute_file(file.value(), job);
  if (job.json()) {
    report.set_fields(file.value(), sizes);
  } else if (!drawn_on_stdout) {
    job.result(report.text(file.value(), sizes));
  }
  if (!report.picture) {
    return host::kOk;
  }
  const std::string picture = report.draw(file.value(), sizes);
  return job.write(*report.picture, {picture.begin(), picture.end()});
}

}  // namespace flashstore::lfsimg
