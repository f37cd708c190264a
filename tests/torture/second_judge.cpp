#include "torture/second_judge.h"

#include <algorithm>
#include <map>

#include "lilotafs/independent_parser.h"

namespace flashstore::test {

std::string judge_again(std::span<const uint8_t> image, const torture::Listing& found) {
  const ParsedImage parsed = parse_lilotafs(image);
  if (!parsed.damage.empty()) {
    return "parser: " + parsed.damage + " at " + std::to_string(parsed.damage_offset);
  }
  std::map<std::string, const torture::Bytes*> listed;
  for (const auto& [path, bytes] : found.files) {
    listed[path] = &bytes;
  }
  for (const ParsedFile& file : parsed.files) {
    const auto same = listed.find(file.path);
    if (same == listed.end()) {
      return "parser: finds " + file.path + ", which is not listed";
    }
    if (!std::ranges::equal(*same->second, file.bytes)) {
      return "parser: reads " + file.path + " differently";
    }
  }
  return parsed.files.size() == listed.size() ? "" : "parser: does not find a file that is listed";
}

}  // namespace flashstore::test
