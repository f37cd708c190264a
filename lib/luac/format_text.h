// Numbers in text, by printf's patterns.
#pragma once

#include <cstdio>
#include <string>

namespace flashstore::luac {

// Up to 127 characters; more are cut.
template <class... Args>
std::string format(const char* pattern, Args... args) {
  char text[128];
  std::snprintf(text, sizeof text, pattern, args...);
  return text;
}

}  // namespace flashstore::luac
