#include "torture/sweep.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <memory>
#include <utility>

#include "torture/host_volume.h"

namespace flashstore::torture {
namespace {

using norsim::Flash;

// What one recovery may ask of a chip of `size` bytes: several times what a good one needs.
norsim::Budget recovery_budget(uint32_t size) {
  return {.read_calls = size / 8,
          .read_bytes = uint64_t{size} * 16,
          .program_bytes = size,
          .erases = size / core::NorFlash::kSectorBytes};
}

void keep_most(norsim::Counters& most, const norsim::Counters& one) {
  most.read_calls = std::max(most.read_calls, one.read_calls);
  most.read_bytes = std::max(most.read_bytes, one.read_bytes);
  most.program_calls = std::max(most.program_calls, one.program_calls);
  most.program_bytes = std::max(most.program_bytes, one.program_bytes);
  most.erases = std::max(most.erases, one.erases);
}

// What is whole is mounted as it is.
std::string mount_untouched(const norsim::Contents& contents) {
  Flash flash(contents);
  flash.set_budget({.program_bytes = 0, .erases = 0});
  const Outcome mounted = HostVolume(flash).mount();
  return mounted.done() ? "" : "second mount: " + mounted.failure;
}

norsim::Contents first_contents(const Workload& workload) {
  return workload.image ? norsim::Contents::over(*workload.image)
                        : norsim::Contents(workload.sectors * core::NorFlash::kSectorBytes);
}

// One run of a workload, and all the recoveries from its cuts.
class Sweep {
 public:
  Sweep(const Workload& workload, const SweepOptions& options)
      : workload_(workload),
        options_(options),
        flash_(first_contents(workload)),
        cuts_(watched(options.plan), [this](Flash& flash) { return recover(flash); }) {}

  SweepResult run() {
    try {
      result_.broken = run_steps();
    } catch (const norsim::Violation& violation) {
      result_.broken = violation.what();
    }
    result_.run = flash_.counters();
    result_.failed = cuts_.failed();
    result_.tallies = cuts_.tallies();
    for (const auto& failure : cuts_.failures()) {
      result_.failures.push_back(
          {workload_.name + "@" + norsim::to_string(failure.path), failure.what});
    }
    return std::move(result_);
  }

 private:
  norsim::CutPlan watched(norsim::CutPlan plan);
  std::string expect_image();
  std::string run_steps();
  std::string run_step(HostVolume& volume, const Step& step);
  std::string change(const std::string& path, Content content, const Outcome& outcome);
  std::string check_readers(HostVolume& volume) const;

  std::string recover(Flash& flash);
  std::string judge(Flash& flash, HostVolume& volume, const Expectation& expectation,
                    Listing& found) const;
  std::string use(Flash& flash, HostVolume& volume, const Listing& found) const;

  const Workload& workload_;
  const SweepOptions& options_;
  Flash flash_;
  Expectation expectation_;
  std::vector<Content> readers_;  // what each open one has to read
  std::unique_ptr<HostVolume> volume_;
  std::optional<uint32_t> step_;  // under way
  uint64_t recoveries_ = 0;
  SweepResult result_;
  norsim::PowerCuts cuts_;
};

norsim::CutPlan Sweep::watched(norsim::CutPlan plan) {
  if (options_.witness) {
    plan.watcher = [this](const norsim::CutPath& path, const norsim::Operation& operation,
                          const norsim::Contents& before, const norsim::Contents& after) {
      options_.witness({path, operation, before, after, step_,
                        path.size() > 1 ? "mount" : volume_->call(), expectation_});
    };
  }
  return plan;
}

// The files of the image, as a mount shows them, are there whatever happens.
std::string Sweep::expect_image() {
  if (!workload_.image) {
    return "";
  }
  Flash flash(flash_.contents());
  HostVolume volume(flash);
  const Outcome mounted = volume.mount();
  Listing found;
  const Outcome listed = mounted.done() ? volume.list(found) : mounted;
  for (auto& [path, bytes] : found.files) {
    expectation_.settle(path, std::make_shared<const Bytes>(std::move(bytes)));
  }
  return listed.failure;
}

std::string Sweep::run_steps() {
  std::string wrong = expect_image();
  if (!wrong.empty()) {
    return wrong;
  }
  flash_.watch(workload_.setup == 0 ? &cuts_ : nullptr);
  volume_ = std::make_unique<HostVolume>(flash_);
  wrong = volume_->mount().failure;
  for (size_t i = 0; i < workload_.steps.size() && wrong.empty(); ++i) {
    if (i == workload_.setup) {
      flash_.watch(&cuts_);
    }
    const Step& step = workload_.steps[i];
    step_ = static_cast<uint32_t>(i);
    if (step.kind == Step::Kind::kMount) {
      readers_.clear();
      volume_ = std::make_unique<HostVolume>(flash_);
      wrong = volume_->mount().failure;
    } else {
      wrong = run_step(*volume_, step);
    }
    if (wrong.empty()) {
      wrong = check_readers(*volume_);
    }
    if (Listing found; wrong.empty()) {
      wrong = judge(flash_, *volume_, expectation_, found);
    }
    if (!wrong.empty()) {
      wrong.insert(0, "step " + std::to_string(i) + " (" + step.path + "): ");
    }
  }
  return wrong;
}

std::string Sweep::run_step(HostVolume& volume, const Step& step) {
  switch (step.kind) {
    case Step::Kind::kWrite: {
      const auto content = std::make_shared<const Bytes>(step.bytes);
      expectation_.begin(step.path, content);
      return change(step.path, content, volume.write(step.path, *content, step.pieces));
    }
    case Step::Kind::kRemove: {
      const bool directory = expectation_.content(step.path + "/") != nullptr;
      const std::string path = step.path + (directory ? "/" : "");
      if (!expectation_.content(path)) {
        return "";  // an earlier step found no room for it
      }
      expectation_.begin(path, nullptr);
      return change(path, nullptr, volume.remove(step.path));
    }
    case Step::Kind::kMakeDirectory: {
      const auto content = std::make_shared<const Bytes>();
      expectation_.begin(step.path + "/", content);
      return change(step.path + "/", content, volume.mkdir(step.path));
    }
    case Step::Kind::kOpenReader: {
      const Outcome outcome = volume.open_reader(step.path);
      if (outcome.done()) {
        readers_.push_back(expectation_.content(step.path));
      }
      return outcome.failure;
    }
    default:
      readers_.clear();
      volume.close_readers();
      return "";
  }
}

std::string Sweep::change(const std::string& path, Content content, const Outcome& outcome) {
  // An open reader holds on to its file's space.
  if (outcome.full && (workload_.fills_up || !readers_.empty())) {
    content = nullptr;
    const auto old = expectation_.files().find(path);
    if (old != expectation_.files().end()) {
      content = old->second;
    }
  } else if (!outcome.done()) {
    return outcome.full ? "no room" : outcome.failure;
  }
  expectation_.settle(path, content);
  return "";
}

std::string Sweep::check_readers(HostVolume& volume) const {
  for (size_t i = 0; i < readers_.size(); ++i) {
    Bytes bytes;
    const Outcome outcome = volume.read_again(i, bytes);
    if (!outcome.done()) {
      return "an open reader: " + outcome.failure;
    }
    if (bytes != *readers_[i]) {
      return "an open reader reads something else";
    }
  }
  return "";
}

std::string Sweep::recover(Flash& flash) {
  flash.set_budget(recovery_budget(flash.size()));
  HostVolume volume(flash);
  const Outcome mounted = volume.mount();
  flash.watch(nullptr);
  flash.set_budget({});
  keep_most(result_.most, flash.counters());
  if (!mounted.done()) {
    return "mount: " + mounted.failure;
  }
  Listing found;
  std::string wrong = judge(flash, volume, expectation_, found);
  if (wrong.empty()) {
    wrong = mount_untouched(flash.contents());
  }
  if (wrong.empty() && recoveries_++ % options_.use_one_in == 0) {
    wrong = use(flash, volume, found);
  }
  return wrong;
}

std::string Sweep::judge(Flash& flash, HostVolume& volume, const Expectation& expectation,
                         Listing& found) const {
  const Outcome listed = volume.list(found);
  if (!listed.done()) {
    return "list: " + listed.failure;
  }
  std::string wrong = expectation.judge(found);
  if (wrong.empty() && options_.judge) {
    wrong = options_.judge(flash.contents().bytes(), found);
  }
  return wrong;
}

// Fills the partition, updates a file, makes room again, updates again, and mounts.
std::string Sweep::use(Flash& flash, HostVolume& volume, const Listing& found) const {
  Expectation now;
  for (const auto& [path, bytes] : found.files) {
    now.settle(path, std::make_shared<const Bytes>(bytes));
  }
  const auto write = [&](const std::string& path, uint32_t size, uint64_t seed) {
    auto content = std::make_shared<const Bytes>(make_bytes(Style::kRandom, size, seed));
    Outcome outcome = volume.write(path, *content);
    if (outcome.done()) {
      now.settle(path, std::move(content));
    }
    return outcome;
  };
  const std::string updated = found.files.empty() || found.files.back().first.ends_with('/')
                                  ? "use"
                                  : found.files.back().first;
  uint32_t fills = 0;
  Outcome outcome;
  while ((outcome = write("fill" + std::to_string(fills), flash.size() / 24, fills)).done()) {
    ++fills;
    if (fills > 24) {
      return "use: the partition takes more than it has";
    }
  }
  if (!outcome.full) {
    return "use: fill: " + outcome.failure;
  }
  outcome = write(updated, 40, 1);
  if (!outcome.failure.empty()) {
    return "use: update of " + updated + " when full: " + outcome.failure;
  }
  for (uint32_t i = 0; i < fills; ++i) {
    const std::string path = "fill" + std::to_string(i);
    outcome = volume.remove(path);
    if (!outcome.done()) {
      return "use: remove of " + path + ": " + (outcome.full ? "no room" : outcome.failure);
    }
    now.settle(path, nullptr);
  }
  outcome = write(updated, 60, 2);
  if (!outcome.failure.empty() || (outcome.full && !workload_.fills_up)) {
    return "use: update of " + updated + ": " + (outcome.full ? "no room" : outcome.failure);
  }
  HostVolume again(flash);
  outcome = again.mount();
  if (!outcome.done()) {
    return "use: mount: " + outcome.failure;
  }
  Listing last;
  const std::string wrong = judge(flash, again, now, last);
  return wrong.empty() ? "" : "use: " + wrong;
}

// Takes numbers off `text`, each with '-' in front and below a million.
template <size_t kCount>
std::optional<std::array<uint32_t, kCount>> numbers_of(std::string_view text) {
  std::array<uint32_t, kCount> numbers{};
  for (uint32_t& number : numbers) {
    if (!text.starts_with('-')) {
      return std::nullopt;
    }
    const char* const end = text.data() + text.size();
    const auto [stop, error] = std::from_chars(text.data() + 1, end, number);
    if (error != std::errc() || number >= 1000000) {
      return std::nullopt;
    }
    text.remove_prefix(static_cast<size_t>(stop - text.data()));
  }
  return text.empty() ? std::optional(numbers) : std::nullopt;
}

constexpr bool is_partition(uint32_t sectors) {
  return sectors >= 3 && sectors <= 4096;
}

}  // namespace

std::optional<Workload> workload_by_name(std::string_view name) {
  constexpr std::string_view kSeed = "seed";
  constexpr std::string_view kTiny = "tiny";
  if (name.starts_with(kSeed)) {
    const auto numbers = numbers_of<4>(name.substr(kSeed.size()));
    if (!numbers || !is_partition((*numbers)[0]) || (*numbers)[1] == 0) {
      return std::nullopt;
    }
    return seeded_workload((*numbers)[0], (*numbers)[1], (*numbers)[2], (*numbers)[3]);
  }
  if (name.starts_with(kTiny)) {
    const auto numbers = numbers_of<2>(name.substr(kTiny.size()));
    return numbers && is_partition((*numbers)[0])
               ? std::optional(tiny_workload((*numbers)[0], (*numbers)[1]))
               : std::nullopt;
  }
  auto workloads = scripted_workloads();
  const auto found = std::ranges::find(workloads, name, &Workload::name);
  return found == workloads.end() ? std::nullopt : std::optional(std::move(*found));
}

SweepResult sweep(const Workload& workload, const SweepOptions& options) {
  return Sweep(workload, options).run();
}

std::optional<CutId> parse_id(std::string_view id) {
  const size_t at = id.find('@');
  if (at == std::string_view::npos) {
    return std::nullopt;
  }
  auto cuts = norsim::parse_cuts(id.substr(at + 1));
  auto workload = workload_by_name(id.substr(0, at));
  if (!cuts || !workload) {
    return std::nullopt;
  }
  return CutId{*std::move(workload), *std::move(cuts)};
}

}  // namespace flashstore::torture
