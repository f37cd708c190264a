#include "provision/no_stub.h"

#include <algorithm>

#include "core/nor_flash.h"

namespace flashstore::provision {
namespace {

constexpr uint32_t kSectorBytes = core::NorFlash::kSectorBytes;
constexpr uint32_t kBlockSectors = 16;

// The ROM counts sectors up to the end of the first block twice; esptool asks it for half as many.
bool erases_one_more(const Step& step) {
  const uint32_t sectors = step.bytes / kSectorBytes;
  const uint32_t to_block_end = kBlockSectors - step.address / kSectorBytes % kBlockSectors;
  return sectors % 2 != 0 && sectors < 2 * std::min(sectors, to_block_end);
}

bool writes(const Step& step, uint32_t sector) {
  return step.kind == StepKind::kWrite && sector >= step.address &&
         sector - step.address < step.bytes;
}

}  // namespace

Problem refuse_no_stub(const Plan& plan) {
  for (auto step = plan.steps.begin(); step != plan.steps.end(); ++step) {
    const uint32_t next = step->address + step->bytes;
    const bool is_lost = step->kind != StepKind::kBackup && erases_one_more(*step) &&
                         next < plan.flash_bytes &&
                         std::none_of(step, plan.steps.end(),
                                      [&](const Step& later) { return writes(later, next); });
    if (is_lost) {
      return refused("no-stub-erases-more",
                     "without esptool's stub an ESP8266 erases " + range(next, kSectorBytes) +
                         ", too, when it does " + range(step->address, step->bytes) + " (" +
                         step->reason + ")",
                     "leave --no-stub out");
    }
  }
  return refused("no-stub-unverified",
                 "without esptool's stub an ESP8266 gives no digest: nothing could be verified",
                 "leave --no-stub out");
}

}  // namespace flashstore::provision
