// A chip with a volume on it, handled by whole files.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "lilotafs/draft.h"
#include "lilotafs/volume.h"
#include "norsim/flash.h"

namespace flashstore::test {

// What a volume holds: path and content; a directory's path ends with '/', and it has no content.
using Files = std::map<std::string, std::string>;

class Disk {
 public:
  explicit Disk(uint32_t sectors) : Disk(norsim::Contents(sectors * 4096)) {}
  explicit Disk(const Image& image);
  explicit Disk(norsim::Contents contents);
  explicit Disk(norsim::Flash& flash);  // the caller's
  Disk(const Disk&) = delete;
  Disk& operator=(const Disk&) = delete;

  // These return the name of the error, or "" when it worked. write() makes or replaces a file,
  // with as many calls as there are pieces of `piece` bytes; of a file that could not be written it
  // tells the first error.
  std::string mount();
  std::string write(const std::string& path, const std::string& content, size_t piece = 1000);
  std::string make_directory(const std::string& path);
  std::string remove(const std::string& path);

  // nullopt: the volume does not give it.
  std::optional<std::string> read(const std::string& path);

  // All there is, found through the directories from the root on.
  Files files();

  // A mount on the same bytes, as after a reset: open files stay behind.
  std::string remount();

  lilotafs::Volume& volume() { return *volume_; }
  const lilotafs::MountReport& report() const { return report_; }
  norsim::Flash& flash() { return *flash_; }
  Image image() const { return flash_->contents().bytes(); }

 private:
  std::optional<norsim::Flash> own_;
  norsim::Flash* flash_;
  std::array<uint8_t, 256> buffer_;
  lilotafs::MountReport report_;
  std::optional<lilotafs::Volume> volume_;
};

// What the independent parser finds. A damage is reported as a file named "damage: ...".
Files parsed_files(const Image& image);

// Mounts once, and reports to GoogleTest unless the volume holds `files`, as the independent parser
// sees it too, and goes on to be of use: is filled, updated, mounted again.
void expect_recovers(const Image& image, const Files& files);

// "" or why `disk`, holding `files`, is of no use: fills it, makes a little room, replaces every
// file, mounts again.
std::string use_hard(Disk& disk, Files files);

}  // namespace flashstore::test
