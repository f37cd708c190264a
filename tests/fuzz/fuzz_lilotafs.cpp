// The file system on partitions of any content: a mount ends soon, and what it shows stays when
// files are added and when it is mounted again. The chip ends the program when someone breaks its
// rules.
#include <array>
#include <cstdlib>
#include <map>
#include <string>
#include <vector>

#include "lilotafs/volume.h"
#include "norsim/flash.h"

namespace {

using namespace flashstore;
using lilotafs::Volume;

constexpr uint32_t kSize = 6 * 4096;

// Each token of the input is one byte for what follows, two for a place, a multiple of 8, and
// more: a record, a run of bytes, or nothing.
std::vector<uint8_t> partition_of(const uint8_t* data, size_t size) {
  static constexpr std::array<uint8_t, 8> kMagics = {0xA5, 0xA5, 0xA5, 0x00,
                                                     0xA0, 0xFA, 0xA4, 0x80};
  static constexpr std::array<uint8_t, 8> kStatuses = {0xFC, 0xFC, 0xFE, 0xF8,
                                                       0x00, 0xF0, 0xE0, 0xFF};
  std::vector<uint8_t> image(kSize, 0xFF);
  size_t at = 0;
  uint32_t place = 0;
  const auto take = [&] { return at < size ? data[at++] : uint8_t{0}; };
  const auto put = [&](uint8_t byte) {
    if (place < kSize) {
      image[place++] &= byte;
    }
  };
  while (at < size) {
    const uint8_t token = take();
    if ((token & 0x80) != 0) {
      place = (take() | uint32_t{take()} << 8) % kSize & ~7u;
    }
    if ((token & 0x40) == 0) {
      put(kMagics[token & 7]);
      put(0x5A);
      put(kStatuses[token >> 3 & 7]);
      put(take());
      const uint32_t length = take() | uint32_t{take()} << 8;
      put(static_cast<uint8_t>(length));
      put(static_cast<uint8_t>(length >> 8));
      put(0);
      put(0);
      const uint8_t name = take();
      for (int i = 0; i < (name & 7); ++i) {
        put(static_cast<uint8_t>('a' + (name >> 3) % 5));
      }
      put(0);
      place = (place + 7 & ~7u) + (length + 7 & ~7u);
    } else {
      for (int i = token & 0x1F; i > 0; --i) {
        put(take());
      }
    }
  }
  return image;
}

void require(bool condition) {
  if (!condition) {
    std::abort();
  }
}

using Files = std::map<std::string, std::string>;

void list(Volume& volume, const std::string& path, Files& files, int depth) {
  lilotafs::Directory directory;
  require(volume.opendir(path, directory) == lilotafs::Error::kOk);
  lilotafs::DirectoryEntry entry;
  std::vector<std::string> directories;
  for (auto more = volume.readdir(directory, entry); more.ok() && more.value();
       more = volume.readdir(directory, entry)) {
    const std::string name = path + std::string(entry.name);
    require(!files.contains(name));
    std::string content(entry.info.directory ? 0 : entry.info.length, ' ');
    if (entry.info.directory) {
      directories.push_back(name);
    } else {
      const auto file = volume.open(name, Volume::Access::kRead);
      require(file.ok());
      const auto length =
          volume.read(file.value(), {reinterpret_cast<uint8_t*>(content.data()), content.size()});
      require(length.ok() && length.value() == content.size());
      require(volume.close(file.value()) == lilotafs::Error::kOk);
    }
    files[name] = content;
  }
  require(volume.closedir(directory) == lilotafs::Error::kOk);
  for (const std::string& each : directories) {
    if (depth < 8) {
      list(volume, each, files, depth + 1);
    }
  }
}

Files files_of(Volume& volume) {
  Files files;
  list(volume, "", files, 0);
  return files;
}

bool write(Volume& volume, const std::string& path, const std::string& content) {
  const auto file = volume.open(path, Volume::Access::kCreate);
  if (!file.ok()) {
    return false;
  }
  volume.write(file.value(), {reinterpret_cast<const uint8_t*>(content.data()), content.size()});
  return volume.close(file.value()) == lilotafs::Error::kOk;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::vector<uint8_t> image = partition_of(data, size);
  norsim::Flash flash(norsim::Contents::over(image));
  flash.set_budget({.read_calls = 200000, .erases = 100});
  std::array<uint8_t, 256> buffer;
  Volume volume(flash, buffer);
  if (!volume.mount().ok()) {
    return 0;
  }
  flash.set_budget({});
  Files files = files_of(volume);
  for (int i = 0; i < 8; ++i) {
    const std::string content(1500, static_cast<char>('0' + i));
    if (write(volume, "fuzz", content)) {
      files["fuzz"] = content;
    }
    require(files_of(volume) == files);
  }
  require(volume.unmount() == lilotafs::Error::kOk);
  require(volume.mount().ok());
  require(files_of(volume) == files);
  return 0;
}
