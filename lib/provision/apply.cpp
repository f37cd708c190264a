#include "provision/apply.h"

#include <algorithm>

#include "provision/chip_kind.h"

namespace flashstore::provision {
namespace {

class Run {
 public:
  Run(const Plan& plan, Chip& chip, const ApplyHost& host)
      : plan_(plan), kind_(*find_chip(plan.manifest.chip)), chip_(chip), host_(host) {}

  core::Result<Applied, Problem> run() {
    if (auto problem = chip_.open(plan_.flash_bytes)) {
      return *problem;
    }
    if (auto problem = check_table()) {
      return *problem;
    }
    const auto there = is_there();
    if (!there) {
      return there.error();
    }
    applied_.was_there = there.value();
    for (size_t i = 0; !applied_.was_there && i < plan_.steps.size();) {
      if (auto problem = take(i)) {
        return *problem;
      }
    }
    if (auto problem = chip_.start()) {
      return *problem;
    }
    return applied_;
  }

 private:
  // A plan made for the table of a device goes to no device with another one.
  std::optional<Problem> check_table() {
    const std::vector<uint8_t>& page = plan_.device.page;
    if (page.empty() || plan_.writes_page) {
      return std::nullopt;
    }
    const auto same = chip_.holds({kind_.table_address, page});
    if (!same) {
      return same.error();
    }
    return same.value() ? std::nullopt
                        : std::optional(refused("other-table",
                                                "the device has another partition table than the "
                                                "one the plan was made for",
                                                "plan anew, for this device"));
  }

  core::Result<bool, Problem> is_there() {
    std::vector<std::vector<uint8_t>> memory;
    memory.reserve(plan_.steps.size());
    std::vector<Chip::Piece> pieces;
    for (const Step& step : plan_.steps) {
      // What is erased is written later on, unless it is to stay erased.
      const bool is_rewritten =
          std::any_of(plan_.contents.begin(), plan_.contents.end(), [&](const Content& content) {
            return step.address < content.end() && content.address < step.address + step.bytes;
          });
      if (step.kind == StepKind::kErase && !is_rewritten) {
        memory.push_back(plan_.bytes_of(step));
        pieces.push_back({step.address, memory.back()});
      }
    }
    // More than what is written of them: also what they have behind that.
    for (const Content& content : plan_.contents) {
      pieces.push_back({content.address, content.bytes});
    }
    return chip_.holds_all(pieces);
  }

  // Does step `i`, and those behind it that can be done at once; leaves `i` behind them.
  std::optional<Problem> take(size_t& i) {
    const Step& step = plan_.steps[i];
    if (host_.begin) {
      host_.begin(i);
    }
    switch (step.kind) {
      case StepKind::kBackup:
        ++i;
        return back_up(step);
      case StepKind::kErase:
        return erase(i);
      case StepKind::kWrite:
        return write(i);
    }
    return std::nullopt;
  }

  // A page without a table is not worth it: it is blank, or what an interrupted run has left.
  std::optional<Problem> back_up(const Step& step) {
    const auto page = chip_.read(step.address, step.bytes);
    if (!page) {
      return page.error();
    }
    const auto plans = page_of_plan();
    const bool stays =
        std::equal(plans.begin(), plans.end(), page.value().begin(), page.value().end());
    if (stays || !has_table(kind_, page.value()) || !host_.keep_page) {
      return std::nullopt;
    }
    applied_.page_kept = true;
    return host_.keep_page(page.value());
  }

  std::span<const uint8_t> page_of_plan() const {
    const auto found = std::find_if(
        plan_.contents.begin(), plan_.contents.end(),
        [&](const Content& content) { return content.address == kind_.table_address; });
    return found == plan_.contents.end() ? std::span<const uint8_t>() : std::span(found->bytes);
  }

  // No erase needs another one.
  std::optional<Problem> erase(size_t& i) {
    std::vector<std::vector<uint8_t>> memory;
    std::vector<Chip::Piece> blank;
    const size_t first = i;
    for (; i < plan_.steps.size() && plan_.steps[i].kind == StepKind::kErase; ++i) {
      const Step& step = plan_.steps[i];
      if (host_.begin && i > first) {
        host_.begin(i);
      }
      if (auto problem = chip_.erase(step.address, step.bytes)) {
        return problem;
      }
      memory.push_back(plan_.bytes_of(step));
      blank.push_back({step.address, memory.back()});
    }
    const auto same = chip_.holds_all(blank);
    if (!same) {
      return same.error();
    }
    return same.value()
               ? std::nullopt
               : std::optional(refused("not-erased", "the flash is not blank after an erase"));
  }

  std::optional<Problem> write(size_t& i) {
    std::vector<Chip::Piece> pieces;
    for (; i < plan_.steps.size() && plan_.steps[i].kind == StepKind::kWrite; ++i) {
      const Step& step = plan_.steps[i];
      const Content& content = plan_.contents[*step.content];
      pieces.push_back(
          {step.address,
           std::span(content.bytes).subspan(step.address - content.address, step.bytes)});
      if (host_.begin && pieces.size() > 1) {
        host_.begin(i);
      }
    }
    return chip_.write(pieces);
  }

  const Plan& plan_;
  const ChipKind& kind_;
  Chip& chip_;
  const ApplyHost& host_;
  Applied applied_;
};

}  // namespace

core::Result<Applied, Problem> apply(const Plan& plan, Chip& chip, const ApplyHost& host) {
  return Run(plan, chip, host).run();
}

}  // namespace flashstore::provision
