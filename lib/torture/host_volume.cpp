#include "torture/host_volume.h"

#include <algorithm>
#include <vector>

namespace flashstore::torture {
namespace {

using lilotafs::Error;
using lilotafs::Volume;

Outcome outcome_of(Error error) {
  if (error == Error::kOk) {
    return {};
  }
  if (error == Error::kNoSpace || error == Error::kNoBinary) {
    return {.full = true};
  }
  return {.failure = lilotafs::describe(error)};
}

}  // namespace

struct HostVolume::State {
  explicit State(core::NorFlash& flash, uint32_t buffer_bytes)
      : buffer(buffer_bytes), volume(flash, buffer) {}

  // A descriptor and the length of what it reads.
  struct Reader {
    int descriptor = -1;
    uint32_t length = 0;
  };

  Outcome open(const std::string& path, Reader& reader) {
    const auto info = volume.stat(path);
    if (!info) {
      return outcome_of(info.error());
    }
    const auto opened = volume.open(path, Volume::Access::kRead);
    if (!opened) {
      return outcome_of(opened.error());
    }
    reader = {opened.value(), info.value().length};
    return {};
  }

  Outcome read_all(const Reader& reader, Bytes& bytes) {
    bytes.resize(reader.length + 1);  // a file is no longer than it says
    const auto got = volume.read(reader.descriptor, bytes);
    if (!got) {
      return outcome_of(got.error());
    }
    bytes.resize(got.value());
    return {};
  }

  std::vector<uint8_t> buffer;
  Volume volume;
  std::vector<Reader> readers;
  const char* call = "";
};

HostVolume::HostVolume(core::NorFlash& flash, uint32_t buffer_bytes)
    : state_(std::make_unique<State>(flash, buffer_bytes)) {}

HostVolume::~HostVolume() = default;

lilotafs::Volume& HostVolume::volume() {
  return state_->volume;
}

const char* HostVolume::call() const {
  return state_->call;
}

Outcome HostVolume::mount() {
  state_->call = "mount";
  const auto report = state_->volume.mount();
  return report ? Outcome{} : outcome_of(report.error());
}

Outcome HostVolume::write(const std::string& path, std::span<const uint8_t> bytes,
                          uint32_t pieces) {
  state_->call = "open";
  // One call knows the length beforehand; who writes in pieces may not.
  const auto expected = pieces == 1 ? static_cast<uint32_t>(bytes.size()) : 0;
  const auto opened = state_->volume.open(path, Volume::Access::kCreate, expected);
  if (!opened) {
    return outcome_of(opened.error());
  }
  state_->call = "write";
  const size_t piece = bytes.size() / pieces + 1;
  Error error = Error::kOk;
  while (!bytes.empty() && error == Error::kOk) {
    const auto next = bytes.first(std::min(piece, bytes.size()));
    error = state_->volume.write(opened.value(), next);
    bytes = bytes.subspan(next.size());
  }
  state_->call = "close";
  const Error closed = state_->volume.close(opened.value());
  return outcome_of(error == Error::kOk ? closed : error);
}

Outcome HostVolume::remove(const std::string& path) {
  state_->call = "remove";
  return outcome_of(state_->volume.remove(path));
}

Outcome HostVolume::mkdir(const std::string& path) {
  state_->call = "mkdir";
  return outcome_of(state_->volume.mkdir(path));
}

Outcome HostVolume::read(const std::string& path, Bytes& bytes) {
  State::Reader reader;
  if (Outcome opened = state_->open(path, reader); !opened.done()) {
    return opened;
  }
  const Outcome outcome = state_->read_all(reader, bytes);
  const Outcome closed = outcome_of(state_->volume.close(reader.descriptor));
  return outcome.done() ? closed : outcome;
}

Outcome HostVolume::list(Listing& listing) {
  listing.files.clear();
  std::vector<std::string> folders = {""};
  for (size_t i = 0; i < folders.size(); ++i) {
    const std::string folder = folders[i];
    lilotafs::Directory directory;
    Error error = state_->volume.opendir(folder, directory);
    for (bool more = error == Error::kOk; more;) {
      lilotafs::DirectoryEntry entry;
      const auto got = state_->volume.readdir(directory, entry);
      if (!got) {
        error = got.error();
      }
      more = got && got.value();
      if (more) {
        const std::string path = folder + std::string(entry.name);
        listing.files.push_back({path, {}});
        // No path leads to a name with a slash in front, and "." is the root.
        if (path.ends_with('/') && path.front() != '/' && path != "./") {
          folders.push_back(path);
        }
      }
    }
    const Error closed = state_->volume.closedir(directory);
    if (error != Error::kOk || closed != Error::kOk) {
      return outcome_of(error != Error::kOk ? error : closed);
    }
  }
  for (auto& [path, bytes] : listing.files) {
    if (path.ends_with('/')) {
      continue;
    }
    const Outcome outcome = read(path, bytes);
    if (!outcome.done()) {
      return {.failure = path + ": " + outcome.failure};
    }
  }
  return {};
}

Outcome HostVolume::open_reader(const std::string& path) {
  State::Reader reader;
  Outcome opened = state_->open(path, reader);
  if (opened.done()) {
    state_->readers.push_back(reader);
  }
  return opened;
}

Outcome HostVolume::read_again(size_t reader, Bytes& bytes) {
  const State::Reader& again = state_->readers[reader];
  const auto start = state_->volume.seek(again.descriptor, 0, lilotafs::Whence::kSet);
  return start ? state_->read_all(again, bytes) : outcome_of(start.error());
}

void HostVolume::close_readers() {
  for (const auto& reader : state_->readers) {
    state_->volume.close(reader.descriptor);
  }
  state_->readers.clear();
}

}  // namespace flashstore::torture
