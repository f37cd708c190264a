#include "provision/files_content.h"

#include "host/quantities.h"
#include "image/pack_sources.h"
#include "lilotafs/volume.h"
#include "norsim/flash.h"

namespace flashstore::provision {
namespace {

constexpr size_t kBufferBytes = 4096;

// What `lilotafs-img fsck -n` would say of it.
std::optional<Problem> check_clean(std::span<const uint8_t> image, const std::string& path) {
  norsim::Flash flash(norsim::Contents::over(image));
  norsim::OperationLog operations;
  flash.watch(&operations);
  std::vector<uint8_t> buffer(kBufferBytes);
  lilotafs::Volume volume(flash, buffer);
  const auto mounted = volume.mount();
  if (!mounted) {
    return refused("no-file-system",
                   std::string("no lilotafs partition: ") + lilotafs::describe(mounted.error()),
                   "'lilotafs-img fsck' tells more", path);
  }
  // A name that no file can have: all that is asked is whether anything could be written.
  const auto writable = volume.open("", lilotafs::Volume::Access::kCreate);
  const bool is_broken = !writable.ok() && writable.error() == lilotafs::Error::kDamaged;
  if (is_broken || !operations.entries().empty() || mounted.value().cases != 0) {
    return refused("lilotafs-not-clean", "the partition is not clean: a mount would repair it",
                   "'lilotafs-img fsck -p' does what a mount would do", path);
  }
  return std::nullopt;
}

core::Result<std::vector<uint8_t>, Problem> pack(const std::string& directory, const Inputs& inputs,
                                                 const partition::Partition& place) {
  const std::string prefix = directory.ends_with('/') ? directory : directory + "/";
  std::vector<image::Source> sources;
  for (const auto& [path, content] : inputs.files) {
    if (path.starts_with(prefix)) {
      sources.push_back({.item = {path.substr(prefix.size()), content.size()}, .text = content});
    }
  }
  for (const std::string& path : inputs.directories) {
    sources.push_back({.item = {path.substr(prefix.size())}});
  }
  image::put_in_order(sources);
  if (const auto problems = image::check_sources(sources); !problems.empty()) {
    return Problem{host::kNo, problems.front()};
  }
  if (const auto problem = image::misplaced(sources, place.address)) {
    return Problem{host::kNo, *problem};
  }
  const auto layout = image::lay_out(image::items_of(sources));
  if (layout.needed > place.bytes) {
    return refused("lilotafs-too-large",
                   "the files need a partition of " + host::bytes(layout.needed) +
                       ", the table has one of " + host::bytes(place.bytes),
                   "'lilotafs-img pack -s min' tells which are largest", directory);
  }
  auto packed = image::pack(sources, layout, place.bytes, true);
  if (!packed) {
    return Problem{host::kEnvironment, packed.error()};
  }
  return std::move(packed).value();
}

}  // namespace

core::Result<std::vector<uint8_t>, Problem> make_files(const Manifest::Lilotafs& lilotafs,
                                                       const Inputs& inputs,
                                                       const partition::Partition& place) {
  if (!lilotafs.directory.empty()) {
    return pack(lilotafs.directory, inputs, place);
  }
  const std::string& file = inputs.files.at(lilotafs.image);
  std::vector<uint8_t> image(file.begin(), file.end());
  if (image.size() != place.bytes) {
    return refused("lilotafs-size",
                   "the image has " + host::bytes(image.size()) + ", the partition " +
                       host::bytes(place.bytes),
                   "pack it with lilotafs-img pack -s " + std::to_string(place.bytes),
                   lilotafs.image);
  }
  if (const auto problem = check_clean(image, lilotafs.image)) {
    return *problem;
  }
  return image;
}

}  // namespace flashstore::provision
