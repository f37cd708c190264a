#include "torture/expectation.h"

#include <set>
#include <utility>

namespace flashstore::torture {
namespace {

bool same(const Content& content, const Bytes& bytes) {
  return content && *content == bytes;
}

}  // namespace

void Expectation::settle(const std::string& path, Content content) {
  if (content) {
    files_[path] = std::move(content);
  } else {
    files_.erase(path);
  }
  changing_.clear();
}

void Expectation::begin(const std::string& path, Content content) {
  changing_ = path;
  next_ = std::move(content);
}

Content Expectation::content(const std::string& path) const {
  const auto found = files_.find(path);
  return path == changing_ || found == files_.end() ? nullptr : found->second;
}

std::string Expectation::judge(const Listing& found) const {
  std::set<std::string> seen;
  for (const auto& [path, bytes] : found.files) {
    const auto old = files_.find(path);
    const bool known = old != files_.end();
    const bool changing = !changing_.empty() && path == changing_;
    if (!seen.insert(path).second) {
      return path + " is there twice";
    }
    if (!known && !(changing && next_)) {
      return path + " is there, which nobody wrote";
    }
    if (!(known && same(old->second, bytes)) && !(changing && same(next_, bytes))) {
      return path + " holds " + std::to_string(bytes.size()) +
             " bytes that are neither the old nor the new content";
    }
  }
  for (const auto& [path, content] : files_) {
    if (!seen.contains(path) && !(path == changing_ && !next_)) {
      return path + " is lost";
    }
  }
  return "";
}

}  // namespace flashstore::torture
