// The Lua prompt: lines typed on the console, run as they are completed.
#pragma once

#include <array>
#include <cstddef>

extern "C" {
#include "lua.h"
}

namespace flashstore::firmware {

class Prompt {
 public:
  explicit Prompt(lua_State* L) : L_(L) {}

  void show() const;

  // The next byte typed: echoed, and if it ends a line that ends a chunk, the chunk is run.
  void take(char byte);

 private:
  void end_line();
  void push_chunk(lua_State* L, bool continued) const;
  // Runs the line of the Prompt that is its argument.
  static int run(lua_State* L);

  lua_State* L_;
  std::array<char, 256> line_{};
  size_t length_ = 0;
  bool too_long_ = false;
  bool continues_ = false;     // what was typed so far is in the registry
  bool after_return_ = false;  // the newline that may follow a carriage return is a part of it
};

}  // namespace flashstore::firmware
