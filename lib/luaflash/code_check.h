// Whether a function's instructions are such that a device can run them.
#pragma once

#include <cstdint>

namespace flashstore::luaflash {

// What instructions refer to, of one function.
struct CodeFrame {
  uint32_t instructions = 0;
  uint32_t constants = 0;
  uint32_t children = 0;
  uint32_t nups = 0;
  uint32_t numparams = 0;
  uint32_t is_vararg = 0;
  uint32_t maxstack = 0;
};

// Where they are. Indices are below the counts of the frame.
class CodeSource {
 public:
  virtual uint32_t instruction(uint32_t pc) const = 0;
  virtual bool is_string(uint32_t constant) const = 0;
  virtual uint32_t child_nups(uint32_t child) const = 0;

 protected:
  ~CodeSource() = default;
};

inline constexpr uint32_t kCodeIsGood = UINT32_MAX;

// The first bad instruction: one that does not exist, names registers, constants, upvalues or
// functions that are not there, leads out of the code or into words that are no instructions, or is
// not the RETURN at the end. kCodeIsGood if there is none. Types and the order of execution are not
// looked into, nor are functions inside this one.
uint32_t find_bad_code(const CodeFrame& frame, const CodeSource& source);

}  // namespace flashstore::luaflash
