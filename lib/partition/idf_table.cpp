#include "partition/idf_table.h"

#include <algorithm>

#include "core/bytes.h"
#include "partition/md5.h"

namespace flashstore::partition {
namespace {

uint32_t magic_of(std::span<const uint8_t> entry) {
  return core::load_word(entry, kIdfMagic) & 0xFFFF;
}

bool blank(std::span<const uint8_t> bytes) {
  return std::all_of(bytes.begin(), bytes.end(), [](uint8_t byte) { return byte == 0xFF; });
}

// The entry with the MD5 of what is in front of it.
std::array<uint8_t, kIdfEntryBytes> digest_entry(std::span<const uint8_t> entries) {
  std::array<uint8_t, kIdfEntryBytes> entry;
  entry.fill(0xFF);
  entry[0] = kIdfDigestMagic & 0xFF;
  entry[1] = kIdfDigestMagic >> 8;
  const auto digest = md5(entries);
  std::copy(digest.begin(), digest.end(), entry.begin() + kIdfDigest);
  return entry;
}

}  // namespace

std::string_view IdfPartition::name() const {
  return {label.begin(), std::find(label.begin(), label.end(), '\0')};
}

bool IdfPartition::set_name(std::string_view name) {
  if (name.size() > label.size() || std::find(name.begin(), name.end(), '\0') != name.end()) {
    return false;
  }
  std::fill(std::copy(name.begin(), name.end(), label.begin()), label.end(), '\0');
  return true;
}

core::Result<IdfTable, IdfProblem> read_idf_table(std::span<const uint8_t> bytes,
                                                  std::span<IdfPartition> into) {
  IdfTable table;
  uint32_t count = 0;
  bytes = bytes.first(std::min<size_t>(bytes.size(), kIdfMaxBytes));
  for (; table.bytes < bytes.size(); table.bytes += kIdfEntryBytes) {
    if (bytes.size() - table.bytes < kIdfEntryBytes) {
      return IdfProblem{IdfFlaw::kCutOff, table.bytes};
    }
    const auto entry = bytes.subspan(table.bytes, kIdfEntryBytes);
    if (blank(entry)) {
      break;
    }
    if (table.has_digest) {
      return IdfProblem{IdfFlaw::kNotTheEnd, table.bytes};
    }
    if (magic_of(entry) == kIdfDigestMagic) {
      const auto expected = digest_entry(bytes.first(table.bytes));
      if (!std::equal(entry.begin(), entry.end(), expected.begin())) {
        return IdfProblem{IdfFlaw::kDigest, table.bytes};
      }
      table.has_digest = true;
      continue;
    }
    if (magic_of(entry) != kIdfEntryMagic) {
      return IdfProblem{IdfFlaw::kMagic, table.bytes};
    }
    if (count == into.size()) {
      return IdfProblem{IdfFlaw::kNoRoom, table.bytes};
    }
    IdfPartition& partition = into[count++];
    partition.type = entry[kIdfType];
    partition.subtype = entry[kIdfSubtype];
    partition.address = core::load_word(entry, kIdfOffset);
    partition.bytes = core::load_word(entry, kIdfSize);
    partition.flags = core::load_word(entry, kIdfFlags);
    const auto label = entry.subspan(kIdfLabel, kIdfLabelBytes);
    std::copy(label.begin(), label.end(), partition.label.begin());
    const auto rest = std::span(partition.label).subspan(partition.name().size());
    if (std::any_of(rest.begin(), rest.end(), [](char c) { return c != '\0'; })) {
      return IdfProblem{IdfFlaw::kLabel, table.bytes};
    }
  }
  table.partitions = into.first(count);
  return table;
}

core::Result<IdfTable, IdfProblem> write_idf_table(std::span<IdfPartition> partitions,
                                                   bool with_digest, std::span<uint8_t> into) {
  const size_t entries = partitions.size() + (with_digest ? 1 : 0);
  if (entries > std::min<size_t>(into.size(), kIdfMaxBytes) / kIdfEntryBytes) {
    return IdfProblem{IdfFlaw::kNoRoom, 0};
  }
  std::fill(into.begin(), into.end(), uint8_t{0xFF});
  IdfTable table{partitions, with_digest};
  for (const IdfPartition& partition : partitions) {
    const auto entry = into.subspan(table.bytes, kIdfEntryBytes);
    core::store_word(
        entry, kIdfMagic,
        kIdfEntryMagic | uint32_t{partition.type} << 16 | uint32_t{partition.subtype} << 24);
    core::store_word(entry, kIdfOffset, partition.address);
    core::store_word(entry, kIdfSize, partition.bytes);
    core::store_word(entry, kIdfFlags, partition.flags);
    std::copy(partition.label.begin(), partition.label.end(), entry.begin() + kIdfLabel);
    table.bytes += kIdfEntryBytes;
  }
  if (with_digest) {
    const auto entry = digest_entry(into.first(table.bytes));
    std::copy(entry.begin(), entry.end(), into.begin() + table.bytes);
    table.bytes += kIdfEntryBytes;
  }
  return table;
}

}  // namespace flashstore::partition
