// What a mount finds and does, found out in memory. FORMAT.md of lib/lilotafs, "Recovery".
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "lilotafs/volume.h"
#include "norsim/contents.h"
#include "norsim/flash.h"
#include "norsim/operation.h"

namespace flashstore::lilotafs_img {

struct Finding {
  std::string id;       // stable: "file-unfinished"
  std::string message;  // what is there
  std::string repair;   // what is done about it; empty: nothing can be
  // Where power can have gone for this to be left.
  std::vector<std::string> cuts = {};
  std::optional<uint32_t> offset = {};  // in the partition
  std::string path = {};                // empty: not about a file, or not known
};

struct Diagnosis {
  lilotafs::Error error = lilotafs::Error::kOk;  // of the mount; what follows needs kOk
  lilotafs::MountReport report;
  std::vector<Finding> findings;  // with repairs first
  std::vector<norsim::OperationLog::Entry> operations;
  norsim::Contents after;  // as the mount leaves it
};

// Mounts what is on `flash`, as diagnose() does it; returns what that did to it.
std::vector<norsim::OperationLog::Entry> mount_operations(norsim::Flash& flash);

// Mounts a copy of `partition`.
Diagnosis diagnose(const norsim::Contents& partition);

}  // namespace flashstore::lilotafs_img
