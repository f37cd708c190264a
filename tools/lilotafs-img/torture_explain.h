// One cut of a workload, told as a story.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "diagnosis.h"
#include "host/json_forward.h"
#include "torture/sweep.h"

namespace flashstore::lilotafs_img {

// A cut with what was going on and what recovery makes of it.
struct CutStory {
  // A file or directory before the cut, as it was to be, and after recovery; null: there is none.
  struct File {
    std::string path;
    std::optional<uint32_t> before;  // bytes
    std::optional<uint32_t> intended;
    std::optional<uint32_t> after;
    std::string what;  // "unchanged", "as it was", "as it was to be", "something else", "lost"
  };

  std::string id;
  std::string step;   // "write hot, 20 bytes"
  std::string call;   // of the file system: "close"
  std::string write;  // the operation: "program 0x123: 00"
  std::string field;  // what that is for
  std::string done;   // of it, and what is left
  uint64_t bytes_done = 0;
  uint64_t bytes_torn = 0;
  uint64_t bytes_left = 0;
  Diagnosis recovery;
  std::vector<File> files;
};

CutStory story_of(const torture::Workload& workload, const torture::CutMoment& moment);

std::string as_text(const CutStory& story);
host::Json to_json(const CutStory& story);

}  // namespace flashstore::lilotafs_img
