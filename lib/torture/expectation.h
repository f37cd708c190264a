// What a file system has to hold, and what it may hold after a power cut.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace flashstore::torture {

using Bytes = std::vector<uint8_t>;
using Content = std::shared_ptr<const Bytes>;  // null: there is no such file

// What was found: every path as often as it was listed. A directory's ends with '/' and is empty.
struct Listing {
  std::vector<std::pair<std::string, Bytes>> files;
};

class Expectation {
 public:
  // The files that are there, whatever happens.
  void settle(const std::string& path, Content content);
  // From now on a file is as it was or as it will be; settle() ends that.
  void begin(const std::string& path, Content content);

  // "" or what is wrong: a file neither old nor new, one that nobody wrote, one listed twice.
  std::string judge(const Listing& found) const;

  // Null if there is none, or if it is being written.
  Content content(const std::string& path) const;
  const std::map<std::string, Content>& files() const { return files_; }
  // The path being written; empty: none.
  const std::string& changing() const { return changing_; }
  const Content& next() const { return next_; }

 private:
  std::map<std::string, Content> files_;
  std::string changing_;  // the path; empty: none
  Content next_;
};

}  // namespace flashstore::torture
