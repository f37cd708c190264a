// An open file as Lua programs know it: read and written at one position. In lilotafs a file is
// written once, from its beginning, and replaces the old one when it is closed; so the first write
// to a file that keeps its content copies what is in front of the position, and closing copies what
// is behind it.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string_view>

#include "lilotafs/volume.h"

namespace flashstore::firmware {

class FileObject {
 public:
  enum class Mode : uint8_t { kRead, kWrite, kAppend, kUpdate, kRewrite, kAppendUpdate };

  // kWriterOpen: another file is being written; there is one at a time. `volume` must outlive this.
  lilotafs::Error open(lilotafs::Volume& volume, std::string_view name, Mode mode);
  bool is_open() const { return volume_ != nullptr; }

  // At the position. kNotReadable: opened for writing only, or already written to.
  core::Result<uint32_t, lilotafs::Error> read(std::span<uint8_t> into);
  // Back over what was just read.
  void step_back(uint32_t bytes);
  // Where append modes write there is the end, wherever the position is.
  lilotafs::Error write(std::span<const uint8_t> bytes);
  // What was written so far is there to stay. If that fails, the old content is, and the object is
  // closed.
  lilotafs::Error flush();
  // Once something is written, only to where the position is. kInvalidSeek: anywhere else.
  core::Result<uint32_t, lilotafs::Error> seek(int32_t offset, lilotafs::Whence whence);
  // Nothing happens if it is not open.
  lilotafs::Error close();

 private:
  static constexpr int kNone = -1;

  bool appends() const { return mode_ == Mode::kAppend || mode_ == Mode::kAppendUpdate; }
  lilotafs::Error open_reader();
  lilotafs::Error begin_writing();
  // From the reader's position to the writer's end.
  lilotafs::Error copy(uint32_t bytes);
  lilotafs::Error commit();

  lilotafs::Volume* volume_ = nullptr;
  int reader_ = kNone;  // of the content as it was when the file was opened
  int writer_ = kNone;
  uint32_t position_ = 0;
  Mode mode_ = Mode::kRead;
  uint8_t name_bytes_ = 0;
  std::array<char, lilotafs::kMaxNameBytes> name_;
};

// Under its new name the file is a copy; the old one is removed once that is complete. kExists:
// there is a file of that name.
lilotafs::Error rename_file(lilotafs::Volume& volume, std::string_view from, std::string_view to);

}  // namespace flashstore::firmware
