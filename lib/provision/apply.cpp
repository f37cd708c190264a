#include "provision/apply.h"

#include <algorithm>

#include "core/nor_flash.h"
#include "provision/chip_kind.h"

namespace flashstore::provision {
namespace {

class Run {
 public:
  Run(const Plan& plan, Chip& chip, const ApplyHost& host, size_t done)
      : plan_(plan),
        kind_(*find_chip(plan.manifest.chip)),
        chip_(chip),
        host_(host),
        done_before_(std::min(done, plan.steps.size())) {}

  core::Result<Applied, Problem> run() {
    if (auto problem = chip_.open(plan_.flash_bytes)) {
      return *problem;
    }
    if (auto problem = check_table()) {
      return *problem;
    }
    const auto before = still_done();
    if (!before) {
      return before.error();
    }
    applied_.steps_before = before.value();
    if (applied_.steps_before == 0) {
      const auto there = is_there();
      if (!there) {
        return there.error();
      }
      applied_.was_there = there.value();
    }
    if (auto problem = applied_.was_there ? std::nullopt : take_all()) {
      return *problem;
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

  // Whether a step may have been begun that has not been kept in mind: if all it needs was done.
  bool may_be_begun(size_t step) const {
    const std::vector<uint32_t>& after = plan_.steps[step].after;
    return step < done_before_ || std::all_of(after.begin(), after.end(), [&](uint32_t needed) {
             return needed < done_before_;
           });
  }

  // Whether a sector that was erased need not be blank any more. Where the write that it was erased
  // for had no business yet, it must be: that write declares complete what is still to be written.
  bool may_be_written(uint32_t sector) const {
    for (size_t i = 0; i < plan_.steps.size(); ++i) {
      const Step& step = plan_.steps[i];
      if (step.kind == StepKind::kWrite && sector >= step.address &&
          sector - step.address < step.bytes && may_be_begun(i)) {
        return true;
      }
    }
    return false;
  }

  // What of `step`, an erase, must be blank.
  std::vector<Chip::Piece> blank_parts(const Step& step, std::span<const uint8_t> blank) const {
    std::vector<Chip::Piece> parts;
    constexpr uint32_t kSector = core::NorFlash::kSectorBytes;
    for (uint32_t at = 0; at < step.bytes; at += kSector) {
      const uint32_t sector = step.address + at;
      if (may_be_written(sector)) {
        continue;
      }
      if (!parts.empty() && parts.back().address + parts.back().bytes.size() == sector) {
        parts.back().bytes = blank.first(parts.back().bytes.size() + kSector);
      } else {
        parts.push_back({sector, blank.first(kSector)});
      }
    }
    return parts;
  }

  // Of the steps that an earlier run has done, how many need not be done again.
  core::Result<size_t, Problem> still_done() {
    std::vector<std::vector<uint8_t>> memory;
    memory.reserve(done_before_);
    std::vector<Chip::Piece> pieces;
    std::vector<size_t> steps;  // of the pieces
    for (size_t i = 0; i < done_before_; ++i) {
      const Step& step = plan_.steps[i];
      memory.push_back(plan_.bytes_of(step));
      if (step.kind == StepKind::kWrite) {
        pieces.push_back({step.address, memory.back()});
      } else if (step.kind == StepKind::kErase) {
        const auto parts = blank_parts(step, memory.back());
        pieces.insert(pieces.end(), parts.begin(), parts.end());
      }
      steps.resize(pieces.size(), i);
    }
    if (pieces.empty()) {
      return size_t{0};
    }
    const auto all = chip_.holds_all(pieces);
    if (!all) {
      return all.error();
    }
    for (size_t i = 0; !all.value() && i < pieces.size(); ++i) {
      const auto same = chip_.holds(pieces[i]);
      if (!same) {
        return same.error();
      }
      if (!same.value()) {
        return first_to_do(steps[i]);
      }
    }
    return all.value() ? done_before_ : size_t{0};
  }

  // Where to begin if what `step` left is not there.
  size_t first_to_do(size_t step) const {
    for (size_t i = step + 1; i < done_before_; ++i) {
      const std::vector<uint32_t>& after = plan_.steps[i].after;
      if (std::find(after.begin(), after.end(), step) != after.end()) {
        return 0;
      }
    }
    return step;
  }

  std::optional<Problem> take_all() {
    tell_done(applied_.steps_before);
    for (size_t i = applied_.steps_before; !problem_ && i < plan_.steps.size();) {
      if (auto problem = take(i)) {
        return problem;
      }
      tell_done(i);
    }
    return problem_;
  }

  void tell_done(size_t steps) {
    if (host_.done && !problem_ && told_ != steps) {
      told_ = steps;
      problem_ = host_.done(steps);
    }
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
    const size_t first = i;
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
    return chip_.write(pieces, [&](size_t pieces_done) { tell_done(first + pieces_done); });
  }

  const Plan& plan_;
  const ChipKind& kind_;
  Chip& chip_;
  const ApplyHost& host_;
  const size_t done_before_;
  Applied applied_;
  std::optional<size_t> told_;      // to host_.done
  std::optional<Problem> problem_;  // of it
};

}  // namespace

core::Result<Applied, Problem> apply(const Plan& plan, Chip& chip, const ApplyHost& host,
                                     size_t done) {
  return Run(plan, chip, host, done).run();
}

}  // namespace flashstore::provision
