#include "picture.h"

#include <algorithm>
#include <array>
#include <vector>

#include "host/numbers.h"
#include "host/printable.h"
#include "host/quantities.h"
#include "host/table.h"

namespace flashstore::nodeflash {
namespace {

using provision::Plan;
using provision::Region;
using provision::RegionPolicy;

constexpr uint32_t kRows = 16;
constexpr uint32_t kColumns = 64;
constexpr size_t kWidth = 80;
constexpr size_t kDigestShown = 8;

struct Look {
  char mark;
  const char* colour;  // what SGR has
};

Look look_of(RegionPolicy policy) {
  constexpr Look kLooks[] = {{'#', "32"}, {'x', "31"}, {'=', "36"}, {'.', "2"}};
  return kLooks[static_cast<size_t>(policy)];
}

std::string coloured(const std::string& text, RegionPolicy policy, bool colours) {
  return colours ? "\x1b[" + std::string(look_of(policy).colour) + "m" + text + "\x1b[0m" : text;
}

// What is shown of a cell: what changes goes before what stays, and that before nothing.
RegionPolicy policy_at(const Plan& plan, uint32_t address, uint32_t bytes) {
  RegionPolicy policy = RegionPolicy::kFree;
  for (const Region& region : plan.regions) {
    if (region.address < address + bytes && address < region.address + region.bytes) {
      policy = std::min(policy, region.policy);
    }
  }
  return policy;
}

std::string cells(const Plan& plan, bool colours) {
  const uint32_t cell = plan.flash_bytes / kRows / kColumns;
  std::string text;
  for (uint32_t row = 0; row < kRows; ++row) {
    std::string address = host::hex(row * kColumns * cell);
    address.insert(0, 8 - std::min<size_t>(8, address.size()), ' ');
    text += address + "  ";
    for (uint32_t column = 0; column < kColumns;) {
      const RegionPolicy policy = policy_at(plan, (row * kColumns + column) * cell, cell);
      std::string run;
      while (column < kColumns &&
             policy_at(plan, (row * kColumns + column) * cell, cell) == policy) {
        run += look_of(policy).mark;
        ++column;
      }
      text += coloured(run, policy, colours);
    }
    text += "\n";
  }
  return text;
}

std::string short_digest(const std::string& sha256) {
  return sha256.empty() ? "-" : sha256.substr(0, kDigestShown);
}

}  // namespace

std::string picture(const Plan& plan, bool colours) {
  std::vector<std::vector<std::string>> rows;
  for (const Region& region : plan.regions) {
    rows.push_back({std::string(1, look_of(region.policy).mark), host::hex(region.address),
                    host::hex(uint64_t{region.address} + region.bytes), host::bytes(region.bytes),
                    std::string(name(region.policy)), host::printable(region.name)});
  }
  const std::string legend = host::table("lrrrll", rows);
  std::string text = cells(plan, colours) + "\n";
  size_t line = 0;
  for (size_t at = 0; at < legend.size(); ++line) {
    const size_t end = legend.find('\n', at);
    text += coloured(legend.substr(at, std::min(end - at, kWidth)), plan.regions[line].policy,
                     colours) +
            "\n";
    at = end + 1;
  }
  return text;
}

std::string step_table(const Plan& plan) {
  std::vector<std::vector<std::string>> rows{
      {"step", "", "address", "bytes", "sha256", "from", "reason"}};
  for (size_t i = 0; i < plan.steps.size(); ++i) {
    const provision::Step& step = plan.steps[i];
    rows.push_back({std::to_string(i), std::string(name(step.kind)), host::hex(step.address),
                    host::hex(step.bytes), short_digest(step.sha256),
                    step.file.empty() ? "-" : host::printable(step.file), step.reason});
  }
  return host::table("rlrrlll", rows);
}

}  // namespace flashstore::nodeflash
