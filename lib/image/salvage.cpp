#include "image/salvage.h"

#include <algorithm>
#include <array>
#include <map>
#include <set>

#include "core/bytes.h"
#include "image/check_byte.h"
#include "lilotafs/format.h"
#include "lilotafs/record.h"

namespace flashstore::image {
namespace {

using lilotafs::kAlignment;
using lilotafs::kExecutableAlignment;

using Trust = SalvagedRecord::Trust;

bool is_blank(std::span<const uint8_t> bytes) {
  return std::all_of(bytes.begin(), bytes.end(), [](uint8_t byte) { return byte == 0xFF; });
}

struct Header {
  uint16_t magic = 0;
  uint8_t status = 0;
  uint8_t check = 0;
  uint32_t length = 0;
};

// Anything of a log, dead or alive; offsets are the dump's.
struct Candidate {
  uint64_t offset = 0;
  Header header;
  std::string path;
  uint64_t name_end = 0;  // behind its NUL
  uint64_t data = 0;
  Trust trust = Trust::kNone;
  bool is_certain = false;  // what is in its data is no record

  uint64_t end() const { return data + header.length; }
  bool is_executable() const { return lilotafs::is_executable(path); }
  bool is_dummy_head() const {
    return header.magic == lilotafs::kMagicHead && path.empty() && header.length == 0 &&
           header.status == lilotafs::kStatusCommitted;
  }
  bool is_live() const {
    const bool is_directory = path.ends_with('/');
    return !path.empty() && !(is_directory && header.length != 0) &&
           (header.status == lilotafs::kStatusCommitted ||
            header.status == lilotafs::kStatusMigrating);
  }
};

class Search {
 public:
  Search(std::span<const uint8_t> dump, std::optional<uint64_t> partition)
      : dump_(dump), partition_(partition) {}

  std::vector<SalvagedRecord> run() {
    collect();
    keep_one_phase();
    place_executables();
    judge();
    return chosen();
  }

 private:
  std::optional<Header> header_at(uint64_t offset) const {
    if (offset + lilotafs::kHeaderBytes > dump_.size()) {
      return std::nullopt;
    }
    const auto bytes = dump_.subspan(offset, lilotafs::kHeaderBytes);
    const uint32_t first = core::load_word(bytes, 0);
    const Header header{static_cast<uint16_t>(first), static_cast<uint8_t>(first >> 16),
                        static_cast<uint8_t>(first >> 24), core::load_word(bytes, 4)};
    constexpr std::array kMagics{lilotafs::kMagicRecord, lilotafs::kMagicHead,
                                 lilotafs::kMagicNextHead, lilotafs::kMagicWrap};
    constexpr std::array<uint8_t, 8> kStatuses{lilotafs::kStatusOpen,
                                               lilotafs::kStatusCommitted,
                                               lilotafs::kStatusMigrating,
                                               lilotafs::kStatusWrap,
                                               lilotafs::kStatusWear,
                                               lilotafs::kStatusDeleted,
                                               lilotafs::kStatusMigrating & lilotafs::kStatusDying,
                                               lilotafs::kStatusCommitted & lilotafs::kStatusDying};
    const bool known =
        std::find(kMagics.begin(), kMagics.end(), header.magic) != kMagics.end() &&
        std::find(kStatuses.begin(), kStatuses.end(), header.status) != kStatuses.end();
    return known ? std::optional(header) : std::nullopt;
  }

  // A record with a name and an end; its data are where they are without alignment for execution.
  std::optional<Candidate> record_at(uint64_t offset) const {
    const auto header = header_at(offset);
    if (!header || header->magic == lilotafs::kMagicWrap ||
        header->status == lilotafs::kStatusWrap) {
      return std::nullopt;
    }
    const uint64_t name = offset + lilotafs::kHeaderBytes;
    const auto room =
        dump_.subspan(name, std::min<uint64_t>(lilotafs::kMaxNameBytes + 1, dump_.size() - name));
    const auto end = std::find(room.begin(), room.end(), 0);
    if (end == room.end()) {
      return std::nullopt;
    }
    Candidate candidate{.offset = offset, .header = *header, .path = {room.begin(), end}};
    candidate.name_end = name + candidate.path.size() + 1;
    candidate.data = offset + lilotafs::round_up(candidate.name_end - offset, kAlignment);
    return candidate.end() <= dump_.size() ? std::optional(candidate) : std::nullopt;
  }

  void collect() {
    constexpr uint8_t kHigh = lilotafs::kMagicRecord >> 8;  // all magics have it
    auto at = dump_.begin();
    while ((at = std::find(at, dump_.end(), kHigh)) != dump_.end()) {
      const auto offset = static_cast<uint64_t>(at - dump_.begin());
      ++at;
      auto candidate = offset == 0 ? std::nullopt : record_at(offset - 1);
      if (candidate) {
        candidates_.push_back(std::move(*candidate));
      }
    }
  }

  // Where a record may be that comes behind `candidate`.
  uint64_t next(const Candidate& candidate) const {
    return candidate.offset + lilotafs::round_up(candidate.end() - candidate.offset, kAlignment);
  }

  bool leads_on(const Candidate& candidate) const {
    const uint64_t to = std::min<uint64_t>(next(candidate), dump_.size());
    const auto rest = dump_.subspan(to, std::min<uint64_t>(kBlankBytes, dump_.size() - to));
    return header_at(to).has_value() || is_blank(rest);
  }

  // All records of a partition begin at multiples of 8 from its beginning.
  void keep_one_phase() {
    std::array<size_t, kAlignment> votes{};
    for (const Candidate& candidate : candidates_) {
      votes[candidate.offset % kAlignment] += leads_on(candidate) ? 2 : 1;
    }
    uint64_t phase =
        static_cast<uint64_t>(std::max_element(votes.begin(), votes.end()) - votes.begin());
    if (partition_) {
      phase = *partition_ % kAlignment;
    }
    std::erase_if(candidates_, [&](const Candidate& candidate) {
      return candidate.offset % kAlignment != phase;
    });
  }

  static uint64_t aligned_behind(uint64_t offset, uint64_t base) {
    const uint64_t into = (offset - base) % kExecutableAlignment;  // wraps where base is behind it
    return into == 0 ? offset : offset + kExecutableAlignment - into;
  }

  // Data of a `.bin` are at a multiple of 64 KiB from where the partition begins. Where that is not
  // known, all `.bin` together tell it: of the bases they allow the one that most agree on.
  uint64_t base_of_executables() const {
    if (partition_) {
      return *partition_ % kExecutableAlignment;
    }
    std::map<uint64_t, size_t> votes{{0, 1}};  // the dump may well begin where the partition does
    for (const Candidate& candidate : candidates_) {
      if (candidate.is_dummy_head()) {
        votes[candidate.offset % kExecutableAlignment] += 2;
      }
      if (!candidate.is_executable()) {
        continue;
      }
      // Nothing is in the gap in front of the data.
      const auto gap = dump_.subspan(candidate.name_end);
      const auto gap_end =
          std::find_if(gap.begin(), gap.end(), [](uint8_t b) { return b != 0xFF; });
      const uint64_t last = candidate.name_end + static_cast<uint64_t>(gap_end - gap.begin());
      Candidate there = candidate;
      for (; there.data <= last && there.data - candidate.data < kExecutableAlignment &&
             there.end() <= dump_.size();
           there.data += kAlignment) {
        // Data that end within the gap are a part of it, which leads on wherever they are.
        if (there.end() >= last && leads_on(there)) {
          votes[there.data % kExecutableAlignment] += 1 + (is_checked(there) ? 8 : 0);
        }
      }
    }
    const auto best =
        std::max_element(votes.begin(), votes.end(),
                         [](const auto& a, const auto& b) { return a.second < b.second; });
    return best->first;
  }

  void place_executables() {
    const uint64_t base = base_of_executables();
    std::vector<Candidate> kept;
    for (Candidate& candidate : candidates_) {
      if (candidate.is_executable()) {
        candidate.data = aligned_behind(candidate.name_end, base);
      }
      if (candidate.end() <= dump_.size()) {
        kept.push_back(std::move(candidate));
      }
    }
    candidates_ = std::move(kept);
  }

  std::span<const uint8_t> bytes_of(const Candidate& candidate) const {
    return dump_.subspan(candidate.data, candidate.header.length);
  }

  bool has_check(const Candidate& candidate) const {
    return candidate.header.check != lilotafs::kCheckErased &&
           candidate.header.check != lilotafs::kCheckNone;
  }

  bool is_checked(const Candidate& candidate) const {
    return has_check(candidate) &&
           candidate.header.check == check_byte(candidate.path, bytes_of(candidate));
  }

  void judge() {
    std::set<uint64_t> followed;
    for (const Candidate& candidate : candidates_) {
      followed.insert(next(candidate));
    }
    for (Candidate& candidate : candidates_) {
      if (has_check(candidate) && candidate.is_live()) {
        candidate.trust = is_checked(candidate) ? Trust::kChecked : Trust::kDamaged;
      } else if (followed.contains(candidate.offset) || leads_on(candidate)) {
        candidate.trust = Trust::kLinked;
      }
      candidate.is_certain = candidate.trust == Trust::kChecked;
    }
    follow_chains();
  }

  // A chain that begins in the data of a file that is lost could hide the files behind it. One that
  // begins with the head of a fresh partition, before all else, is the partition's own; so is one
  // that has come through many records.
  void follow_chains() {
    constexpr uint32_t kMany = 8;
    std::map<uint64_t, uint32_t> before;  // of an offset: how many records lead there in a row
    for (size_t i = 0; i < candidates_.size(); ++i) {
      Candidate& candidate = candidates_[i];
      const auto found = before.find(candidate.offset);
      uint32_t count = found == before.end() ? 0 : found->second;
      count = i == 0 && candidate.is_dummy_head() ? kMany : count;
      candidate.is_certain = candidate.is_certain || count >= kMany;
      uint32_t& following = before[next(candidate)];
      following = std::max(following, count + 1);
    }
  }

  std::vector<SalvagedRecord> chosen() const {
    std::vector<SalvagedRecord> records;
    uint64_t covered = 0;
    for (const Candidate& candidate : candidates_) {
      if (candidate.offset < covered) {
        continue;
      }
      if (candidate.is_certain) {
        covered = candidate.end();
      }
      if (candidate.is_live()) {
        records.push_back({.offset = candidate.offset,
                           .path = candidate.path,
                           .bytes = bytes_of(candidate),
                           .is_old = candidate.header.status == lilotafs::kStatusMigrating,
                           .trust = candidate.trust});
      }
    }
    return records;
  }

  static constexpr uint64_t kBlankBytes = 16;  // so many FF are free space

  std::span<const uint8_t> dump_;
  std::optional<uint64_t> partition_;
  std::vector<Candidate> candidates_;  // by offset
};

// How much a record is worth against others of its path.
int worth(const SalvagedRecord& record) {
  const bool whole = record.trust == Trust::kLinked || record.trust == Trust::kChecked;
  const bool doubtful = record.trust == Trust::kNone;
  return (whole ? 4 : doubtful ? 2 : 0) + (record.is_old ? 0 : 1);
}

}  // namespace

std::string_view name(Trust trust) {
  switch (trust) {
    case Trust::kNone:
      return "none";
    case Trust::kLinked:
      return "linked";
    case Trust::kChecked:
      return "checked";
    case Trust::kDamaged:
      return "damaged";
  }
  return "";
}

std::vector<SalvagedRecord> find_records(std::span<const uint8_t> dump,
                                         std::optional<uint64_t> partition) {
  return Search(dump, partition).run();
}

std::vector<SalvagedRecord> latest(std::vector<SalvagedRecord> records, uint64_t head) {
  std::stable_sort(
      records.begin(), records.end(), [&](const SalvagedRecord& a, const SalvagedRecord& b) {
        if (a.path != b.path) {
          return a.path < b.path;
        }
        // Best first. What is in front of the head has come around the end: it is newer.
        return worth(a) != worth(b) ? worth(a) > worth(b) : a.offset - head > b.offset - head;
      });
  records.erase(std::unique(records.begin(), records.end(),
                            [](const auto& a, const auto& b) { return a.path == b.path; }),
                records.end());
  return records;
}

}  // namespace flashstore::image
