#include "torture_explain.h"

#include <algorithm>
#include <array>
#include <map>

#include "host/json.h"
#include "host/numbers.h"
#include "host/printable.h"
#include "host/quantities.h"
#include "host/table.h"
#include "lilotafs/chain.h"
#include "norsim/flash.h"
#include "plan.h"
#include "torture/host_volume.h"

namespace flashstore::lilotafs_img {
namespace {

using host::Json;
using lilotafs::kSectorBytes;
using lilotafs::Record;
using norsim::Cut;
using norsim::Operation;

constexpr size_t kBufferBytes = 4096;

std::string step_text(const torture::Workload& workload, std::optional<uint32_t> number) {
  using Kind = torture::Step::Kind;
  if (!number) {
    return "the first mount";
  }
  const torture::Step& step = workload.steps[*number];
  const std::string path = host::printable(step.path);
  std::string text = "step " + std::to_string(*number) + ", ";
  switch (step.kind) {
    case Kind::kWrite:
      return text + "write " + path + ", " + host::bytes(step.bytes.size()) + " in " +
             host::count(step.pieces, "piece");
    case Kind::kRemove:
      return text + "remove " + path;
    case Kind::kMakeDirectory:
      return text + "mkdir " + path;
    case Kind::kMount:
      return text + "mount again";
    case Kind::kOpenReader:
      return text + "open " + path + " for reading";
    default:
      return text + "close the readers";
  }
}

// A byte of a record by its place in it.
std::string part_of(const Record& record, uint32_t address) {
  const uint32_t place = address - record.address;
  if (place < lilotafs::kStatus) {
    return "magic";
  }
  if (place < lilotafs::kHeaderBytes) {
    return place == lilotafs::kStatus  ? "status"
           : place == lilotafs::kCheck ? "check byte"
                                       : "length";
  }
  const uint32_t name_end = lilotafs::kName + record.name_bytes;
  return !record.name_ends || place < name_end ? "name"
         : place == name_end                   ? "end of the name"
         : address >= record.data              ? "data"
                                               : "gap behind the name";
}

std::string of_record(lilotafs::Window& window, const Record& record) {
  const std::string name =
      record.name_ends ? std::string(lilotafs::read_name(window, record)) : std::string();
  return " of the record at " + host::hex(record.address) +
         (name.empty() ? "" : ", " + host::printable(name));
}

// What the bytes of an operation are for, by the log as it was before.
std::string field_of(const Operation& operation, const norsim::Contents& before) {
  norsim::Flash flash(before);
  std::vector<uint8_t> buffer(kBufferBytes);
  lilotafs::Window window(flash, buffer);
  lilotafs::Index none{std::span<uint8_t>()};
  lilotafs::Log log;
  const uint32_t address = operation.address;
  if (operation.kind == Operation::Kind::kErase) {
    return "the sector at " + host::hex(address);
  }
  if (lilotafs::HeadSearch(window, none).run(log) != lilotafs::Found::kLog) {
    return "the head of an empty partition";
  }
  uint32_t at = log.head;
  for (uint32_t left = log.all.records; left > 0; --left) {
    const Record record = lilotafs::read_record(window, at);
    const uint32_t end = record.next > at ? record.next : window.size();
    if (address >= at && address < end) {
      return part_of(record, address) + of_record(window, record);
    }
    at = record.next == window.size() ? 0 : record.next;
  }
  if (address == log.tail && log.all.end_kind == Record::Kind::kTail) {
    const bool wraps = operation.bytes[0] == (lilotafs::kMagicWrap & 0xFF);
    return wraps ? "a wrap marker at the tail" : "magic and status of a new record at the tail";
  }
  const bool in_front = log.tail <= log.head && address < log.head;
  if (address >= log.tail && (log.tail >= log.head || in_front)) {
    const Record record = lilotafs::read_record(window, log.tail);
    if (record.kind == Record::Kind::kOpen) {
      return part_of(record, address) + of_record(window, record);
    }
  }
  return "remains in front of the head";
}

std::string byte_text(uint8_t byte) {
  constexpr const char* kDigits = "0123456789abcdef";
  return {kDigits[byte >> 4], kDigits[byte & 0xF]};
}

void tell_program(const torture::CutMoment& moment, CutStory& story) {
  const Operation& operation = moment.operation;
  std::string torn;
  for (uint32_t i = 0; i < operation.bytes.size(); ++i) {
    const uint32_t address = operation.address + i;
    const uint8_t old = moment.before.at(address);
    const uint8_t whole = old & operation.bytes[i];
    const uint8_t left = moment.after.at(address);
    // A byte that had nothing to change counts as done if it is in front of one that was.
    if (left == whole && left != old) {
      story.bytes_done = i + 1;
    } else if (left != old && left != whole) {
      ++story.bytes_torn;
      torn += torn.empty() ? ", " + host::hex(address) + " torn: " + byte_text(old) + " to " +
                                 byte_text(whole) + " left " + byte_text(left)
                           : "";
    }
  }
  const uint64_t bytes = operation.bytes.size();
  const bool page = moment.path.back().where == Cut::Where::kPage;
  if (page) {
    // The bytes of a page are done in any order.
    story.bytes_done = 0;
    for (uint32_t i = 0; i < bytes; ++i) {
      const uint8_t old = moment.before.at(operation.address + i);
      const uint8_t whole = old & operation.bytes[i];
      story.bytes_done += moment.after.at(operation.address + i) == whole ? 1 : 0;
    }
  } else if (moment.path.back().where == Cut::Where::kAfter) {
    story.bytes_done = bytes;
  }
  story.bytes_left = bytes - std::min(bytes, story.bytes_done + story.bytes_torn);
  story.done = std::to_string(story.bytes_done) + " of " + host::count(bytes, "byte") + " done" +
               torn + (story.bytes_torn > 1 ? " and others" : "") + ", " +
               std::to_string(story.bytes_left) + " not begun";
}

void tell_erase(const torture::CutMoment& moment, CutStory& story) {
  struct State {
    Cut::Where where;
    const char* text;
    uint32_t done;
  };
  constexpr std::array<State, 6> kStates{{
      {Cut::Where::kBefore, "not begun", 0},
      {Cut::Where::kFront, "the first half of the sector is erased", kSectorBytes / 2},
      {Cut::Where::kRear, "the second half of the sector is erased", kSectorBytes / 2},
      {Cut::Where::kZeroed, "all bits are 0, as many chips make them before they erase", 0},
      {Cut::Where::kUnstable, "some bits are erased, some read as 0 one time and 1 another", 0},
      {Cut::Where::kAfter, "done, nothing after it", kSectorBytes},
  }};
  const auto state = std::ranges::find(kStates, moment.path.back().where, &State::where);
  if (state != kStates.end()) {
    story.done = state->text;
    story.bytes_done = state->done;
  }
  story.bytes_left = kSectorBytes - story.bytes_done;
}

std::optional<uint32_t> length_of(const torture::Content& content) {
  return content ? std::optional(static_cast<uint32_t>(content->size())) : std::nullopt;
}

torture::Content content_of(const std::map<std::string, torture::Content>& files,
                            const std::string& path) {
  const auto found = files.find(path);
  return found == files.end() ? nullptr : found->second;
}

void tell_files(const torture::Expectation& expectation, CutStory& story) {
  std::map<std::string, torture::Content> found;
  norsim::Flash flash(story.recovery.after);
  torture::HostVolume volume(flash);
  if (torture::Listing listing; volume.mount().done() && volume.list(listing).done()) {
    for (auto& [path, bytes] : listing.files) {
      found[path] = std::make_shared<const torture::Bytes>(std::move(bytes));
    }
  }
  std::map<std::string, torture::Content> paths = expectation.files();
  paths.insert(found.begin(), found.end());
  const std::string& changing = expectation.changing();
  if (!changing.empty()) {
    paths.insert({changing, nullptr});
  }
  const auto same = [](const torture::Content& a, const torture::Content& b) {
    return a == b || (a && b && *a == *b);
  };
  for (const auto& [path, any] : paths) {
    const torture::Content before = content_of(expectation.files(), path);
    const torture::Content intended = path == changing ? expectation.next() : before;
    const torture::Content after = content_of(found, path);
    const char* what = same(before, after) ? (same(before, intended) ? "unchanged" : "as it was")
                       : same(intended, after) ? "as it was to be"
                       : after                 ? "something else"
                                               : "lost";
    story.files.push_back({path, length_of(before), length_of(intended), length_of(after), what});
  }
}

std::string length_text(std::optional<uint32_t> length) {
  return length ? std::to_string(*length) : "-";
}

Json length_json(std::optional<uint32_t> length) {
  return length ? Json(*length) : Json(nullptr);
}

}  // namespace

CutStory story_of(const torture::Workload& workload, const torture::CutMoment& moment) {
  const Operation& operation = moment.operation;
  CutStory story{.id = workload.name + "@" + norsim::to_string(moment.path),
                 .step = step_text(workload, moment.step),
                 .call = moment.call,
                 .write = norsim::to_string(norsim::OperationLog::Entry{
                     .kind = operation.kind,
                     .address = operation.address,
                     .bytes = {operation.bytes.begin(), operation.bytes.end()}}),
                 .field = field_of(operation, moment.before),
                 .done = {},
                 .recovery = diagnose(moment.after),
                 .files = {}};
  if (moment.path.size() > 1) {
    story.step = "the recovery from the cut before";
  }
  if (operation.kind == Operation::Kind::kErase) {
    tell_erase(moment, story);
  } else {
    tell_program(moment, story);
  }
  tell_files(moment.expectation, story);
  return story;
}

std::string as_text(const CutStory& story) {
  std::string text = story.id + "\n" +
                     host::table("lll", {{"", "during", story.step},
                                         {"", "in the call", story.call},
                                         {"", "cut", story.write},
                                         {"", "which is", story.field},
                                         {"", "leaves", story.done}});
  text += "\nThe next mount";
  const Diagnosis& recovery = story.recovery;
  if (recovery.error != lilotafs::Error::kOk) {
    text += " fails: " + std::string(describe(recovery.error)) + "\n";
  } else if (recovery.findings.empty()) {
    text += " finds nothing to repair\n";
  } else {
    text += " finds\n";
  }
  for (const Finding& finding : recovery.findings) {
    text += "  " + finding.id + ": " + finding.message +
            (finding.path.empty() ? "" : ", " + host::printable(finding.path)) + "\n";
    text += finding.repair.empty() ? "" : "    " + finding.repair + "\n";
  }
  for (const auto& operation : recovery.operations) {
    text += "  " + norsim::to_string(operation) + "\n";
  }
  std::vector<std::vector<std::string>> rows{{"", "file", "before", "intended", "after", ""}};
  size_t unchanged = 0;
  for (const CutStory::File& file : story.files) {
    if (file.what == "unchanged") {
      ++unchanged;
    } else {
      rows.push_back({"", host::printable(file.path), length_text(file.before),
                      length_text(file.intended), length_text(file.after), file.what});
    }
  }
  text += "\nAfter it " + host::count(unchanged, "file") + " unchanged" +
          (rows.size() > 1 ? ", bytes of the others:\n" + host::table("llrrrl", rows) : "\n");
  return text;
}

Json to_json(const CutStory& story) {
  Json findings = Json::array();
  for (const Finding& finding : story.recovery.findings) {
    findings.push_back(
        {{"id", finding.id}, {"message", finding.message}, {"repair", finding.repair}});
  }
  Json files = Json::array();
  for (const CutStory::File& file : story.files) {
    files.push_back({{"path", file.path},
                     {"before", length_json(file.before)},
                     {"intended", length_json(file.intended)},
                     {"after", length_json(file.after)},
                     {"what", file.what}});
  }
  return {{"id", story.id},
          {"step", story.step},
          {"call", story.call},
          {"write", story.write},
          {"field", story.field},
          {"left", story.done},
          {"bytes_done", story.bytes_done},
          {"bytes_torn", story.bytes_torn},
          {"bytes_left", story.bytes_left},
          {"mounts", story.recovery.error == lilotafs::Error::kOk},
          {"findings", std::move(findings)},
          {"operations", to_json(story.recovery.operations)},
          {"files", std::move(files)}};
}

}  // namespace flashstore::lilotafs_img
