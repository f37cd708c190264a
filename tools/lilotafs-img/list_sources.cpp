#include <sys/stat.h>

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <set>

#include "host/files.h"
#include "host/json.h"
#include "sources.h"

namespace flashstore::lilotafs_img {
namespace {

using host::Diagnostic;
using host::Json;

constexpr size_t kMaxListBytes = 64 << 20;

class ListReader {
 public:
  ListReader(const std::string& list, Diagnostics& problems)
      : list_(list),
        folder_(list == "-" ? "" : std::filesystem::path(list).parent_path()),
        problems_(problems) {}

  void take(const Json& document) {
    if (!document.is_object() || !document.contains("files") || !document["files"].is_array()) {
      return problem("list-format", "no list of files: an object with an array 'files' is wanted");
    }
    for (const Json& entry : document["files"]) {
      ++number_;
      take_entry(entry);
    }
  }

  std::vector<Source> found;

 private:
  void problem(const char* id, const std::string& message) {
    problems_.push_back(Diagnostic{.id = id, .message = message, .file = list_});
  }

  void entry_problem(const char* id, const std::string& message) {
    problem(id, "entry " + std::to_string(number_) + ": " + message);
  }

  // Whether `entry` has nothing but texts, of these names.
  bool is_well_formed(const Json& entry) {
    static const std::set<std::string> kKnown{"path", "file", "text"};
    if (!entry.is_object() || !entry.contains("path")) {
      entry_problem("list-format", "an object with 'path' is wanted");
      return false;
    }
    for (const auto& [key, value] : entry.items()) {
      if (!kKnown.contains(key) || !value.is_string()) {
        entry_problem("list-format",
                      "'" + key + "' is " + (kKnown.contains(key) ? "no text" : "unknown"));
        return false;
      }
    }
    return true;
  }

  void take_entry(const Json& entry) {
    if (!is_well_formed(entry)) {
      return;
    }
    const std::string path = entry["path"];
    const bool has_file = entry.contains("file");
    const bool has_text = entry.contains("text");
    if (path.ends_with('/')) {
      has_file || has_text ? entry_problem("list-format", path + " is a directory: it has no bytes")
                           : found.push_back({.item = {path}});
    } else if (has_file == has_text) {
      entry_problem("list-format", path + " wants either 'file' or 'text'");
    } else if (has_text) {
      const std::string text = entry["text"];
      found.push_back({.item = {path, text.size()}, .text = text});
    } else {
      take_file(path, (folder_ / entry["file"].get<std::string>()).string());
    }
  }

  void take_file(const std::string& path, const std::string& file) {
    struct stat status {};
    if (stat(file.c_str(), &status) != 0) {
      entry_problem("unreadable", "cannot read " + file + ": " + std::strerror(errno));
    } else if (!S_ISREG(status.st_mode)) {
      entry_problem("not-a-file", file + " is " + image::kind_of(status.st_mode) + ", no file");
    } else {
      found.push_back({.item = {path, static_cast<uint64_t>(status.st_size)},
                       .file = file,
                       .identity = {status.st_dev, status.st_ino}});
    }
  }

  std::string list_;
  std::filesystem::path folder_;
  Diagnostics& problems_;
  size_t number_ = 0;  // of the entry, from 1
};

}  // namespace

std::vector<Source> sources_of_list(const std::string& file, const Filter& filter,
                                    Diagnostics& problems) {
  const auto text = host::read_file(file, kMaxListBytes);
  if (!text) {
    problems.push_back(Diagnostic{.id = "unreadable", .message = text.error().message});
    return {};
  }
  ListReader reader(file, problems);
  try {
    reader.take(Json::parse(text.value()));
  } catch (const Json::parse_error& error) {
    problems.push_back(Diagnostic{.id = "list-json",
                                  .message = "no JSON: unexpected byte or end",
                                  .file = file,
                                  .offset = error.byte == 0 ? 0 : error.byte - 1});
    return {};
  }
  std::erase_if(reader.found, [&](const Source& source) {
    return filter.excludes(source.item.path) || !filter.includes(source.item.path);
  });
  return std::move(reader.found);
}

}  // namespace flashstore::lilotafs_img
