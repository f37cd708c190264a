#include "apply_cuts.h"

#include <gtest/gtest.h>

#include <cstdio>

#include "provision/apply.h"
#include "provision/image_chip.h"

namespace flashstore::test {

norsim::Flash chip_with(const Bytes& bytes) {
  norsim::Contents contents(static_cast<uint32_t>(bytes.size()));
  contents.program(0, bytes);
  return norsim::Flash(std::move(contents));
}

bool same(const Bytes& a, const Bytes& b, uint32_t address, uint32_t bytes) {
  return std::equal(a.begin() + address, a.begin() + address + bytes, b.begin() + address);
}

std::string ApplyCuts::recover(norsim::Flash& flash) const {
  if (std::string wrong = judge(flash.contents().bytes()); !wrong.empty()) {
    return wrong;
  }
  provision::ImageChip chip(flash);
  const auto done = provision::apply(plan_, chip, {});
  if (!done) {
    return "the second run: " + done.error().diagnostic.message;
  }
  for (int reading = 0; reading < 3; ++reading) {  // an unstable bit is not the same each time
    const auto found = chip.read(0, flash.size());
    if (!found || found.value() != after_) {
      return "the second run leads elsewhere";
    }
  }
  return "";
}

void ApplyCuts::cut_anywhere(const norsim::CutChoice& choice, uint32_t one_in) const {
  norsim::CutPlan cuts;
  cuts.levels = {{.choice = choice, .one_in = one_in}};
  norsim::PowerCuts sweep(cuts, [&](norsim::Flash& flash) {
    flash.watch(nullptr);
    return recover(flash);
  });
  norsim::Flash flash = chip_with(before_);
  flash.watch(&sweep);
  provision::ImageChip chip(flash);
  ASSERT_TRUE(provision::apply(plan_, chip, {}).ok());
  ASSERT_FALSE(sweep.tallies().empty());
  EXPECT_GT(sweep.tallies()[0].tried, 20u);
  for (const auto& failure : sweep.failures()) {
    ADD_FAILURE() << to_string(failure.path) << ": " << failure.what;
  }
  std::printf("%llu of %llu cuts\n", static_cast<unsigned long long>(sweep.tallies()[0].tried),
              static_cast<unsigned long long>(sweep.tallies()[0].found));
}

void ApplyCuts::stop_before_each_step() const {
  for (size_t stop = 0; stop < plan_.steps.size(); ++stop) {
    norsim::Flash flash = chip_with(before_);
    provision::ImageChip chip(flash);
    provision::Plan part = plan_;
    part.steps.resize(stop);
    ASSERT_TRUE(provision::apply(part, chip, {}).ok());
    EXPECT_EQ(recover(flash), "") << "before step " << stop;
  }
}

}  // namespace flashstore::test
