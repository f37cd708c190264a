#include "diff_text.h"

#include <algorithm>

#include "host/printable.h"
#include "host/quantities.h"
#include "host/table.h"

namespace flashstore::lfsimg {
namespace {

std::string signed_bytes(uint64_t before, uint64_t after) {
  return before <= after ? "+" + std::to_string(after - before)
                         : "-" + std::to_string(before - after);
}

// "5,108 B (5.0 KiB), now 5,300 B (5.2 KiB): +192 B, +3.8 %".
std::string growth(uint64_t before, uint64_t after) {
  std::string text = host::bytes(before);
  if (before == after) {
    return text + ", as before";
  }
  const uint64_t difference = before < after ? after - before : before - after;
  text += ", now " + host::bytes(after) + ": " + signed_bytes(before, after) + " B";
  return before == 0
             ? text
             : text + ", " + (before < after ? "+" : "-") + host::percent(difference, before);
}

std::vector<std::string> cells(const Change& change) {
  return {name(change.change), std::to_string(change.before), std::to_string(change.after),
          signed_bytes(change.before, change.after)};
}

size_t shown(const std::vector<Change>& changes, std::optional<uint32_t> top) {
  return std::min<size_t>(changes.size(), top.value_or(UINT32_MAX));
}

std::string table_of(const std::vector<Change>& changes, const char* title,
                     std::optional<uint32_t> top) {
  if (changes.empty()) {
    return "";
  }
  std::vector<std::vector<std::string>> rows{{"change", "before", "after", "by", title}};
  const size_t count = shown(changes, top);
  for (size_t i = 0; i < count; ++i) {
    rows.push_back(cells(changes[i]));
    rows.back().push_back(host::printable(changes[i].title));
  }
  std::string text = "\n" + host::table("lrrrl", rows);
  if (count < changes.size()) {
    text += "(" + std::to_string(changes.size() - count) + " more)\n";
  }
  return text;
}

// Between as many backquotes that those of `text` end nothing: then no character means anything,
// but for the bars of a table.
std::string code(const std::string& text) {
  size_t longest = 0;
  size_t run = 0;
  std::string body;
  for (const char c : host::printable(text)) {
    run = c == '`' ? run + 1 : 0;
    longest = std::max(longest, run);
    body += c == '|' ? "\\|" : std::string(1, c);
  }
  const std::string fence(longest + 1, '`');
  return longest == 0 ? fence + body + fence : fence + " " + body + " " + fence;
}

std::string markdown_table(const std::vector<Change>& changes, const char* title,
                           std::optional<uint32_t> top) {
  std::string text =
      "| " + std::string(title) + " | change | before | after | by |\n|---|---|---:|---:|---:|\n";
  const size_t count = shown(changes, top);
  for (size_t i = 0; i < count; ++i) {
    text += "| " + code(changes[i].title);
    for (const std::string& cell : cells(changes[i])) {
      text += " | " + cell;
    }
    text += " |\n";
  }
  if (count < changes.size()) {
    text += "\n" + std::to_string(changes.size() - count) + " more\n";
  }
  return text;
}

std::string folded(const std::string& title, const std::string& body) {
  return "\n<details><summary>" + title + "</summary>\n\n" + body + "\n</details>\n";
}

}  // namespace

std::string as_text(const Difference& difference, std::optional<uint32_t> top) {
  std::string text = "payload  " + growth(difference.payload_before, difference.payload_after) +
                     "\n" + "file     " + growth(difference.file_before, difference.file_after) +
                     "\n";
  if (difference.same) {
    return text + "the images are the same\n";
  }
  for (const std::string& remark : difference.remarks) {
    text += remark + "\n";
  }
  return text + table_of(difference.modules, "module", top) +
         table_of(difference.functions, "function", top) + table_of(difference.kinds, "kind", top);
}

std::string as_markdown(const Difference& difference, std::optional<uint32_t> top) {
  std::string text =
      "**LFS image**: " + growth(difference.payload_before, difference.payload_after) +
      ". File: " + growth(difference.file_before, difference.file_after) + ".\n";
  if (difference.same) {
    return text + "\nThe images are the same.\n";
  }
  for (const std::string& remark : difference.remarks) {
    text += "\n" + remark + "\n";
  }
  if (!difference.modules.empty()) {
    text += "\n" + markdown_table(difference.modules, "module", top);
  }
  if (!difference.functions.empty()) {
    text += folded(host::count(difference.functions.size(), "function"),
                   markdown_table(difference.functions, "function", top));
  }
  if (!difference.kinds.empty()) {
    text += folded("By kind", markdown_table(difference.kinds, "kind", top));
  }
  return text;
}

}  // namespace flashstore::lfsimg
