#include "provision/esptool_chip.h"

#include <stdlib.h>

#include <algorithm>
#include <charconv>
#include <chrono>
#include <filesystem>
#include <thread>
#include <utility>

#include "host/files.h"
#include "host/numbers.h"
#include "host/quantities.h"

namespace flashstore::provision {
namespace {

constexpr std::chrono::milliseconds kPause{250};  // a device that was unplugged comes back

// Of a process that does nothing: Python, connecting, the stub; and a chip that does not answer.
constexpr double kSecondsToConnect = 45;
// The slowest flash there is erases so much in a second.
constexpr double kErasedPerSecond = 8 << 10;
constexpr double kBitsPerByte = 10;  // on the line

double seconds_for(uint64_t bytes, uint32_t baud) {
  const auto size = static_cast<double>(bytes);
  return kSecondsToConnect + size / kErasedPerSecond + 2 * size * kBitsPerByte / baud;
}

Problem unwritable(const std::string& what) {
  return {host::kEnvironment, {.id = "unwritable", .message = what}};
}

// What stands behind `label`, in the line.
std::string_view behind(std::string_view output, std::string_view label) {
  const size_t at = output.find(label);
  if (at == std::string_view::npos) {
    return {};
  }
  std::string_view rest = output.substr(at + label.size());
  rest = rest.substr(0, rest.find_first_of("\r\n"));
  rest.remove_prefix(std::min(rest.find_first_not_of(' '), rest.size()));
  return rest;
}

// "4MB", "512KB"; 0: "Unknown".
uint32_t size_in(std::string_view text) {
  uint32_t number = 0;
  const auto [end, error] = std::from_chars(text.begin(), text.end(), number);
  const std::string_view unit = text.substr(static_cast<size_t>(end - text.begin()));
  if (error != std::errc() || number > 1024) {
    return 0;
  }
  return unit.starts_with("MB") ? number << 20 : unit.starts_with("KB") ? number << 10 : 0;
}

// "Writing at 0x00010000... (50 %)", "Writing at 0x0001b4fa [==> ]  66.4% 1/2 bytes...".
struct Progress {
  uint32_t address;
  uint32_t percent;
};
std::optional<Progress> progress_in(std::string_view line) {
  constexpr std::string_view kWriting = "Writing at 0x";
  const size_t at = line.find(kWriting);
  const size_t sign = line.rfind('%');
  if (at == std::string_view::npos || sign == std::string_view::npos) {
    return std::nullopt;
  }
  Progress progress{};
  const std::string_view digits = line.substr(at + kWriting.size());
  if (std::from_chars(digits.begin(), digits.end(), progress.address, 16).ec != std::errc()) {
    return std::nullopt;
  }
  const std::string_view front = line.substr(0, line.find_last_not_of(' ', sign - 1) + 1);
  const size_t begin = front.find_last_not_of("0123456789.") + 1;
  if (std::from_chars(&front[begin], front.end(), progress.percent).ec != std::errc()) {
    return std::nullopt;
  }
  return progress;
}

uint64_t size_of(std::span<const Chip::Piece> pieces) {
  uint64_t bytes = 0;
  for (const Chip::Piece& piece : pieces) {
    bytes += piece.bytes.size();
  }
  return bytes;
}

// Small enough that a change costs little, large enough that asking for digests does.
std::vector<Chip::Piece> blocks_of(std::span<const Chip::Piece> pieces) {
  constexpr size_t kBlockBytes = 0x10000;
  std::vector<Chip::Piece> blocks;
  for (const Chip::Piece& piece : pieces) {
    for (size_t at = 0; at < piece.bytes.size();) {
      const size_t address = piece.address + at;
      const size_t bytes = std::min(kBlockBytes - address % kBlockBytes, piece.bytes.size() - at);
      blocks.push_back({static_cast<uint32_t>(address), piece.bytes.subspan(at, bytes)});
      at += bytes;
    }
  }
  return blocks;
}

std::string lowered(std::string text) {
  std::transform(text.begin(), text.end(), text.begin(),
                 [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
  return text;
}

}  // namespace

EsptoolChip::EsptoolChip(Esptool esptool, EsptoolLine line, EsptoolHost host)
    : esptool_(std::move(esptool)), line_(std::move(line)), host_(std::move(host)) {}

EsptoolChip::~EsptoolChip() {
  std::error_code error;
  if (!folder_.empty()) {
    std::filesystem::remove_all(folder_, error);
  }
}

host::ChildResult EsptoolChip::run(const std::string& verb, const Words& words, uint64_t bytes,
                                   bool start) {
  std::vector<std::string> line = esptool_.command;
  const auto add = [&](const std::string& word) { line.push_back(esptool_.spelled(word)); };
  line.insert(line.end(), {"--chip", line_.chip, "--port", line_.port, "--baud",
                           std::to_string(baud()), "--before"});
  add("default-reset");
  line.emplace_back("--after");
  add(start ? "hard-reset" : "no-reset");
  if (!line_.stub) {
    line.emplace_back("--no-stub");
  }
  add(verb);
  line.insert(line.end(), words.begin(), words.end());
  const auto told = [this](std::string_view text) {
    const auto progress = progress_in(text);
    if (progress && writing_at_) {
      writing_at_(progress->address);
    }
    if (progress && host_.progress) {
      host_.progress(progress->address, progress->percent);
    }
  };
  return host::run_child(line,
                         {.environment = {{"NO_COLOR", "1"}},
                          .seconds = line_.seconds ? *line_.seconds : seconds_for(bytes, baud()),
                          .line = told});
}

bool EsptoolChip::tries_again(const EsptoolFailure& failure, uint32_t tries) {
  if (!failure.may_pass || tries >= line_.tries) {
    return false;
  }
  rung_ = std::min(rung_ + 1, line_.bauds.size() - 1);
  if (host_.retry) {
    host_.retry(failure.problem.diagnostic, baud());
  }
  std::this_thread::sleep_for(kPause);
  return true;
}

core::Result<std::string, EsptoolFailure> EsptoolChip::call(const std::string& verb,
                                                            const Words& words, uint64_t bytes,
                                                            bool start) {
  for (uint32_t tries = 1;; ++tries) {
    host::ChildResult result = run(verb, words, bytes, start);
    if (result.ok()) {
      return std::move(result.output);
    }
    EsptoolFailure failure = failure_of(result, line_.port);
    if (!tries_again(failure, tries)) {
      return failure;
    }
  }
}

std::optional<Problem> EsptoolChip::identify() {
  if (is_identified_) {
    return std::nullopt;
  }
  const auto output = call("flash-id", {});
  if (!output) {
    return output.error().problem;
  }
  const std::string_view text = output.value();
  const std::string_view type = behind(text, "Chip type:");
  identity_ = {.chip = std::string(type.empty() ? behind(text, "Chip is ") : type),
               .mac = lowered(std::string(behind(text, "MAC:"))),
               .flash_bytes = size_in(behind(text, "Detected flash size:"))};
  if (!line_.mac.empty() && identity_.mac != lowered(line_.mac)) {
    return refused("other-device", "the device is " + identity_.mac + ", not " + line_.mac,
                   "nothing was written", line_.port);
  }
  is_identified_ = true;
  return std::nullopt;
}

void EsptoolChip::use_bauds(const std::vector<uint32_t>& bauds) {
  if (!bauds.empty()) {
    line_.bauds = bauds;
    rung_ = 0;
  }
}

std::optional<Problem> EsptoolChip::open(uint32_t flash_bytes) {
  if (auto problem = identify()) {
    return problem;
  }
  const uint32_t there = identity_.flash_bytes;
  if (there != 0 && there < flash_bytes) {
    return refused(
        "other-flash",
        "the chip has " + host::bytes(there) + ", the plan is for " + host::bytes(flash_bytes),
        "nothing was written", line_.port);
  }
  return std::nullopt;
}

core::Result<std::vector<uint8_t>, Problem> EsptoolChip::read(uint32_t address, uint32_t bytes) {
  if (auto problem = make_folder()) {
    return *problem;
  }
  const std::string file = folder_ + "/read";
  const auto output = call("read-flash", {host::hex(address), std::to_string(bytes), file}, bytes);
  if (!output) {
    return output.error().problem;
  }
  const auto content = host::read_file(file, bytes);
  if (!content || content.value().size() != bytes) {
    return Problem{host::kEnvironment,
                   {.id = "esptool-failed",
                    .message = "esptool did not read " + host::bytes(bytes),
                    .file = line_.port}};
  }
  return std::vector<uint8_t>(content.value().begin(), content.value().end());
}

std::optional<Problem> EsptoolChip::erase(uint32_t address, uint32_t bytes) {
  const auto output = call("erase-region", {host::hex(address), std::to_string(bytes)}, bytes);
  return output ? std::nullopt : std::optional(output.error().problem);
}

std::optional<Problem> EsptoolChip::write(std::span<const Piece> pieces,
                                          const std::function<void(size_t)>& verified) {
  // esptool verifies each piece before it begins the next.
  size_t known = 0;
  const auto tell = [&](size_t count) {
    if (count != known) {
      known = count;
      verified(count);
    }
  };
  writing_at_ = [&](uint32_t address) {
    for (size_t i = 0; i < pieces.size(); ++i) {
      if (address >= pieces[i].address && address - pieces[i].address < pieces[i].bytes.size()) {
        tell(std::max(i, known));
      }
    }
  };
  auto problem = write_all(pieces, tell);
  writing_at_ = {};
  return problem;
}

std::optional<Problem> EsptoolChip::write_all(std::span<const Piece> pieces,
                                              const std::function<void(size_t)>& verified) {
  // We have made the header of the firmware what it has to be.
  Words options;
  for (const char* option : {"--flash-mode", "--flash-freq", "--flash-size"}) {
    options.insert(options.end(), {esptool_.spelled(option), "keep"});
  }
  if (esptool_.skips_flashed) {
    options.emplace_back("--skip-flashed");
  }
  size_t done = 0;
  for (uint32_t tries = 1; done < pieces.size(); ++tries) {
    const auto rest = pieces.subspan(done);
    auto files = esptool_.skips_flashed ? files_of(blocks_of(rest)) : files_of(rest);
    if (!files) {
      return files.error();
    }
    Words words = options;
    words.insert(words.end(), files.value().begin(), files.value().end());
    const host::ChildResult result = run("write-flash", words, size_of(rest), false);
    if (result.ok()) {
      break;
    }
    const EsptoolFailure failure = failure_of(result, line_.port);
    if (!tries_again(failure, tries)) {
      return failure.problem;
    }
    // Some of them declare complete what is in front of them: that must not be touched again.
    for (bool is_there = true; is_there && done < pieces.size();) {
      const auto same = holds(pieces[done]);
      if (!same) {
        return same.error();
      }
      is_there = same.value();
      if (is_there) {
        ++done;
        tries = 0;
      }
    }
    verified(done);
  }
  const auto same = holds_all(pieces);
  if (!same) {
    return same.error();
  }
  if (!same.value()) {
    return refused("verify-failed", "the flash does not hold what was written", "", line_.port);
  }
  verified(pieces.size());
  return std::nullopt;
}

core::Result<bool, Problem> EsptoolChip::holds(const Piece& piece) {
  return holds_all({&piece, 1});
}

core::Result<bool, Problem> EsptoolChip::holds_all(std::span<const Piece> pieces) {
  auto files = files_of(pieces);
  if (!files) {
    return files.error();
  }
  if (pieces.empty()) {
    return true;
  }
  const auto output = call("verify-flash", files.value(), size_of(pieces));
  if (!output && output.error().problem.diagnostic.id != "verify-failed") {
    return output.error().problem;
  }
  return output.ok();
}

std::optional<Problem> EsptoolChip::start() {
  const auto output = call("read-mac", {}, 0, true);
  return output ? std::nullopt : std::optional(output.error().problem);
}

core::Result<EsptoolChip::Words, Problem> EsptoolChip::files_of(std::span<const Piece> pieces) {
  if (auto problem = make_folder()) {
    return *problem;
  }
  Words words;
  for (size_t i = 0; i < pieces.size(); ++i) {
    // Parts of a piece may be pieces of their own: an address is no name.
    const std::string file = folder_ + "/" + std::to_string(i);
    std::error_code error;
    std::filesystem::remove(file, error);
    if (const auto failed = host::write_new_file(file, pieces[i].bytes)) {
      return unwritable(failed->message);
    }
    words.insert(words.end(), {host::hex(pieces[i].address), file});
  }
  return words;
}

std::optional<Problem> EsptoolChip::make_folder() {
  if (!folder_.empty()) {
    return std::nullopt;
  }
  std::error_code error;
  std::string path = std::filesystem::temp_directory_path(error) / "flashstore.XXXXXX";
  if (mkdtemp(path.data()) == nullptr) {
    return unwritable("cannot make a folder for temporary files: " + path);
  }
  folder_ = path;
  return std::nullopt;
}

}  // namespace flashstore::provision
