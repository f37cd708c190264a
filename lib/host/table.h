// Columns of text.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace flashstore::host {

// Rows of cells as lines, each column as wide as its widest cell, two spaces between columns.
// `alignment` has a character for each column, 'l' or 'r'; each row has as many cells. Widths count
// UTF-8 characters. No spaces at the ends of lines.
std::string table(std::string_view alignment, const std::vector<std::vector<std::string>>& rows);

}  // namespace flashstore::host
