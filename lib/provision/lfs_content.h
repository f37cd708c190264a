// The LFS image of a plan: compiled, or a file, as it must lie in flash.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "provision/inputs.h"

namespace flashstore::provision {

struct LfsTarget {
  std::optional<luac::Flavour> numbers;  // of the firmware; empty: nothing tells
  uint32_t address = 0;                  // of the partition, in flash
  uint32_t bytes = UINT32_MAX;
  uint32_t base = 0;  // where the chip maps that address
};

struct LfsContent {
  std::vector<uint8_t> bytes;         // absolute, for the base
  std::vector<std::string> warnings;  // a compiler's
  luac::Flavour numbers = luac::Flavour::kFloat;
  bool was_relocated = false;
};

// `build_time` goes into an image that is compiled. An image that is a file is looked through as a
// device and lfsimg would; one for any address is relocated, one for another address refused.
core::Result<LfsContent, Problem> make_lfs(const Manifest::Lfs& lfs, const Inputs& inputs,
                                           uint32_t build_time, const LfsTarget& target);

// An image for any address: what a device's own node.flashreload takes.
struct LfsPayload {
  std::vector<uint8_t> file;  // as luac.cross -f makes it
  uint32_t image_bytes = 0;   // in flash
  luac::Flavour numbers = luac::Flavour::kFloat;
  std::vector<std::string> modules;  // in the order of the bytes of their names
  uint32_t build_time = 0;           // seconds since 1970
  std::vector<std::string> warnings;
};

// The same of make_lfs(), but that any address will do: one for a fixed address is made one for
// any.
core::Result<LfsPayload, Problem> make_payload(const Manifest::Lfs& lfs, const Inputs& inputs,
                                               uint32_t build_time, const LfsTarget& target);

// Whether `file` holds an image that is not for a fixed address: flashed as it is, it is useless.
bool is_relocatable_image(std::string_view file);

}  // namespace flashstore::provision
