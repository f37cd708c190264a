#include "provision/smoke.h"

#include <algorithm>
#include <ctime>

#include "host/numbers.h"
#include "host/quantities.h"
#include "luac/lift.h"
#include "provision/lfs_content.h"

namespace flashstore::provision {
namespace {

using Clock = std::chrono::steady_clock;
using Milliseconds = Prompt::Milliseconds;

// All firmware of this kind says which Lua it has when it starts, in the last line of its banner.
constexpr std::string_view kBannerMark = "Lua 5.";
constexpr size_t kMostBannerLines = 12;
constexpr const char* kRestart = "node.restart()";
// A board without the lines' transistors does nothing when they move: it is asked then.
constexpr Milliseconds kLineReset{3000};
constexpr Milliseconds kRest{300};  // for what a board says behind its banner

bool has_banner(const std::string& heard) {
  const size_t mark = heard.find(kBannerMark);
  return mark != std::string::npos && heard.find('\n', mark) != std::string::npos;
}

std::string join(const std::vector<std::string>& words) {
  std::string text;
  for (const std::string& word : words) {
    text += (text.empty() ? "" : ", ") + word;
  }
  return text;
}

std::string time_text(std::optional<uint32_t> time) {
  if (!time) {
    return "none";
  }
  const time_t seconds = *time;
  std::tm parts{};
  char text[32];
  gmtime_r(&seconds, &parts);
  std::strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%SZ", &parts);
  return text;
}

std::string part_text(const DeviceFacts::Part& part) {
  return host::hex(part.address) + ", " + host::bytes(part.bytes);
}

class Smoke {
 public:
  Smoke(SerialPort& port, const SmokeWanted& wanted, Milliseconds patience)
      : port_(port),
        wanted_(wanted),
        prompt_(port, patience),
        end_(Clock::now() + std::chrono::seconds(wanted.seconds)) {}

  core::Result<SmokeReport, Problem> run() {
    auto problem = reset();
    if (!problem && !has_failed()) {
      problem = find_prompt();
    }
    if (!problem && !has_failed()) {
      problem = ask();
    }
    if (problem) {
      return *problem;
    }
    return std::move(report_);
  }

 private:
  bool has_failed() const {
    return !report_.checks.empty() && report_.checks.back().problem.has_value();
  }

  Milliseconds left() const {
    return std::max(std::chrono::ceil<Milliseconds>(end_ - Clock::now()), Milliseconds(0));
  }

  void add(std::string name, std::string wanted, std::string seen,
           std::optional<Diagnostic> problem = {}) {
    report_.checks.push_back(
        {std::move(name), std::move(wanted), std::move(seen), std::move(problem)});
  }

  // A problem of the board is a check that failed; others end all.
  std::optional<Problem> take(const Problem& problem, const std::string& name,
                              const std::string& wanted) {
    constexpr std::string_view kOfBoard[] = {"no-answer", "noise", "no-prompt", "no-node"};
    if (std::ranges::find(kOfBoard, problem.diagnostic.id) == std::end(kOfBoard)) {
      return problem;
    }
    add(name, wanted, "none", problem.diagnostic);
    return std::nullopt;
  }

  // And what follows it, up to the first prompt.
  std::optional<Problem> hear_banner(Milliseconds patience) {
    auto heard = prompt_.listen(has_banner, patience);
    if (heard && has_banner(heard.value())) {
      heard = prompt_.listen([](const std::string& text) { return text.ends_with("\n> "); }, kRest);
    }
    return heard ? std::nullopt : std::optional(heard.error());
  }

  // Has the board start, and takes its banner.
  std::optional<Problem> reset() {
    if (port_.pulse_reset()) {
      report_.reset = SmokeReset::kLine;
      if (auto problem = hear_banner(std::min(left(), kLineReset))) {
        return problem;
      }
    }
    if (!has_banner(prompt_.heard())) {
      if (auto problem = prompt_.find(left())) {
        return take(*problem, "prompt", "an answer");
      }
      if (auto problem = prompt_.type(kRestart)) {
        return problem;
      }
      report_.reset = SmokeReset::kPrompt;
      if (auto problem = hear_banner(left())) {
        return problem;
      }
    }
    report_.banner = readable_lines(prompt_.heard());
    std::erase_if(report_.banner, [](const std::string& text) {
      return text.ends_with(kRestart) || text == "> ";  // its echo, and the first prompt
    });
    const auto line = std::ranges::find_if(report_.banner, [](const std::string& text) {
      return text.find(kBannerMark) != std::string::npos;
    });
    if (line != report_.banner.end()) {
      add("banner", std::string(kBannerMark), *line);
    }
    const size_t count = report_.banner.size();
    report_.banner.erase(report_.banner.begin(),
                         report_.banner.end() - std::min(count, kMostBannerLines));
    if (!report_.checks.empty()) {
      return std::nullopt;
    }
    add("banner", std::string(kBannerMark), "none",
        Diagnostic{.id = "no-banner",
                   .message = "the board does not start: no banner within " +
                              host::count(wanted_.seconds, "second") + " of the reset",
                   .hint = "what it said instead is in the report; it may need more seconds",
                   .file = port_.path()});
    return std::nullopt;
  }

  std::optional<Problem> find_prompt() {
    // What has just started has that much time at least.
    if (auto problem = prompt_.find(std::max(left(), kLineReset))) {
      return take(*problem, "prompt", "an answer");
    }
    add("prompt", "an answer", "an answer");
    return std::nullopt;
  }

  std::optional<Problem> ask() {
    auto facts = ask_facts(prompt_);
    if (!facts) {
      return take(facts.error(), "node", "a table");
    }
    report_.facts = std::move(facts).value();
    check_modules();
    if (wanted_.build_time) {
      check_time(*wanted_.build_time);
    }
    const auto& partitions = report_.facts->partitions;
    if (partitions && wanted_.lfs) {
      check_part("lfs-partition", *wanted_.lfs, partitions->lfs);
    }
    if (partitions && wanted_.files) {
      check_part("files-partition", *wanted_.files, partitions->files);
    }
    return std::nullopt;
  }

  void check_modules() {
    if (wanted_.modules.empty() && !wanted_.image) {
      return;
    }
    static const std::vector<std::string> kNone;
    const auto& image = report_.facts->image;
    const auto& there = image ? image->modules : kNone;
    std::vector<std::string> missing;
    for (const auto& names : {wanted_.modules, wanted_.image.value_or(kNone)}) {
      std::ranges::copy_if(names, std::back_inserter(missing), [&](const std::string& name) {
        return std::ranges::find(there, name) == there.end() &&
               std::ranges::find(missing, name) == missing.end();
      });
    }
    const std::string wanted = join(wanted_.image ? *wanted_.image : wanted_.modules);
    std::optional<Diagnostic> problem;
    if (!image) {
      problem = Diagnostic{.id = "no-image",
                           .message = "there is no image in LFS",
                           .hint = "the console tells why, when the board starts"};
    } else if (!missing.empty()) {
      problem = Diagnostic{.id = "missing-module",
                           .message = "LFS has no module '" + join(missing) + "'",
                           .hint = "it has: " + join(there)};
    } else if (wanted_.image && there != *wanted_.image) {
      problem = Diagnostic{.id = "other-image",
                           .message = "LFS has other modules than the image: " + join(there),
                           .hint = "the image has: " + wanted};
    }
    if (problem) {
      problem->file = port_.path();
    }
    add("modules", wanted, join(there), std::move(problem));
  }

  void check_time(uint32_t wanted) {
    const auto& image = report_.facts->image;
    const auto seen = image ? image->build_time : std::nullopt;
    std::optional<Diagnostic> problem;
    if (seen != wanted) {
      problem =
          Diagnostic{.id = "other-build-time",
                     .message = "the image in LFS was built at another time: " + time_text(seen) +
                                ", not " + time_text(wanted),
                     .file = port_.path()};
    }
    add("build-time", time_text(wanted), time_text(seen), std::move(problem));
  }

  void check_part(const std::string& name, const DeviceFacts::Part& wanted,
                  const DeviceFacts::Part& seen) {
    std::optional<Diagnostic> problem;
    if (seen != wanted) {
      problem = Diagnostic{.id = "other-partition",
                           .message = "the board has another " + name + ": " + part_text(seen) +
                                      ", not " + part_text(wanted),
                           .file = port_.path()};
    }
    add(name, part_text(wanted), part_text(seen), std::move(problem));
  }

  SerialPort& port_;
  const SmokeWanted& wanted_;
  Prompt prompt_;
  Clock::time_point end_;
  SmokeReport report_;
};

std::optional<DeviceFacts::Part> part_of_table(const partition::Table& table,
                                               partition::PartitionType type) {
  const partition::Partition* part = table.find(type);
  return part == nullptr ? std::nullopt
                         : std::optional(DeviceFacts::Part{part->address, part->bytes});
}

SmokeWanted smoke_wanted(const Manifest& manifest) {
  SmokeWanted wanted;
  if (manifest.smoke) {
    wanted.modules = manifest.smoke->modules;
    wanted.seconds = manifest.smoke->seconds;
  }
  return wanted;
}

}  // namespace

std::string_view name(SmokeReset reset) {
  constexpr std::string_view kNames[] = {"none", "line", "prompt"};
  return kNames[static_cast<size_t>(reset)];
}

SmokeWanted smoke_wanted(const Plan& plan, bool has_build_time) {
  SmokeWanted wanted = smoke_wanted(plan.manifest);
  wanted.lfs = part_of_table(plan.table, partition::kLfs);
  wanted.files = part_of_table(plan.table, partition::kLilotafs);
  for (const Content& content : plan.contents) {
    const auto view = luaflash::open_image(content.bytes);
    const auto lifted = view ? luac::lift(view.value()) : luac::LiftError{};
    if (!lifted) {
      continue;
    }
    wanted.image = lifted.value().names;
    std::ranges::sort(*wanted.image);
    if (has_build_time || !plan.manifest.lfs.is_compiled()) {
      wanted.build_time = static_cast<uint32_t>(static_cast<int64_t>(lifted.value().build_time));
    }
  }
  return wanted;
}

core::Result<SmokeWanted, Problem> smoke_wanted(const Manifest& manifest, const Inputs& inputs,
                                                uint32_t build_time, bool has_build_time) {
  SmokeWanted wanted = smoke_wanted(manifest);
  if (manifest.lfs.is_given()) {
    auto payload = make_payload(manifest.lfs, inputs, build_time, {.numbers = manifest.numbers});
    if (!payload) {
      return payload.error();
    }
    wanted.image = std::move(payload.value().modules);
    if (has_build_time || !manifest.lfs.is_compiled()) {
      wanted.build_time = payload.value().build_time;
    }
  }
  return wanted;
}

core::Result<SmokeReport, Problem> smoke(SerialPort& port, const SmokeWanted& wanted,
                                         Milliseconds patience) {
  return Smoke(port, wanted, patience).run();
}

}  // namespace flashstore::provision
