#include "support/format_doc.h"

#include <gtest/gtest.h>

namespace flashstore::test {

std::vector<std::smatch> matches(const std::string& text, const std::regex& pattern) {
  return {std::sregex_iterator(text.begin(), text.end(), pattern), {}};
}

void expect_header_declares(const std::string& header, const Constants& constants) {
  const std::string code = std::regex_replace(header, std::regex("//[^\n]*"), "");
  std::map<std::string, int> declared;
  for (const std::smatch& match : matches(code, std::regex("inline constexpr \\w+ (\\w+)\\s*="))) {
    ++declared[match[1]];
  }
  EXPECT_EQ(declared.size(), matches(code, std::regex("\\bconstexpr\\b")).size())
      << "a constant declared in another way";
  for (const std::smatch& match : matches(code, std::regex("enum\\s[^{;]*\\{([^}]*)\\}"))) {
    const std::string body = match[1];
    for (const std::smatch& enumerator :
         matches(body, std::regex("(\\w+)\\s*(=[^,]*)?(,|\\s*$)"))) {
      ++declared[enumerator[1]];
    }
  }
  for (const auto& [name, count] : declared) {
    EXPECT_EQ(count, 1) << name;
    EXPECT_TRUE(constants.contains(name)) << "the test does not know " << name;
  }
  EXPECT_EQ(declared.size(), constants.size());
}

void expect_tables_hold(const std::string& page, const Constants& constants) {
  std::map<std::string, int> rows;
  for (const std::smatch& row :
       matches(page, std::regex("(^|\n)\\|\\s*`(k[A-Z]\\w*)`\\s*\\|\\s*(\\w+)\\s*\\|"))) {
    const std::string name = row[2];
    ++rows[name];
    const auto constant = constants.find(name);
    if (constant == constants.end()) {
      ADD_FAILURE() << "format.h has no " << name;
      continue;
    }
    size_t digits = 0;
    EXPECT_EQ(std::stoul(row[3], &digits, 0), constant->second) << name;
    EXPECT_EQ(digits, static_cast<size_t>(row.length(3))) << name;
  }
  for (const auto& [name, value] : constants) {
    EXPECT_EQ(rows[name], 1) << "rows of " << name;
  }
  for (const std::smatch& mention : matches(page, std::regex("`(k[A-Z]\\w*)`"))) {
    EXPECT_TRUE(constants.contains(mention[1])) << mention[1];
  }
}

void expect_sections(const std::string& page, const std::vector<std::string>& sections) {
  for (const std::string& section : sections) {
    EXPECT_NE(page.find("\n## " + section + "\n"), std::string::npos) << section;
  }
}

}  // namespace flashstore::test
