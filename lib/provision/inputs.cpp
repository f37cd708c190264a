#include "provision/inputs.h"

#include <fnmatch.h>

#include <algorithm>
#include <filesystem>
#include <system_error>

#include "host/digest.h"
#include "host/files.h"
#include "image/pack_sources.h"

namespace flashstore::provision {
namespace {

namespace fs = std::filesystem;

constexpr size_t kMaxFileBytes = 64 << 20;  // more than any chip has

bool is_pattern(const std::string& name) {
  return name.find_first_of("*?[") != std::string::npos;
}

// The folder that a path which may be empty stands for.
fs::path existing(const fs::path& folder) {
  return folder.empty() ? "." : folder;
}

class Reader {
 public:
  explicit Reader(const std::string& folder) : folder_(folder) {}

  std::optional<Problem> read(const std::string& path) {
    if (inputs_.files.contains(path)) {
      return std::nullopt;
    }
    if (auto problem = confine(path)) {
      return problem;
    }
    auto content = host::read_input(folder_ / path, kMaxFileBytes);
    if (!content) {
      return content.error();
    }
    inputs_.files[path] = std::move(content).value();
    return std::nullopt;
  }

  // A file, or all that a pattern in the last part of the path stands for.
  std::optional<Problem> read_sources(const std::string& path) {
    const fs::path pattern(path);
    if (!is_pattern(pattern.filename())) {
      inputs_.sources.push_back(path);
      return read(path);
    }
    const fs::path parent = pattern.parent_path();
    if (auto problem = confine(parent.empty() ? "." : parent.string())) {
      return problem;
    }
    std::vector<std::string> found;
    std::error_code error;
    for (const auto& entry : fs::directory_iterator(existing(folder_ / parent), error)) {
      const std::string name = entry.path().filename();
      if (fnmatch(pattern.filename().c_str(), name.c_str(), FNM_PERIOD) == 0) {
        found.push_back(parent / name);
      }
    }
    if (error || found.empty()) {
      return refused("no-match", "nothing matches '" + (folder_ / path).string() + "'");
    }
    std::sort(found.begin(), found.end());
    for (const std::string& source : found) {
      inputs_.sources.push_back(source);
      if (auto problem = read(source)) {
        return problem;
      }
    }
    return std::nullopt;
  }

  std::optional<Problem> read_directory(const std::string& path) {
    if (auto problem = confine(path)) {
      return problem;
    }
    image::Diagnostics problems;
    auto sources = image::sources_in(folder_ / path, {}, problems);
    if (!problems.empty()) {
      const bool unreadable = problems.front().id == "unreadable";
      return Problem{unreadable ? host::kEnvironment : host::kNo, problems.front()};
    }
    for (const image::Source& source : sources) {
      const std::string inside = fs::path(path) / source.item.path;
      if (source.item.path.ends_with('/')) {
        inputs_.directories.push_back(inside);
      } else if (auto problem = read(inside)) {
        return problem;
      }
    }
    std::sort(inputs_.directories.begin(), inputs_.directories.end());
    return std::nullopt;
  }

  Inputs take() { return std::move(inputs_); }

 private:
  // Whether `path` stays in the folder: as it is written, and as the links in it lead.
  std::optional<Problem> confine(const std::string& path) const {
    const fs::path named(path);
    const bool leaves = std::find(named.begin(), named.end(), "..") != named.end();
    if (named.is_absolute() || leaves) {
      return refused("outside-folder",
                     "'" + path + "' " + (leaves ? "leaves the folder" : "is no relative path"),
                     "paths are relative to the folder of the manifest, and stay in it");
    }
    std::error_code error;
    const fs::path root = fs::canonical(existing(folder_), error);
    const fs::path target = fs::weakly_canonical(root / named, error);
    const auto [at, rest] = std::mismatch(root.begin(), root.end(), target.begin(), target.end());
    if (!error && at != root.end()) {
      return refused("outside-folder",
                     "'" + path + "' leads out of the folder through a symbolic link",
                     "put a copy of the file into the folder");
    }
    return std::nullopt;
  }

  fs::path folder_;
  Inputs inputs_;
};

}  // namespace

core::Result<Inputs, Problem> read_inputs(const Manifest& manifest, const std::string& folder) {
  Reader reader(folder);
  std::vector<std::string> files = {manifest.firmware, manifest.bootloader,
                                    manifest.partition_table, manifest.lfs.image,
                                    manifest.lilotafs.image};
  for (const Manifest::Resource& resource : manifest.lfs.resources) {
    files.push_back(resource.file);
  }
  for (const Manifest::Raw& raw : manifest.raw) {
    files.push_back(raw.file);
  }
  for (const std::string& file : files) {
    if (auto problem = file.empty() ? std::nullopt : reader.read(file)) {
      return *problem;
    }
  }
  for (const std::string& source : manifest.lfs.sources) {
    if (auto problem = reader.read_sources(source)) {
      return *problem;
    }
  }
  if (!manifest.lilotafs.directory.empty()) {
    if (auto problem = reader.read_directory(manifest.lilotafs.directory)) {
      return *problem;
    }
  }
  return reader.take();
}

std::vector<InputDigest> digests_of(const Inputs& inputs) {
  std::vector<InputDigest> digests;
  for (const auto& [path, content] : inputs.files) {
    digests.push_back({path, content.size(), host::sha256(content)});
  }
  for (const std::string& path : inputs.directories) {
    digests.push_back({path, 0, ""});
  }
  std::sort(digests.begin(), digests.end(),
            [](const InputDigest& a, const InputDigest& b) { return a.path < b.path; });
  return digests;
}

}  // namespace flashstore::provision
