// Where the files of a lilotafs partition come from: a folder of this computer, or texts.
#pragma once

#include <sys/types.h>

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "core/result.h"
#include "host/diagnostic.h"
#include "image/pack.h"

namespace flashstore::image {

// A file of this computer, whatever it is called.
struct FileIdentity {
  dev_t device = 0;
  ino_t number = 0;
  bool operator==(const FileIdentity&) const = default;
};

struct Source {
  PackItem item;
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

// "a named pipe", of what stat(2) says.
std::string kind_of(mode_t mode);

// The bytes of `source`, as many as it is said to have, into `into`. Returns what is wrong, also if
// they have become more or fewer.
std::optional<host::Diagnostic> read_source(const Source& source, std::span<uint8_t> into);

// In the order of a partition, with all directories.
void put_in_order(std::vector<Source>& sources);

std::vector<PackItem> items_of(const std::vector<Source>& sources);

// What is wrong with the paths of `sources`, which are in order.
Diagnostics check_sources(const std::vector<Source>& sources);

bool has_executables(const std::vector<Source>& sources);

// What is wrong with a partition of `sources` at `address` of the flash: a chip maps data of a
// `.bin` for execution only where they are aligned in the flash too.
std::optional<host::Diagnostic> misplaced(const std::vector<Source>& sources, uint32_t address);

// The partition of `size` bytes that holds `sources`, which `layout` is of; or what could not be
// read.
core::Result<std::vector<uint8_t>, host::Diagnostic> pack(const std::vector<Source>& sources,
                                                          const PackLayout& layout, uint32_t size,
                                                          bool check_bytes);

}  // namespace flashstore::image
