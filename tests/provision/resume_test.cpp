// A run that was interrupted, and what another one makes of what was kept in mind of it.
#include <gmock/gmock.h>

#include <set>

#include "apply_cuts.h"
#include "board.h"
#include "norsim/power_cuts.h"
#include "provision/apply.h"
#include "provision/image_chip.h"
#include "provision/journal.h"

namespace flashstore::test {
namespace {

using provision::Plan;
using provision::Problem;
using provision::Step;
using provision::StepKind;
using testing::Contains;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::Not;

// A chip that counts what is done to it, step by step, looks whether that is in a safe order, and
// may stop to answer.
class Watched final : public provision::Chip {
 public:
  Watched(norsim::Flash& flash, const Plan& plan) : flash_(flash), plan_(plan), chip_(flash) {}

  std::optional<Problem> open(uint32_t bytes) override { return chip_.open(bytes); }
  core::Result<Bytes, Problem> read(uint32_t address, uint32_t bytes) override {
    return chip_.read(address, bytes);
  }
  core::Result<bool, Problem> holds(const Piece& piece) override { return chip_.holds(piece); }
  core::Result<bool, Problem> holds_all(std::span<const Piece> pieces) override {
    ++looks;
    return Chip::holds_all(pieces);
  }

  std::optional<Problem> erase(uint32_t address, uint32_t bytes) override {
    if (auto problem = count(StepKind::kErase, address)) {
      return problem;
    }
    return chip_.erase(address, bytes);
  }

  std::optional<Problem> write(std::span<const Piece> pieces,
                               const std::function<void(size_t)>& verified) override {
    for (size_t i = 0; i < pieces.size(); ++i) {
      if (auto problem = count(StepKind::kWrite, pieces[i].address)) {
        return problem;
      }
      if (auto problem = chip_.write(pieces.subspan(i, 1), [](size_t) {})) {
        return problem;
      }
      verified(i + 1);
    }
    return std::nullopt;
  }

  std::vector<size_t> steps;        // that were done
  std::vector<std::string> unsafe;  // what could have run half of something
  size_t looks = 0;                 // at many pieces at once
  size_t limit = SIZE_MAX;          // of steps

 private:
  std::optional<Problem> count(StepKind kind, uint32_t address) {
    if (steps.size() == limit) {
      return provision::refused("gone", "the cable is pulled");
    }
    for (size_t i = 0; i < plan_.steps.size(); ++i) {
      if (plan_.steps[i].kind == kind && plan_.steps[i].address == address) {
        steps.push_back(i);
        look_at_what_follows(i);
      }
    }
    return std::nullopt;
  }

  // What declares complete what is about to be written must not be there.
  void look_at_what_follows(size_t step) {
    for (const Step& later : plan_.steps) {
      const bool declares =
          later.kind == StepKind::kWrite &&
          std::find(later.after.begin(), later.after.end(), step) != later.after.end();
      const bool was_erased =
          std::any_of(plan_.steps.begin(), plan_.steps.end(), [&](const Step& erase) {
            return erase.kind == StepKind::kErase && erase.address <= later.address &&
                   later.address < erase.address + erase.bytes;
          });
      if (plan_.steps[step].kind == StepKind::kWrite && declares && was_erased) {
        const Bytes flash = flash_.contents().bytes();
        const auto from = flash.begin() + later.address;
        if (std::any_of(from, from + later.bytes, [](uint8_t byte) { return byte != 0xFF; })) {
          unsafe.push_back("step " + std::to_string(step) + " under " + later.reason);
        }
      }
    }
  }

  norsim::Flash& flash_;
  const Plan& plan_;
  provision::ImageChip chip_;
};

// An old board that gets everything anew.
class Resume : public testing::Test {
 protected:
  Resume() {
    Board old;
    old.write("fw.bin", firmware("flashstore-firmware float", "old", kEnd + 0x4000));
    old.write("app/main.lua", "return 'old'");
    before_ = applied(old.plan().value());
    board_.device = {{before_.begin() + 0x10000, before_.begin() + 0x11000}, kFlashBytes};
    plan_ = board_.plan().value();
    after_ = applied(plan_, before_);
  }

  // Brings the plan onto a chip; `kept` is what is kept in mind, before and after.
  core::Result<provision::Applied, Problem> run(provision::Chip& chip, size_t& kept) const {
    return provision::apply(plan_, chip,
                            {.done =
                                 [&kept](size_t steps) {
                                   kept = steps;
                                   return std::optional<Problem>();
                                 }},
                            kept);
  }

  size_t first(StepKind kind) const {
    const auto found = std::find_if(plan_.steps.begin(), plan_.steps.end(),
                                    [&](const Step& step) { return step.kind == kind; });
    return static_cast<size_t>(found - plan_.steps.begin());
  }

  Board board_;
  Bytes before_;
  Bytes after_;
  Plan plan_;
};

TEST_F(Resume, DoesNoVerifiedStepAgain) {
  ASSERT_GT(plan_.steps.size(), 8u);
  for (size_t limit = 0; limit < plan_.steps.size() - 1; ++limit) {  // one is a backup
    norsim::Flash flash = chip_with(before_);
    Watched interrupted(flash, plan_);
    interrupted.limit = limit;
    size_t kept = 0;
    ASSERT_FALSE(run(interrupted, kept).ok());
    const size_t verified = kept;
    // Erases are looked at together.
    EXPECT_EQ(verified, limit >= first(StepKind::kWrite) - 1 ? limit + 1 : 1) << limit;
    if (const Step& next = plan_.steps[verified]; next.kind == StepKind::kWrite) {
      flash.program(next.address, Bytes(16, 0));  // it was at that
    }
    Watched resumed(flash, plan_);
    const auto done = run(resumed, kept);
    ASSERT_TRUE(done.ok()) << done.error().diagnostic.message;
    EXPECT_EQ(done.value().steps_before, verified == 1 ? 0 : verified);
    for (const size_t step : resumed.steps) {
      EXPECT_GE(step, done.value().steps_before) << "interrupted before operation " << limit;
    }
    EXPECT_THAT(resumed.unsafe, IsEmpty());
    EXPECT_EQ(kept, plan_.steps.size());
    EXPECT_TRUE(flash.contents().bytes() == after_);
  }
}

TEST_F(Resume, LooksOnceAtAllThatIsDone) {
  norsim::Flash flash = chip_with(before_);
  Watched interrupted(flash, plan_);
  interrupted.limit = plan_.steps.size() - 2;
  size_t kept = 0;
  ASSERT_FALSE(run(interrupted, kept).ok());
  Watched resumed(flash, plan_);
  ASSERT_TRUE(run(resumed, kept).ok());
  EXPECT_EQ(resumed.looks, 1u);
  EXPECT_THAT(resumed.steps, ElementsAre(plan_.steps.size() - 1));
}

// Power may go at any byte, and again while the second run is at it.
TEST_F(Resume, LeadsToTheSameFromEveryCut) {
  norsim::CutPlan cuts;
  norsim::CutChoice choice;
  choice.data_breaks = 4;
  choice.torn = 2;
  const bool deep = std::getenv("FLASHSTORE_DEEP") != nullptr;
  cuts.levels = {{.choice = choice, .one_in = deep ? 4u : 80u},
                 {.choice = choice, .one_in = deep ? 100u : 400u}};
  size_t kept = 0;
  norsim::PowerCuts sweep(cuts, [&](norsim::Flash& flash) -> std::string {
    const size_t at_the_cut = kept;
    Watched chip(flash, plan_);
    const auto done = run(chip, kept);
    flash.watch(nullptr);
    kept = at_the_cut;
    if (!done) {
      return done.error().diagnostic.message;
    }
    if (!chip.unsafe.empty()) {
      return chip.unsafe.front();
    }
    return flash.contents().bytes() == after_ ? "" : "it leads elsewhere";
  });
  norsim::Flash flash = chip_with(before_);
  flash.watch(&sweep);
  provision::ImageChip chip(flash);
  ASSERT_TRUE(run(chip, kept).ok());
  for (const auto& failure : sweep.failures()) {
    ADD_FAILURE() << to_string(failure.path) << ": " << failure.what;
  }
  ASSERT_EQ(sweep.tallies().size(), 2u);
  EXPECT_GT(sweep.tallies()[1].tried, 20u);
  std::printf("%llu cuts, and %llu in what followed\n",
              static_cast<unsigned long long>(sweep.tallies()[0].tried),
              static_cast<unsigned long long>(sweep.tallies()[1].tried));
}

// What was kept in mind may be wrong: the board was written by something else since.
TEST_F(Resume, BelievesTheFlash) {
  for (const Bytes& flash_bytes :
       {before_, after_, Bytes(kFlashBytes, 0xFF), Bytes(kFlashBytes, 0)}) {
    for (size_t told = 0; told <= plan_.steps.size(); ++told) {
      norsim::Flash flash = chip_with(flash_bytes);
      Watched chip(flash, plan_);
      size_t kept = told;
      ASSERT_TRUE(run(chip, kept).ok());
      EXPECT_THAT(chip.unsafe, IsEmpty()) << told;
      const Bytes found = flash.contents().bytes();
      for (const Step& step : plan_.steps) {
        const Bytes wanted = plan_.bytes_of(step);
        EXPECT_TRUE(step.kind != StepKind::kWrite ||
                    std::equal(wanted.begin(), wanted.end(), found.begin() + step.address))
            << step.reason << ", " << told;
      }
    }
  }
}

// A step that is not there although later ones are.
TEST_F(Resume, TakesBackWhatDeclaresCompleteBeforeItWritesUnderIt) {
  for (size_t broken = first(StepKind::kWrite); broken < plan_.steps.size(); ++broken) {
    for (size_t told = broken + 1; told <= plan_.steps.size(); ++told) {
      norsim::Flash flash = chip_with(before_);
      Watched interrupted(flash, plan_);
      interrupted.limit = told - 1;
      size_t kept = 0;
      ASSERT_EQ(run(interrupted, kept).ok(), told == plan_.steps.size());
      ASSERT_EQ(kept, told);
      const Bytes whole = plan_.bytes_of(plan_.steps[broken]);
      const auto bit =
          std::find_if(whole.begin(), whole.end(), [](uint8_t byte) { return byte != 0; });
      flash.program(plan_.steps[broken].address + static_cast<uint32_t>(bit - whole.begin()),
                    Bytes{0});
      Watched resumed(flash, plan_);
      const auto done = run(resumed, kept);
      ASSERT_TRUE(done.ok());
      EXPECT_THAT(resumed.steps, Contains(broken));
      EXPECT_THAT(resumed.unsafe, IsEmpty()) << broken << " of " << told;
      EXPECT_LE(done.value().steps_before, broken);
      EXPECT_TRUE(flash.contents().bytes() == after_);
    }
  }
}

// More is done than was kept in mind: this computer stopped in between.
TEST_F(Resume, SeesThatMoreIsDoneThanItKnows) {
  for (size_t done = 1; done < plan_.steps.size(); ++done) {
    for (size_t told = 0; told < done; ++told) {
      norsim::Flash flash = chip_with(before_);
      Watched interrupted(flash, plan_);
      interrupted.limit = done - 1;
      size_t kept = 0;
      ASSERT_FALSE(run(interrupted, kept).ok());
      kept = told;
      Watched resumed(flash, plan_);
      ASSERT_TRUE(run(resumed, kept).ok());
      EXPECT_THAT(resumed.unsafe, IsEmpty()) << told << " of " << done;
      EXPECT_TRUE(flash.contents().bytes() == after_);
    }
  }
}

// What was kept in mind is no more than what is still so, before anything changes.
TEST_F(Resume, KeepsInMindThatItBeginsAnew) {
  norsim::Flash flash = chip_with(before_);
  provision::ImageChip chip(flash);
  const auto done =
      provision::apply(plan_, chip, {.done = [&](size_t steps) -> std::optional<Problem> {
                         EXPECT_EQ(steps, 0u);
                         return provision::refused("full", "the disk is full");
                       }},
                       7);
  ASSERT_FALSE(done.ok());
  EXPECT_EQ(done.error().diagnostic.id, "full");
  EXPECT_TRUE(flash.contents().bytes() == before_);
}

TEST_F(Resume, AJournalIsTheSameWrittenAndReadAgain) {
  const auto journal = provision::make_journal("5c:cf:7f:00:00:01", plan_, 3);
  const std::string text = to_text(journal);
  const auto again = provision::parse_journal("journal", text);
  ASSERT_TRUE(again.ok()) << again.error().diagnostic.message;
  EXPECT_EQ(to_text(again.value()), text);
  EXPECT_EQ(again.value().build_time, kTime);
  EXPECT_EQ(again.value().device.page, board_.device.page);
  EXPECT_EQ(provision::steps_done(again.value(), plan_), 3u);
}

TEST_F(Resume, AJournalIsOfOnePlanAlone) {
  const auto journal = provision::make_journal("5c:cf:7f:00:00:01", plan_, 3);
  board_.write("app/more.lua", "return 'other'");
  EXPECT_EQ(provision::steps_done(journal, board_.plan().value()), 0u);
  Plan shorter = plan_;
  shorter.steps.resize(2);
  EXPECT_EQ(provision::steps_done(journal, shorter), 0u);
  auto altered = journal;
  altered.done[2].bytes += 0x1000;
  EXPECT_EQ(provision::steps_done(altered, plan_), 0u);
}

TEST_F(Resume, AJournalIsReadStrictly) {
  const std::string text = to_text(provision::make_journal("5c:cf:7f:00:00:01", plan_, 3));
  const auto reason = [](const std::string& journal) {
    const auto parsed = provision::parse_journal("journal", journal);
    return parsed ? "" : parsed.error().diagnostic.id;
  };
  const auto changed = [&](const std::string& from, const std::string& to) {
    std::string other = text;
    other.replace(other.find(from), from.size(), to);
    return other;
  };
  EXPECT_EQ(reason(text.substr(0, text.size() / 2)), "not-json");
  EXPECT_EQ(reason(changed("journal/1", "journal/2")), "unknown-schema");
  EXPECT_EQ(reason(changed("\"build_time\"", "\"built\"")), "missing-key");
  EXPECT_EQ(reason(changed("\"done\": [", "\"more\": 1, \"done\": [")), "unknown-key");
}

}  // namespace
}  // namespace flashstore::test
