// Holds the tables of a FORMAT.md against the constants of its format.h.
#pragma once

#include <cstdint>
#include <map>
#include <regex>
#include <string>
#include <vector>

namespace flashstore::test {

// Name and value, as the compiler knows them.
using Constants = std::map<std::string, uint32_t>;

// Reports to GoogleTest unless the text of a header declares just `constants`, each once: as
// `inline constexpr TYPE NAME =`, or in an enum.
void expect_header_declares(const std::string& header, const Constants& constants);

// Reports to GoogleTest unless the page has one row "| `kName` | value | ..." for each constant,
// and mentions (`kName`) nothing that is none.
void expect_tables_hold(const std::string& page, const Constants& constants);

// Reports to GoogleTest unless the page has these sections, which code refers to.
void expect_sections(const std::string& page, const std::vector<std::string>& sections);

std::vector<std::smatch> matches(const std::string& text, const std::regex& pattern);

}  // namespace flashstore::test
