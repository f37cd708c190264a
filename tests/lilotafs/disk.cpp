#include "lilotafs/disk.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "lilotafs/independent_parser.h"
#include "support/files.h"

namespace flashstore::test {
namespace {

using lilotafs::Error;

std::string name_of(Error error) {
  return error == Error::kOk ? "" : describe(error);
}

norsim::Contents contents_of(const Image& image) {
  norsim::Contents contents(static_cast<uint32_t>(image.size()));
  contents.program(0, image);
  return contents;
}

void list(lilotafs::Volume& volume, const std::string& path, std::vector<std::string>& found) {
  lilotafs::Directory directory;
  const Error error = volume.opendir(path, directory);
  if (error != Error::kOk) {
    found.push_back(path + ": " + name_of(error));
    return;
  }
  std::vector<std::string> directories;
  lilotafs::DirectoryEntry entry;
  for (auto more = volume.readdir(directory, entry); !more.ok() || more.value();
       more = volume.readdir(directory, entry)) {
    if (!more.ok()) {
      found.push_back(path + ": " + name_of(more.error()));
      break;
    }
    found.push_back(path + std::string(entry.name));
    if (entry.info.directory) {
      directories.push_back(found.back());
    }
  }
  volume.closedir(directory);
  for (const std::string& each : directories) {
    list(volume, each, found);
  }
}

}  // namespace

Disk::Disk(const Image& image) : Disk(contents_of(image)) {}

Disk::Disk(norsim::Contents contents) : own_(std::in_place, std::move(contents)), flash_(&*own_) {}

Disk::Disk(norsim::Flash& flash) : flash_(&flash) {}

std::string Disk::mount() {
  volume_.emplace(*flash_, buffer_);
  const auto report = volume_->mount();
  if (report.ok()) {
    report_ = report.value();
  }
  return report.ok() ? "" : name_of(report.error());
}

std::string Disk::write(const std::string& path, const std::string& content, size_t piece) {
  const auto descriptor = volume_->open(path, lilotafs::Volume::Access::kCreate);
  if (!descriptor.ok()) {
    return name_of(descriptor.error());
  }
  Error error = Error::kOk;
  for (size_t at = 0; at < content.size() && error == Error::kOk; at += piece) {
    const size_t end = std::min(content.size(), at + piece);
    error = volume_->write(descriptor.value(), as_bytes(content).subspan(at, end - at));
  }
  const Error closed = volume_->close(descriptor.value());
  return name_of(error == Error::kOk ? closed : error);
}

std::string Disk::make_directory(const std::string& path) {
  return name_of(volume_->mkdir(path));
}

std::string Disk::remove(const std::string& path) {
  return name_of(volume_->remove(path));
}

std::optional<std::string> Disk::read(const std::string& path) {
  const auto descriptor = volume_->open(path, lilotafs::Volume::Access::kRead);
  if (!descriptor.ok()) {
    return {};
  }
  std::string content;
  std::vector<uint8_t> piece(3000);
  for (;;) {
    const auto length = volume_->read(descriptor.value(), piece);
    if (!length.ok()) {
      content = "error: " + name_of(length.error());
      break;
    }
    if (length.value() == 0) {
      break;
    }
    content += as_text({piece.data(), length.value()});
  }
  volume_->close(descriptor.value());
  return content;
}

Files Disk::files() {
  std::vector<std::string> paths;
  list(*volume_, "", paths);
  Files files;
  for (const std::string& path : paths) {
    const std::string content = path.ends_with('/') ? "" : read(path).value_or("error: not there");
    if (!files.emplace(path, content).second) {
      files["listed twice: " + path];
    }
  }
  return files;
}

std::string Disk::remount() {
  volume_->unmount();
  return mount();
}

Files parsed_files(const Image& image) {
  const ParsedImage parsed = parse_lilotafs(image);
  Files files;
  for (const ParsedFile& file : parsed.files) {
    files[file.path] = as_text(file.bytes);
  }
  if (!parsed.damage.empty()) {
    files["damage: " + parsed.damage + " at " + std::to_string(parsed.damage_offset)];
  }
  return files;
}

std::string use_hard(Disk& disk, Files files) {
  const auto differs = [&](const std::string& when) -> std::string {
    if (disk.files() != files) {
      return "other files " + when;
    }
    return parsed_files(disk.image()) == files ? "" : "the parser sees other files " + when;
  };
  const uint32_t size = disk.flash().size();
  const std::string content = text_of(std::min<size_t>(size / 64, 3000));
  size_t largest = content.size();
  for (const auto& [path, each] : files) {
    largest = std::max(largest, each.size());
  }

  int fillers = 0;
  std::string error;
  const auto filler = [](int number) { return "filler" + std::to_string(number); };
  for (; error.empty(); fillers += error.empty() ? 1 : 0) {
    error = disk.write(filler(fillers), content);
    if (error.empty()) {
      files[filler(fillers)] = content;
    }
  }
  if (error != name_of(Error::kNoSpace)) {
    return "when filled: " + error;
  }
  if (std::string wrong = differs("when full"); !wrong.empty()) {
    return wrong;
  }

  // Room for a second version of any one file is room enough to replace them all.
  for (size_t room = 0; fillers > 0 && room < largest + 100; room += content.size()) {
    const std::string path = filler(--fillers);
    if (error = disk.remove(path); !error.empty()) {
      return "when full and " + path + " removed: " + error;
    }
    files.erase(path);
  }
  for (auto& [path, old] : files) {
    if (path.ends_with('/')) {
      continue;
    }
    const std::string updated = old.substr(old.size() / 2);
    if (error = disk.write(path, updated); !error.empty() && fillers > 0) {
      return "when " + path + " was updated: " + error;
    }
    old = error.empty() ? updated : old;
  }
  if (std::string wrong = differs("after updates"); !wrong.empty()) {
    return wrong;
  }
  if (error = disk.remount(); !error.empty()) {
    return "mounted again: " + error;
  }
  return differs("mounted again");
}

void expect_recovers(const Image& image, const Files& files) {
  Disk disk(image);
  ASSERT_EQ(disk.mount(), "");
  EXPECT_EQ(disk.files(), files);
  EXPECT_EQ(parsed_files(disk.image()), files);
  EXPECT_EQ(use_hard(disk, files), "");
}

}  // namespace flashstore::test
