// What the device is made of: its memory, its partitions, and what lies in them. There is one,
// since there is one board.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include "board/network.h"
#include "boot/heap.h"
#include "boot/loopback.h"
#include "core/flash_region.h"
#include "flash_image.h"
#include "lilotafs/volume.h"
#include "luaflash/boot_check.h"
#include "luaflash/freezer_store.h"
#include "luaflash/reload.h"
#include "partition/nodemcu_page.h"
#include "partition/table.h"

namespace flashstore::firmware {

// The image in LFS as the freezer knows it.
class LfsIdentity final : public luaflash::FreezerNeighbour {
 public:
  explicit LfsIdentity(const FlashImage& lfs) : lfs_(lfs) {}
  uint32_t identity() const override;

 private:
  const FlashImage& lfs_;
};

// What came of attaching a file.
struct Attachment {
  std::string_view reason = {};  // why not, good until the next one; empty: it is there
  LuaRom* rom = nullptr;         // null: it is attached already
};

class Device {
 public:
  // Looks at what is in flash, brings what a power cut interrupted to its end, and says on the
  // console what it finds out of order. Nothing of it keeps a device from starting. With `given`
  // partitions the partition page is left alone: nothing can be reloaded then.
  explicit Device(const partition::Table* given = nullptr);
  Device(const Device&) = delete;
  Device& operator=(const Device&) = delete;

  Heap& heap() { return heap_; }

  const partition::Table& partitions() const { return partitions_; }
  // Of no bytes, if there is none.
  partition::Partition partition(partition::PartitionType type) const;
  // Takes effect with the next reset. `table` must be valid for the chip.
  partition::PageProblem set_partitions(const partition::Table& table);

  // The LFS partition and the image in it, if there is one.
  const FlashImage& lfs() const { return lfs_; }
  // The ROMs Lua runs from: the first, or nullptr.
  const LuaRom* rom() const;

  // nullptr: there is none.
  luaflash::FreezerStore* freezer() { return freezer_ ? &*freezer_ : nullptr; }
  // Has the mapping show what is in the freezer.
  void refresh_freezer() const;

  // nullptr: there is no file system.
  lilotafs::Volume* files() { return files_ ? &*files_ : nullptr; }

  // The content of an open file as it is mapped; nothing if it is not.
  std::span<const uint8_t> mapped_file(int descriptor);

  // An image in a file, checked to go with the one in LFS and to lie where it is for. Keeps the
  // file open, and so in its place, until the next start or close_attachment(). There can be one.
  Attachment open_attachment(std::string_view file);
  void close_attachment();

  // The board's, or one of the device alone.
  board::Network& network();

  // Brings the image of that file into the LFS partition and resets the board. Returns only if it
  // does not: the reason, and nothing was erased. Takes what memory it needs from the heap.
  std::string_view reload(std::string_view file);

 private:
  void read_partitions();
  void mount_files();
  void continue_reload();
  void mount_lfs();
  void mount_freezer();
  std::string_view judge_attachment(std::span<const uint8_t> content);
  luaflash::LfsPartition lfs_partition() const;

  Heap heap_;
  Loopback loopback_{heap_};
  partition::PageStore page_;
  bool given_;
  partition::Table partitions_;
  std::optional<core::FlashRegion> region_;
  std::optional<lilotafs::Volume> files_;
  FlashImage lfs_{};
  LfsIdentity lfs_identity_{lfs_};
  std::optional<core::FlashRegion> freezer_region_;
  std::optional<luaflash::FreezerStore> freezer_;
  LuaRom freezer_rom_{};
  std::span<const uint8_t> attached_;  // the file's content
  int attached_descriptor_ = 0;
  LuaRom attached_rom_{};
};

// Makes the device: what is in flash (as Device has it).
Device& boot(const partition::Table* given = nullptr);

// The one that boot() made.
Device& device();

}  // namespace flashstore::firmware
