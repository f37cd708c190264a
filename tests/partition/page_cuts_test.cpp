// Power goes in every operation of whatever is written to the page, and in those of the recovery.
#include <gtest/gtest.h>

#include <functional>
#include <iostream>
#include <string>

#include "norsim/power_cuts.h"
#include "partition/page_fixture.h"

namespace flashstore::partition {
namespace {

using test::numbered_table;

// What the page tells.
struct State {
  std::optional<Table> table;
  std::optional<std::string> file;
  bool continued = false;
  bool operator==(const State&) const = default;
};

State state_of(PageStore& store) {
  State state;
  if (Table table; store.read_table(table).ok()) {
    state.table = table;
  }
  std::array<char, PageStore::kMaxNameBytes> buffer;
  if (const auto reload = store.reload(buffer)) {
    state.file = reload->file;
    state.continued = reload->continued;
  }
  return state;
}

// "" or that there is a record of an id nobody wrote.
std::string strange_record(norsim::Flash& chip) {
  PageScan scan(chip, kPageAddress);
  while (const auto record = scan.next()) {
    if (!(record->id & kUnfinishedBit) && record->id != kDeleted && record->id != kPartitionTable &&
        record->id != kReflash) {
      return "a record of id " + std::to_string(record->id);
    }
    if (record->id == kReflash && record->words == 3 * kEntryWords) {
      return "a table taken for a reload";
    }
  }
  return "";
}

struct Case {
  friend void PrintTo(const Case& test, std::ostream* out) { *out << test.name; }

  std::string name;
  std::function<void(norsim::Flash&)> prepare;
  std::function<PageProblem(PageStore&)> change;
};

// As full as it gets: for one more table the page has to be cleared.
void fill(norsim::Flash& flash) {
  constexpr uint32_t kBytes = 4 + 3 * kEntryWords * 4;
  PageStore store(flash);
  for (uint32_t i = 0;; ++i) {
    PageScan scan(flash, kPageAddress);
    while (scan.next()) {
    }
    if (scan.offset() + kBytes > kRecordBytes) {
      return;
    }
    ASSERT_TRUE(store.replace_table(numbered_table(i)).ok());
  }
}

class PageCuts : public testing::TestWithParam<Case> {};

TEST_P(PageCuts, LeaveWhatWasOrWhatWasToBe) {
  norsim::Flash flash{norsim::Contents(test::kChipBytes)};
  PageStore store(flash);
  GetParam().prepare(flash);
  const State before = state_of(store);
  norsim::Flash trial{flash.contents()};
  PageStore after_store(trial);
  ASSERT_TRUE(GetParam().change(after_store).ok());
  const State after = state_of(after_store);
  // Beginning a reload ends the one before it first.
  State between = before;
  between.file.reset();
  between.continued = false;

  norsim::CutPlan plan;
  plan.levels.resize(2);
  norsim::PowerCuts cuts(plan, [&](norsim::Flash& chip) -> std::string {
    PageStore booted(chip);
    if (!booted.recover().ok()) {
      return "does not recover";
    }
    chip.watch(nullptr);
    if (const std::string strange = strange_record(chip); !strange.empty()) {
      return strange;
    }
    const State found = state_of(booted);
    if (!(found == before || found == after || (after.file && found == between))) {
      return "neither the old nor the new";
    }
    if (!booted.recover().ok() || state_of(booted) != found) {
      return "another boot finds something else";
    }
    if (!booted.replace_table(numbered_table(999)).ok() || !booted.begin_reload("after.img").ok()) {
      return "cannot be written any more";
    }
    const State again = state_of(booted);
    return again.table == numbered_table(999) && again.file == "after.img" ? ""
                                                                           : "wrong once written";
  });
  flash.watch(&cuts);
  ASSERT_TRUE(GetParam().change(store).ok());
  EXPECT_EQ(state_of(store), after);
  EXPECT_GT(cuts.tallies()[0].tried, 0u);
  for (const auto& failure : cuts.failures()) {
    ADD_FAILURE() << norsim::to_string(failure.path) << ": " << failure.what;
  }
  std::cout << GetParam().name << ": " << cuts.tallies()[0].tried << " cuts, "
            << cuts.tallies()[1].tried << " in recovery\n";
}

void nothing(norsim::Flash&) {}

void one_table(norsim::Flash& flash) {
  PageStore(flash).replace_table(numbered_table(1));
}

// Power went twice before the old one was deleted.
void several_tables(norsim::Flash& flash) {
  test::write_page(flash, {{kPartitionTable, {103, 0x20000, 0x10000}},
                           {kPartitionTable, {103, 0x30000, 0x10000}},
                           {kPartitionTable, {103, 0x40000, 0x10000}}});
}

void one_reload(norsim::Flash& flash) {
  PageStore(flash).begin_reload("luac.out");
}

void reload_and_fill(norsim::Flash& flash) {
  one_reload(flash);
  fill(flash);
}

PageProblem replace(PageStore& store) {
  return store.replace_table(numbered_table(500));
}
PageProblem begin(PageStore& store) {
  return store.begin_reload("other.img");
}
PageProblem continue_it(PageStore& store) {
  return store.continue_reload();
}
PageProblem end(PageStore& store) {
  return store.end_reload();
}

INSTANTIATE_TEST_SUITE_P(All, PageCuts,
                         testing::Values(Case{"first_table", nothing, replace},
                                         Case{"replace_table", one_table, replace},
                                         Case{"replace_several", several_tables, replace},
                                         Case{"clear_a_full_page", reload_and_fill, replace},
                                         Case{"begin_reload", one_table, begin},
                                         Case{"begin_another_reload", one_reload, begin},
                                         Case{"begin_on_a_full_page", fill, begin},
                                         Case{"continue_reload", one_reload, continue_it},
                                         Case{"end_reload", one_reload, end}),
                         [](const auto& test) { return test.param.name; });

}  // namespace
}  // namespace flashstore::partition
