#include <algorithm>
#include <array>
#include <utility>

#include "partition/table.h"

namespace flashstore::partition {
namespace {

constexpr std::array<std::pair<uint32_t, const char*>, 10> kNames{{
    {kRfCalibration, "rf-cal"},
    {kPhyInit, "phy-init"},
    {kSystemParameter, "system-parameter"},
    {kEagleRom, "eagle-rom"},
    {kIrom0Text, "irom0-text"},
    {kLfs, "lfs"},
    {kLfs1, "lfs1"},
    {kTlsCertificates, "tls-certificates"},
    {kLilotafs, "files"},
    {kFreezer, "freezer"},
}};

}  // namespace

const char* type_name(uint32_t type) {
  const auto found = std::find_if(kNames.begin(), kNames.end(),
                                  [&](const auto& entry) { return entry.first == type; });
  return found == kNames.end() ? "" : found->second;
}

std::optional<uint32_t> type_of(std::string_view name) {
  const auto found = std::find_if(kNames.begin(), kNames.end(),
                                  [&](const auto& entry) { return name == entry.second; });
  return found == kNames.end() ? std::nullopt : std::optional(found->first);
}

}  // namespace flashstore::partition
