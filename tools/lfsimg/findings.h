// What lfsimg verify finds, in words: what it is, what it does to a device, and the way out.
#pragma once

#include <string_view>

namespace flashstore::lfsimg {

struct Finding {
  std::string_view id;  // stable
  std::string_view what;
  std::string_view effect;   // on a device that is to reload it; empty: only of files to be flashed
  std::string_view way_out;  // empty: none
};

// The finding with this id; it is one of those that the libraries and verify.cpp name.
const Finding& finding(std::string_view id);

}  // namespace flashstore::lfsimg
