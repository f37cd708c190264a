// Whether a board runs what it was given: it is reset, and asked.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "provision/device_facts.h"
#include "provision/plan.h"

namespace flashstore::provision {

// What is empty may be anything.
struct SmokeWanted {
  std::vector<std::string> modules;               // that must be in LFS
  std::optional<std::vector<std::string>> image;  // all modules of LFS, in order
  std::optional<uint32_t> build_time;
  std::optional<DeviceFacts::Part> lfs;
  std::optional<DeviceFacts::Part> files;
  uint32_t seconds = Manifest::Smoke{}.seconds;  // from the reset to the prompt
};

// What a board must answer that a plan, or a manifest, was brought onto. `has_build_time`: what is
// compiled was compiled by that plan; without, its time may be any.
SmokeWanted smoke_wanted(const Plan& plan, bool has_build_time);
// Of a manifest for the table that the device has.
core::Result<SmokeWanted, Problem> smoke_wanted(const Manifest& manifest, const Inputs& inputs,
                                                uint32_t build_time, bool has_build_time);

enum class SmokeReset : uint8_t {
  kNone,    // it could not be
  kLine,    // by a modem line
  kPrompt,  // by node.restart()
};

// "none", "line", "prompt".
std::string_view name(SmokeReset reset);

struct SmokeCheck {
  std::string name;  // "banner", "prompt", "modules", "build-time", "lfs-partition", ...
  std::string wanted;
  std::string seen;
  std::optional<Diagnostic> problem;  // empty: as it should be
};

struct SmokeReport {
  SmokeReset reset = SmokeReset::kNone;
  std::vector<std::string> banner;  // what came after the reset
  std::optional<DeviceFacts> facts;
  std::vector<SmokeCheck> checks;  // those that could be made; the first that failed may end all
};

// Reasons of checks: no-banner, no-answer, noise, no-prompt, no-image, missing-module, other-image,
// other-build-time, other-partition. What is returned as a problem is the port's, or interrupted.
core::Result<SmokeReport, Problem> smoke(SerialPort& port, const SmokeWanted& wanted,
                                         Prompt::Milliseconds patience);

}  // namespace flashstore::provision
