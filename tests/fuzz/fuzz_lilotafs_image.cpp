// Any bytes as a partition of lilotafs: mounting ends, breaks no rule of the flash, and leaves what
// the next mount sees the same. If it can be written at all, a file written is there and no other
// changes.
#include <algorithm>
#include <cstdio>
#include <cstdlib>

#include "lilotafs/reader.h"
#include "norsim/flash.h"
#include "torture/host_volume.h"

namespace {

using namespace flashstore;
using torture::HostVolume;
using torture::Listing;

constexpr uint32_t kSector = core::NorFlash::kSectorBytes;

void require(bool condition, const char* what) {
  if (!condition) {
    std::fprintf(stderr, "violated: %s\n", what);
    std::abort();
  }
}

std::vector<uint8_t> whole_sectors(std::span<const uint8_t> input) {
  std::vector<uint8_t> image(input.begin(), input.end());
  image.resize(std::max<size_t>((image.size() + kSector - 1) / kSector, 3) * kSector, 0xFF);
  return image;
}

// More than this for one mount, and it never ends.
norsim::Budget budget(uint32_t size) {
  return {.read_calls = 2 * size,
          .read_bytes = uint64_t{size} * 256,
          .program_bytes = 2 * size,
          .erases = 2 * size / kSector};
}

void read_only(std::span<const uint8_t> image) {
  norsim::Flash flash(norsim::Contents::over(image));
  flash.set_budget({.read_calls = 2 * flash.size(),
                    .read_bytes = uint64_t{flash.size()} * 256,
                    .program_bytes = 0,
                    .erases = 0});
  std::array<uint8_t, lilotafs::Reader::kMinBuffer> buffer;
  lilotafs::Reader reader(flash, buffer);
  lilotafs::Directory directory;
  if (!reader.mount().ok() || reader.opendir("", directory) != lilotafs::Error::kOk) {
    return;
  }
  lilotafs::DirectoryEntry entry;
  for (auto more = reader.readdir(directory, entry); more && more.value();) {
    const auto opened = reader.open(entry.name);
    std::array<uint8_t, 64> bytes;
    if (opened) {
      require(reader.read(opened.value(), bytes).ok(), "what is listed can be read");
      require(reader.close(opened.value()) == lilotafs::Error::kOk, "what is open can be closed");
    }
    more = reader.readdir(directory, entry);
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::vector<uint8_t> image = whole_sectors({data, size});
  read_only(image);

  norsim::Flash flash(norsim::Contents::over(image));
  flash.set_budget(budget(flash.size()));
  HostVolume volume(flash);
  if (!volume.mount().done()) {
    return 0;
  }
  flash.set_budget({});
  Listing listing;
  require(volume.list(listing).done(), "what is mounted can be read");
  {
    norsim::Flash copy(flash.contents());
    HostVolume again(copy);
    Listing same;
    require(again.mount().done() && again.list(same).done(), "what was mounted mounts again");
    require(same.files == listing.files, "the next mount sees the same files");
  }
  const std::vector<uint8_t> bytes = {1, 2, 3};
  if (!volume.write("new", bytes).done()) {
    return 0;
  }
  std::erase_if(listing.files, [](const auto& file) { return file.first == "new"; });
  HostVolume last(flash);
  Listing after;
  require(last.mount().done() && last.list(after).done(), "what was written mounts");
  const auto found =
      std::ranges::find(after.files, "new", [](const auto& file) { return file.first; });
  require(found != after.files.end() && found->second == bytes, "the new file is there");
  after.files.erase(found);
  std::ranges::sort(after.files);
  std::ranges::sort(listing.files);
  require(after.files == listing.files, "no other file changed");
  return 0;
}
