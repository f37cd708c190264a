// A board to be provisioned: a folder with what goes to its flash.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "luac/target.h"
#include "provision/plan.h"
#include "support/files.h"

namespace flashstore::test {

inline constexpr uint32_t kFlashBytes = 0x100000;
inline constexpr uint32_t kTime = 1518283691;
inline constexpr uint32_t kEnd = 0x40218000;      // of the firmware, mapped
inline constexpr uint32_t kLfsAddress = 0x18000;  // that follows from it
inline constexpr uint32_t kLfsBytes = 0x10000;

// A firmware of `version` for 1 MiB of flash; with a mark it is one of ours.
std::string firmware(const std::string& mark = "flashstore-firmware float",
                     const std::string& version = "1", uint32_t end = kEnd);

// An image of one module "main" for node.flashreload, not compressed.
std::string relocatable_image(luac::Flavour flavour = luac::Flavour::kFloat,
                              const std::string& source = "return 1");

class Board {
 public:
  // All of it: firmware, two Lua sources, a folder of files.
  Board();

  void write(const std::string& path, std::string_view content);
  std::string path(const std::string& name) const { return folder_ / name; }

  // The plan of what `manifest` says now.
  core::Result<provision::Plan, provision::Problem> plan() const;
  // The reason for which there is none; empty: there is one.
  std::string reason() const;
  std::string message() const;

  provision::Manifest manifest;
  provision::DeviceState device;

 private:
  TemporaryFolder folder_;
};

// There is one.
provision::Plan plan_of(const Board& board);

// The number of the last step that does `kind` to the sector of `address`, or -1.
int last(const provision::Plan& plan, provision::StepKind kind, uint32_t address);

// The flash of a device after `plan` was brought to one that had `before`, or was blank.
std::vector<uint8_t> applied(const provision::Plan& plan, std::vector<uint8_t> before = {});

}  // namespace flashstore::test
