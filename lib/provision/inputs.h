// The files a manifest names, read: what a plan is made of.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "provision/manifest.h"

namespace flashstore::provision {

struct Inputs {
  // By their paths from the manifest's folder.
  std::map<std::string, std::string> files;
  // Patterns replaced by what they stand for, in the order of the bytes of the names.
  std::vector<std::string> sources;
  // Of the lilotafs directory: the directories below it, with a slash at the end.
  std::vector<std::string> directories;
};

// What is known of a file without having it.
struct InputDigest {
  std::string path;
  uint64_t bytes = 0;
  std::string sha256;
  bool operator==(const InputDigest&) const = default;
};

// Reads what `manifest` names. Nothing outside `folder` is read, be it by "..", from the root or
// through a symbolic link: reason "outside-folder".
core::Result<Inputs, Problem> read_inputs(const Manifest& manifest, const std::string& folder);

// In the order of their paths; directories have no digest.
std::vector<InputDigest> digests_of(const Inputs& inputs);

}  // namespace flashstore::provision
