// Brings what a Lua prompt can take onto a board that runs: its LFS image, by way of a file and the
// device's own reload, and files of its file system. Firmware, partition table and raw bytes need
// the boot pin.
//
// The image is written to a file first, then the files, then the image is reloaded, which resets
// the board: until then the old image runs. Whatever was interrupted, the same again finishes it.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "provision/device_facts.h"
#include "provision/inputs.h"
#include "provision/lfs_content.h"

namespace flashstore::provision {

struct PromptFlashOptions {
  Prompt::Milliseconds to_prompt{10'000};  // from a reset on
  Prompt::Milliseconds to_line{3'000};     // for the answer to a line
  Prompt::Milliseconds to_reload{60'000};  // from the request to the banner
};

struct PromptFlashHost {
  // Is told what of all bytes is done; may be empty.
  std::function<void(const std::string& what, uint64_t done, uint64_t all)> progress = {};
};

struct PromptFlashReport {
  struct File {
    std::string name;
    uint32_t bytes = 0;
    bool was_there = false;
  };
  enum class Image : uint8_t { kNone, kReloaded, kWasThere };

  DeviceFacts facts;  // of before
  std::vector<File> files;
  std::vector<std::string> other_files;  // of the device: they stay
  std::optional<LfsPayload> payload;     // without the file's bytes
  Image image = Image::kNone;
  std::vector<std::string> banner;    // what the device said on the way to its new image
  std::vector<std::string> left_out;  // "firmware", "partitions", "raw", "lilotafs-image"
  std::vector<Diagnostic> notes;
};

// "none", "reloaded", "was-there".
std::string_view name(PromptFlashReport::Image image);

// What has been found out and done when it fails is in `report`, too. Reasons: those of make_lfs(),
// the prompt's and those of its files; nothing-for-prompt, lua-version, flavour, no-lfs, no-room;
// reload-refused, no-restart, reload-failed, with what the device says.
std::optional<Problem> flash_by_prompt(const Manifest& manifest, const Inputs& inputs,
                                       uint32_t build_time, SerialPort& port,
                                       const PromptFlashOptions& options,
                                       const PromptFlashHost& host, PromptFlashReport& report);

}  // namespace flashstore::provision
