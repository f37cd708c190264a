// Where the files of a partition come from: a folder of this computer, or a list.
#pragma once

#include <sys/types.h>

#include <string>
#include <vector>

#include "host/diagnostic.h"
#include "image/pack.h"

namespace flashstore::lilotafs_img {

// A file of this computer, whatever it is called.
struct FileIdentity {
  dev_t device = 0;
  ino_t number = 0;
  bool operator==(const FileIdentity&) const = default;
};

struct Source {
  image::PackItem item;
  std::string file = {};  // of this computer; empty: its bytes are `text`
  std::string text = {};
  FileIdentity identity = {};
  bool is_made = false;  // a directory nobody named, for what is in it
};

// What is wrong with the sources goes here, all of it; then they are of no use.
using Diagnostics = std::vector<host::Diagnostic>;

// Patterns as of a shell. One without a slash is for names in any directory, another for whole
// paths; `*` also stands for slashes.
struct Filter {
  std::vector<std::string> include;  // empty: all files
  std::vector<std::string> exclude;  // goes before `include`; of a directory all that is in it

  bool excludes(const std::string& path) const;
  bool includes(const std::string& path) const;
};

// All files and directories below `folder`; symbolic links are followed. With Filter::include
// directories are there only for what is in them.
std::vector<Source> sources_in(const std::string& folder, const Filter& filter,
                               Diagnostics& problems);

// The files that the JSON document `file` lists: pack-list.schema.json. Their paths count from its
// folder.
std::vector<Source> sources_of_list(const std::string& file, const Filter& filter,
                                    Diagnostics& problems);

// "a named pipe", of what stat(2) says.
std::string kind_of(mode_t mode);

// The bytes of `source`, as many as it is said to have, into `into`. Returns what is wrong, also if
// they have become more or fewer.
std::optional<host::Diagnostic> read_source(const Source& source, std::span<uint8_t> into);

// In the order of a partition, with all directories.
void put_in_order(std::vector<Source>& sources);

}  // namespace flashstore::lilotafs_img
