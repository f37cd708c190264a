// A compiled Lua function, as the parts of this library hand it to each other: independent of
// number type, word size and address of the target.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

namespace flashstore::luac {

// nil, boolean, number (an integer flavour's numbers are whole and fit int32), string.
using Constant = std::variant<std::monostate, bool, double, std::string>;

struct LocalVariable {
  std::string name;
  uint32_t start_pc = 0;  // first instruction it is alive at
  uint32_t end_pc = 0;    // first instruction it is dead at

  bool operator==(const LocalVariable&) const = default;
};

inline constexpr int kMaxNesting = 200;  // Lua's parser puts functions into functions no deeper

struct Function {
  std::optional<std::string> source;  // "@path" or "=name"; none in stripped code
  uint32_t line_defined = 0;          // 0 for a main chunk
  uint32_t last_line_defined = 0;
  uint8_t upvalue_count = 0;
  uint8_t parameter_count = 0;
  uint8_t vararg_flags = 0;    // Lua's own bits
  uint8_t max_stack = 0;       // registers
  std::vector<uint32_t> code;  // stock Lua 5.1 instructions
  std::vector<Constant> constants;
  std::vector<Function> children;
  std::string line_map;  // packed (luaflash/FORMAT.md, "Line map"), without the NUL; empty: none
  std::vector<LocalVariable> locals;
  std::vector<std::string> upvalue_names;

  bool operator==(const Function&) const = default;
};

}  // namespace flashstore::luac
