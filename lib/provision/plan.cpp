#include "provision/plan.h"

#include <algorithm>
#include <utility>

#include "core/nor_flash.h"
#include "host/digest.h"
#include "host/quantities.h"
#include "provision/chip_kind.h"
#include "provision/files_content.h"
#include "provision/lfs_content.h"
#include "provision/table_words.h"

namespace flashstore::provision {
namespace {

constexpr uint32_t kSectorBytes = core::NorFlash::kSectorBytes;

uint32_t whole_sectors(size_t bytes) {
  return static_cast<uint32_t>((bytes + kSectorBytes - 1) / kSectorBytes * kSectorBytes);
}

bool overlaps(uint32_t a, uint32_t a_bytes, uint32_t b, uint32_t b_bytes) {
  return a < uint64_t{b} + b_bytes && b < uint64_t{a} + a_bytes;
}

std::string describe(const Content& content) {
  return content.name + " (" + range(content.address, content.size()) + ")";
}

// Up to where `content` is not blank, whole sectors; at least one.
uint32_t used_bytes(const Content& content) {
  const auto last = std::find_if(content.bytes.rbegin(), content.bytes.rend(),
                                 [](uint8_t byte) { return byte != 0xFF; });
  return std::max(whole_sectors(static_cast<size_t>(content.bytes.rend() - last)), kSectorBytes);
}

class Planner {
 public:
  Planner(const Manifest& manifest, const Inputs& inputs, uint32_t build_time,
          const DeviceState& device)
      : inputs_(inputs) {
    plan_.manifest = manifest;
    plan_.build_time = build_time;
    plan_.device = device;
    plan_.inputs = digests_of(inputs);
  }

  core::Result<Plan, Problem> run() {
    auto layout = lay_out(plan_.manifest, inputs_, plan_.device);
    if (!layout) {
      return layout.error();
    }
    layout_ = std::move(layout).value();
    plan_.flash_bytes = layout_.flash_bytes;
    plan_.table = layout_.table;
    plan_.idf_table = layout_.idf_table;
    plan_.notes = layout_.notes;
    plan_.writes_page = layout_.table_index.has_value();
    plan_.contents = layout_.firmware;
    boot_ = layout_.gate.value_or(kNone);
    page_ = layout_.table_index.value_or(kNone);
    for (const auto add :
         {&Planner::add_lfs, &Planner::add_files, &Planner::add_raw, &Planner::check_overlaps}) {
      if (auto problem = (this->*add)()) {
        return *problem;
      }
    }
    add_steps();
    add_regions();
    return std::move(plan_);
  }

 private:
  static constexpr size_t kNone = SIZE_MAX;

  size_t add_content(std::string name, std::string file, uint32_t address,
                     std::span<const uint8_t> bytes, std::string home = "") {
    plan_.contents.push_back({std::move(name), std::move(file), address, in_whole_sectors(bytes),
                              std::move(home), "raw bytes"});
    return plan_.contents.size() - 1;
  }

  std::optional<Problem> add_lfs() {
    const Manifest::Lfs& lfs = plan_.manifest.lfs;
    if (!lfs.is_given()) {
      return std::nullopt;
    }
    if (!layout_.lfs) {
      return refused("no-lfs-partition", "the table has no partition for LFS",
                     "give it one, with address and size");
    }
    auto made = make_lfs(lfs, inputs_, plan_.build_time, *layout_.lfs);
    if (!made) {
      return made.error();
    }
    for (const std::string& warning : made.value().warnings) {
      plan_.notes.push_back(
          {.id = "compiler", .severity = host::Severity::kWarning, .message = warning});
    }
    const std::string file =
        lfs.is_compiled() ? host::count(inputs_.sources.size() + lfs.resources.size(), "module")
                          : lfs.image;
    lfs_ = add_content("LFS", file, layout_.lfs->address, made.value().bytes,
                       home_of(layout_.lfs->address));
    return std::nullopt;
  }

  std::optional<Problem> add_files() {
    const Manifest::Lilotafs& lilotafs = plan_.manifest.lilotafs;
    if (!lilotafs.is_given()) {
      return std::nullopt;
    }
    if (!layout_.files) {
      return refused("no-lilotafs-partition", "the table has no partition for lilotafs",
                     "give it one, with address and size");
    }
    auto made = make_files(lilotafs, inputs_, *layout_.files);
    if (!made) {
      return made.error();
    }
    files_ = add_content("lilotafs",
                         lilotafs.directory.empty() ? lilotafs.image : lilotafs.directory + "/",
                         layout_.files->address, made.value(), home_of(layout_.files->address));
    return std::nullopt;
  }

  std::optional<Problem> add_raw() {
    for (const Manifest::Raw& raw : plan_.manifest.raw) {
      const std::string& file = inputs_.files.at(raw.file);
      if (raw.address % kSectorBytes != 0 || file.empty()) {
        return refused("raw-unaligned", "raw bytes begin with a sector, and there are some",
                       "a multiple of 4K is wanted", raw.file);
      }
      if (uint64_t{raw.address} + file.size() > plan_.flash_bytes) {
        return refused("past-end", "raw bytes reach past the end of the flash", "", raw.file);
      }
      if (is_relocatable_image(file)) {
        return refused("raw-image",
                       "an LFS image that is for no address: no device would find it there",
                       "name it as \"lfs\": then it is moved to where it has to be", raw.file);
      }
      raw_.push_back(add_content(raw.file, raw.file, raw.address, as_span(file)));
    }
    return std::nullopt;
  }

  // The part that begins at `address`.
  std::string home_of(uint32_t address) const {
    const auto found =
        std::find_if(layout_.parts.begin(), layout_.parts.end(),
                     [&](const Part& part) { return part.named.address == address; });
    return found->named.name;
  }

  std::optional<Problem> check_overlaps() {
    for (size_t i = 0; i < plan_.contents.size(); ++i) {
      const Content& content = plan_.contents[i];
      for (size_t j = 0; j < i; ++j) {
        const Content& other = plan_.contents[j];
        if (overlaps(content.address, content.size(), other.address, other.size())) {
          return refused("overlap", describe(content) + " overlaps " + describe(other));
        }
      }
      for (const Part& part : layout_.parts) {
        if (auto problem = check_part(content, part)) {
          return problem;
        }
      }
    }
    return std::nullopt;
  }

  static std::optional<Problem> check_part(const Content& content, const Part& part) {
    const NamedPart& named = part.named;
    if (!overlaps(content.address, content.size(), named.address, named.bytes)) {
      return std::nullopt;
    }
    const bool is_at_home = content.home.empty() ? part.takes_raw : content.home == named.name;
    if (!is_at_home) {
      return refused("overlap", describe(content) + " overlaps " + provision::describe(named));
    }
    if (part.is_encrypted) {
      return refused("encrypted",
                     describe(content) + " goes to a partition that the chip encrypts: " +
                         provision::describe(named),
                     "Espressif's own tools are for chips that encrypt their flash");
    }
    return std::nullopt;
  }

  // Returns the step's number.
  uint32_t add(Step step) {
    if (step.kind != StepKind::kBackup) {
      const std::vector<uint8_t> bytes = plan_.bytes_of(step);
      step.sha256 = host::sha256({reinterpret_cast<const char*>(bytes.data()), bytes.size()});
    }
    plan_.steps.push_back(std::move(step));
    return static_cast<uint32_t>(plan_.steps.size() - 1);
  }

  void erase(uint32_t address, uint32_t bytes, std::string reason) {
    std::vector<uint32_t> after;
    if (page_ != kNone) {
      after.push_back(0);  // the backup
    }
    prepared_.push_back(
        add({StepKind::kErase, address, bytes, {}, "", "", std::move(reason), std::move(after)}));
  }

  // The bytes `from` to `to` of a content, none if there are none.
  void write(size_t content, uint32_t from, uint32_t to, std::string reason,
             std::vector<uint32_t> after) {
    if (content == kNone || from >= to) {
      return;
    }
    const Content& what = plan_.contents[content];
    written_.push_back(add({StepKind::kWrite, what.address + from, to - from, content, what.file,
                            "", std::move(reason), std::move(after)}));
  }

  void erase_old_image() {
    if (lfs_ != kNone) {
      erase(plan_.contents[lfs_].address, kSectorBytes,
            "no LFS image before the new one is complete");
    } else if (layout_.replaces_app && layout_.lfs) {
      erase(layout_.lfs->address, kSectorBytes,
            "the firmware changes, and LFS is not in the plan: an image made for the old firmware "
            "would be run by the new one");
      plan_.notes.push_back({.id = "lfs-erased",
                             .severity = host::Severity::kNote,
                             .message = "the image in LFS is given up: the firmware changes",
                             .hint = "put LFS into the manifest, or reload it on the device"});
    }
    const auto before = layout_.old_lfs;
    if (before && page_ != kNone && (!layout_.lfs || *before != layout_.lfs->address) &&
        *before % kSectorBytes == 0 && *before < plan_.flash_bytes) {
      erase(*before, kSectorBytes, "the LFS image of the old partition table is given up");
    }
  }

  void add_steps() {
    if (page_ != kNone) {
      add({StepKind::kBackup,
           plan_.contents[page_].address,
           kTableBytes,
           {},
           "",
           "",
           "the device's " + plan_.contents[page_].name + " is kept",
           {}});
    }
    if (boot_ != kNone) {
      erase(plan_.contents[boot_].address, kSectorBytes,
            "nothing boots before all is in its place");
    }
    erase_old_image();
    if (files_ != kNone) {
      erase(plan_.contents[files_].address, plan_.contents[files_].size(),
            "no files before all of them are there");
    }
    for (const Erasure& erasure : layout_.erasures) {
      erase(erasure.address, erasure.bytes, erasure.reason);
    }
    write_bodies();
    write_heads();
  }

  void write_whole(size_t content) {
    if (content != kNone) {
      write(content, 0, plan_.contents[content].size(), plan_.contents[content].reason, prepared_);
    }
  }

  void write_bodies() {
    if (boot_ != kNone) {
      const Content& boot = plan_.contents[boot_];
      write(boot_, kSectorBytes, boot.size(), boot.reason, prepared_);
    }
    for (size_t i = 0; i < layout_.firmware.size(); ++i) {
      if (i != boot_ && i != page_) {
        write_whole(i);
      }
    }
    write_whole(page_);
    if (lfs_ != kNone) {
      write(lfs_, kSectorBytes, plan_.contents[lfs_].size(), "LFS image behind its first sector",
            prepared_);
    }
    if (files_ != kNone) {
      write(files_, kSectorBytes, used_bytes(plan_.contents[files_]),
            "files behind the first sector", prepared_);
    }
    for (const size_t raw : raw_) {
      write_whole(raw);
    }
  }

  // Each declares complete what was written before. Where another firmware may boot until the gate
  // is open, LFS waits for that: its image is for the new one.
  void write_heads() {
    const auto open_gate = [&] {
      write(boot_, 0, kSectorBytes, "the chip boots from now on", written_);
    };
    write(files_, 0, kSectorBytes, "the file system begins to exist", written_);
    if (layout_.has_rival) {
      open_gate();
    }
    write(lfs_, 0, kSectorBytes, "the LFS image begins to exist", written_);
    if (!layout_.has_rival) {
      open_gate();
    }
  }

  void add_regions() {
    for (const Content& content : plan_.contents) {
      add_rest({content.name, content.address, content.size(), RegionPolicy::kWritten});
    }
    for (const Step& step : plan_.steps) {
      if (step.kind == StepKind::kErase) {
        add_rest({"given up", step.address, step.bytes, RegionPolicy::kErased});
      }
    }
    for (const Part& part : layout_.parts) {
      add_rest({part.named.name, part.named.address, part.named.bytes, RegionPolicy::kKept});
    }
    add_rest({"free", 0, plan_.flash_bytes, RegionPolicy::kFree});
  }

  // What of `region` no other one has yet, in parts.
  void add_rest(const Region& region) {
    std::vector<Region>& regions = plan_.regions;
    std::vector<Region> parts;
    uint32_t at = region.address;
    const uint32_t end = region.address + region.bytes;
    const auto add_part = [&](uint32_t to) {
      if (to > at) {
        parts.push_back({region.name, at, to - at, region.policy});
      }
    };
    for (const Region& other : regions) {
      const uint32_t other_end = other.address + other.bytes;
      if (other_end <= at || other.address >= end) {
        continue;
      }
      add_part(other.address);
      at = std::max(at, other_end);
    }
    add_part(end);
    regions.insert(regions.end(), parts.begin(), parts.end());
    std::sort(regions.begin(), regions.end(),
              [](const Region& a, const Region& b) { return a.address < b.address; });
  }

  const Inputs& inputs_;
  Layout layout_;
  Plan plan_;
  // Indices of contents.
  size_t boot_ = kNone;
  size_t page_ = kNone;
  size_t lfs_ = kNone;
  size_t files_ = kNone;
  std::vector<size_t> raw_;
  // Steps that have erased, and those that have written.
  std::vector<uint32_t> prepared_;
  std::vector<uint32_t> written_;
};

}  // namespace

std::string_view name(StepKind kind) {
  constexpr std::string_view kNames[] = {"backup", "erase", "write"};
  return kNames[static_cast<size_t>(kind)];
}

std::string_view name(RegionPolicy policy) {
  constexpr std::string_view kNames[] = {"written", "erased", "kept", "free"};
  return kNames[static_cast<size_t>(policy)];
}

std::vector<uint8_t> Plan::bytes_of(const Step& step) const {
  if (!step.content) {
    return std::vector<uint8_t>(step.bytes, 0xFF);
  }
  const Content& content = contents[*step.content];
  const auto from = content.bytes.begin() + (step.address - content.address);
  return {from, from + step.bytes};
}

core::Result<Plan, Problem> make_plan(const Manifest& manifest, const Inputs& inputs,
                                      uint32_t build_time, const DeviceState& device) {
  return Planner(manifest, inputs, build_time, device).run();
}

}  // namespace flashstore::provision
