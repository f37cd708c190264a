#include "provision/prompt_flash.h"

#include <algorithm>
#include <map>

#include "host/quantities.h"
#include "partition/table.h"
#include "provision/prompt_files.h"

namespace flashstore::provision {
namespace {

constexpr const char* kImageFile = "nodeflash.img";
constexpr const char* kOwnFiles[] = {kImageFile, PromptFiles::kNewFile};
// Our firmware leaves flash alone where it has the image already.
constexpr std::string_view kAlreadyThere = "already in flash";
constexpr std::string_view kBannerMark = "Lua 5.";

std::span<const uint8_t> bytes_of(const std::string& text) {
  return {reinterpret_cast<const uint8_t*>(text.data()), text.size()};
}

bool has_line_with(const std::string& heard, std::string_view mark) {
  const size_t at = heard.find(mark);
  return at != std::string::npos && heard.find('\n', at) != std::string::npos;
}

class Run {
 public:
  Run(const Manifest& manifest, const Inputs& inputs, uint32_t build_time, SerialPort& port,
      const PromptFlashOptions& options, const PromptFlashHost& host, PromptFlashReport& report)
      : manifest_(manifest),
        inputs_(inputs),
        build_time_(build_time),
        options_(options),
        host_(host),
        report_(report),
        prompt_(port, options.to_line),
        files_(prompt_) {}

  std::optional<Problem> run() {
    leave_out();
    if (!manifest_.lfs.is_given() && manifest_.lilotafs.directory.empty()) {
      return refused("nothing-for-prompt", "there is nothing in this that a Lua prompt can take",
                     "it takes LFS, and the files of a lilotafs directory");
    }
    constexpr std::optional<Problem> (Run::*kSteps[])() = {
        &Run::find_prompt, &Run::make_image, &Run::open_files, &Run::compare_files,
        &Run::check_room,  &Run::put_image,  &Run::put_files,  &Run::reload,
        &Run::check_image, &Run::remove_own};
    for (const auto step : kSteps) {
      if (auto problem = (this->*step)()) {
        return problem;
      }
    }
    return std::nullopt;
  }

 private:
  void leave(const char* what, const char* message) {
    report_.left_out.emplace_back(what);
    report_.notes.push_back({.id = "not-by-prompt",
                             .severity = host::Severity::kWarning,
                             .message = std::string(message) + " left out",
                             .hint = "esptool brings it onto a board whose boot pin it can pull"});
  }

  void leave_out() {
    if (!manifest_.firmware.empty()) {
      leave("firmware", "a Lua prompt takes no firmware: it is");
    }
    if (!manifest_.raw.empty()) {
      leave("raw", "a Lua prompt takes no raw bytes: they are");
    }
    if (!manifest_.lilotafs.image.empty()) {
      leave("lilotafs-image", "a Lua prompt takes files, no image of them: it is");
    }
  }

  // What the manifest says of the table, where the device has another one.
  void leave_table() {
    Manifest::Partitions wanted = manifest_.partitions;
    if (wanted.policy == TablePolicy::kDefault && manifest_.flash.bytes) {
      const partition::Table table = partition::default_table(*manifest_.flash.bytes);
      fill(wanted.lfs, table.find(partition::kLfs));
      fill(wanted.lilotafs, table.find(partition::kLilotafs));
    }
    const auto& partitions = report_.facts.partitions;
    const bool stays =
        partitions && has(partitions->lfs, wanted.lfs) && has(partitions->files, wanted.lilotafs);
    if (!stays && (wanted.lfs.moves() || wanted.lilotafs.moves())) {
      leave("partitions", "a Lua prompt does not move partitions: they are");
    }
  }

  static void fill(Place& place, const partition::Partition* part) {
    if (part != nullptr) {
      place.address = place.address.value_or(part->address);
      place.bytes = place.bytes.value_or(part->bytes);
    }
  }

  static bool has(const DeviceFacts::Part& part, const Place& place) {
    return place.address.value_or(part.address) == part.address &&
           place.bytes.value_or(part.bytes) == part.bytes;
  }

  std::optional<Problem> find_prompt() {
    if (auto problem = prompt_.find(options_.to_prompt)) {
      return problem;
    }
    auto facts = ask_facts(prompt_);
    if (!facts) {
      return facts.error();
    }
    report_.facts = std::move(facts).value();
    leave_table();
    return std::nullopt;
  }

  std::optional<Problem> make_image() {
    if (!manifest_.lfs.is_given()) {
      return std::nullopt;
    }
    const DeviceFacts& facts = report_.facts;
    if (facts.lua != "Lua 5.1") {
      return refused("lua-version", "the device has " + facts.lua + ", images are for Lua 5.1", "",
                     prompt_.port().path());
    }
    LfsTarget target;
    target.numbers =
        manifest_.numbers.value_or(facts.has_floats ? luac::Flavour::kFloat : luac::Flavour::kInt);
    if ((*target.numbers != luac::Flavour::kInt) != facts.has_floats) {
      return refused("flavour",
                     "the device has " + std::string(facts.has_floats ? "float" : "int") +
                         " numbers, the manifest says " + std::string(luac::name(*target.numbers)),
                     "", prompt_.port().path());
    }
    if (facts.partitions) {
      target.bytes = facts.partitions->lfs.bytes;
    }
    if (target.bytes == 0) {
      return refused("no-lfs", "the device has no LFS partition",
                     "node.setpartitiontable on the device makes one", prompt_.port().path());
    }
    auto made = make_payload(manifest_.lfs, inputs_, build_time_, target);
    if (!made) {
      return made.error();
    }
    image_ = std::move(made.value().file);
    for (const std::string& warning : made.value().warnings) {
      report_.notes.push_back(
          {.id = "compiler", .severity = host::Severity::kWarning, .message = warning});
    }
    report_.payload = std::move(made).value();
    return std::nullopt;
  }

  std::optional<Problem> open_files() { return files_.open(); }

  // Which of the files have to be written.
  std::optional<Problem> compare_files() {
    auto there = files_.list();
    if (!there) {
      return there.error();
    }
    sizes_ = std::move(there).value();
    const std::string& directory = manifest_.lilotafs.directory;
    if (directory.empty()) {
      return std::nullopt;
    }
    const std::string prefix = directory.ends_with('/') ? directory : directory + "/";
    for (const auto& [path, content] : inputs_.files) {
      if (!path.starts_with(prefix)) {
        continue;
      }
      const std::string name = path.substr(prefix.size());
      const auto found = sizes_.find(name);
      bool was_there = found != sizes_.end() && found->second == content.size();
      if (was_there) {
        const auto same = files_.holds(name, bytes_of(content));
        if (!same) {
          return same.error();
        }
        was_there = same.value();
      }
      report_.files.push_back({name, static_cast<uint32_t>(content.size()), was_there});
      contents_.push_back(&content);
      all_ += was_there ? 0 : content.size();
    }
    for (const auto& [name, size] : sizes_) {
      const bool is_ours = std::ranges::find(kOwnFiles, name) != std::end(kOwnFiles) ||
                           std::ranges::find(report_.files, name, &PromptFlashReport::File::name) !=
                               report_.files.end();
      if (!is_ours) {
        report_.other_files.push_back(name);
      }
    }
    if (!report_.other_files.empty()) {
      report_.notes.push_back({.id = "other-files",
                               .severity = host::Severity::kNote,
                               .message = host::count(report_.other_files.size(), "other file") +
                                          " of the device stay as they are"});
    }
    return std::nullopt;
  }

  // What file systems need beside the bytes of files is for them to tell.
  std::optional<Problem> check_room() {
    all_ += image_.size();
    const auto room = files_.room();
    if (!room) {
      return room.error();
    }
    uint64_t free = room.value();
    for (size_t i = 0; i < report_.files.size(); ++i) {
      const auto old = sizes_.find(report_.files[i].name);
      free += !report_.files[i].was_there && old != sizes_.end() ? old->second : 0;
    }
    const auto image = sizes_.find(kImageFile);
    free += image == sizes_.end() ? 0 : image->second;
    if (all_ <= free) {
      return std::nullopt;
    }
    return refused("no-room",
                   "the file system of the device has " + host::bytes(room.value()) + " free, " +
                       host::bytes(all_) + " are to come",
                   "remove files on the device: an LFS image needs room as a file first",
                   prompt_.port().path());
  }

  PromptFiles::Progress told_of(const std::string& what) {
    return [this, what, before = done_](uint32_t bytes) {
      done_ = before + bytes;
      if (host_.progress) {
        host_.progress(what, done_, all_);
      }
    };
  }

  std::optional<Problem> put_image() {
    return image_.empty() ? std::nullopt
                          : files_.put_in_place(kImageFile, image_, told_of("LFS image"));
  }

  std::optional<Problem> put_files() {
    for (size_t i = 0; i < report_.files.size(); ++i) {
      const auto& file = report_.files[i];
      if (file.was_there) {
        continue;
      }
      if (auto problem = files_.put(file.name, bytes_of(*contents_[i]), told_of(file.name))) {
        return problem;
      }
    }
    return std::nullopt;
  }

  // It returns only if it is refused; otherwise the device resets itself.
  std::optional<Problem> reload() {
    if (image_.empty()) {
      return std::nullopt;
    }
    // The memory that all else takes is for the reload then.
    const auto defined =
        files_.ask(std::string("function _nr(o)print(o)_nf=nil print(pcall(node.LFS and "
                               "node.LFS.reload or node.flashreload,'") +
                   kImageFile + "'))print'\\003'end");
    if (!defined) {
      return defined.error();
    }
    const auto answer =
        prompt_.run_or_end([](const std::string& opening) { return "_nr'" + opening + "'"; },
                           [](const std::string& text) { return has_line_with(text, kBannerMark); },
                           options_.to_reload);
    const std::string& heard = prompt_.heard();
    const size_t opening = heard.find('\002');
    const size_t begin = heard.find('\n', opening == std::string::npos ? 0 : opening);
    report_.banner = readable_lines(heard.substr(std::min(begin, heard.size())));
    std::erase(report_.banner, "> ");
    if (!answer) {
      return is_silence(answer.error()) ? no_restart() : answer.error();
    }
    if (heard.find(kAlreadyThere) != std::string::npos) {
      report_.image = PromptFlashReport::Image::kWasThere;
      return std::nullopt;
    }
    if (!answer.value()) {
      report_.image = PromptFlashReport::Image::kReloaded;
      return std::nullopt;
    }
    // What pcall() said of it stands in front.
    std::string why = answer.value()->empty() ? "" : answer.value()->front();
    why.erase(0, std::min(why.find('\t'), why.size() - 1) + 1);
    return refused("reload-refused", "the device refuses the image: " + why,
                   "the old image runs on", prompt_.port().path());
  }

  static bool is_silence(const Problem& problem) {
    const std::string& id = problem.diagnostic.id;
    return id == "no-answer" || id == "no-prompt" || id == "noise";
  }

  Problem no_restart() const {
    return refused("no-restart",
                   "the device does not start again after the reload" +
                       (report_.banner.empty() ? "" : "; it said: " + report_.banner.back()),
                   "turn it off and on; the same again finishes it", prompt_.port().path());
  }

  std::optional<Problem> check_image() {
    if (image_.empty()) {
      return std::nullopt;
    }
    if (auto problem = prompt_.find(options_.to_prompt)) {
      return problem;
    }
    const auto facts = ask_facts(prompt_);
    if (!facts) {
      return facts.error();
    }
    const auto& there = facts.value().image;
    const LfsPayload& wanted = *report_.payload;
    if (there && there->modules == wanted.modules && there->build_time == wanted.build_time) {
      return std::nullopt;
    }
    std::string said;
    for (const std::string& line : report_.banner) {
      said += (said.empty() ? "" : " / ") + line;
    }
    return refused("reload-failed",
                   there ? "the device has another image after the reload"
                         : "the device has no image after the reload; it said: " + said,
                   "the same again brings it", prompt_.port().path());
  }

  // Also what an interrupted run has left.
  std::optional<Problem> remove_own() {
    for (const char* name : kOwnFiles) {
      if (sizes_.contains(name) || (name == kImageFile && !image_.empty())) {
        const auto answer = prompt_.ask(std::string("file.remove'") + name + "'");
        if (!answer) {
          return answer.error();
        }
      }
    }
    return std::nullopt;
  }

  const Manifest& manifest_;
  const Inputs& inputs_;
  uint32_t build_time_;
  const PromptFlashOptions& options_;
  const PromptFlashHost& host_;
  PromptFlashReport& report_;
  Prompt prompt_;
  PromptFiles files_;
  std::vector<uint8_t> image_;                // as a file
  std::map<std::string, uint32_t> sizes_;     // of the device's files
  std::vector<const std::string*> contents_;  // of report_.files
  uint64_t done_ = 0;                         // bytes, of all_ that have to be written
  uint64_t all_ = 0;
};

}  // namespace

std::string_view name(PromptFlashReport::Image image) {
  constexpr std::string_view kNames[] = {"none", "reloaded", "was-there"};
  return kNames[static_cast<size_t>(image)];
}

std::optional<Problem> flash_by_prompt(const Manifest& manifest, const Inputs& inputs,
                                       uint32_t build_time, SerialPort& port,
                                       const PromptFlashOptions& options,
                                       const PromptFlashHost& host, PromptFlashReport& report) {
  return Run(manifest, inputs, build_time, port, options, host, report).run();
}

}  // namespace flashstore::provision
