// Functions with their instructions in words, the way luac -l shows them.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "luac/ir.h"

namespace flashstore::luac {

struct Instruction {
  size_t number;         // from 1; a word of data behind an instruction has one, but is not shown
  uint32_t line;         // 0: not known
  const char* name;      // "?" for what is no instruction
  std::string operands;  // constants as -1 - index
  std::string comment;   // the constants, functions and targets that are meant; may be empty
};

struct Disassembly {
  std::string id;  // "0x" and the function's place in the order of all
  const Function* function;
  std::vector<std::string> children;  // their ids
  std::vector<Instruction> code;
};

// `root` and all functions inside it, each before its children; `root` must outlive them.
std::vector<Disassembly> disassemble(const Function& root);

// A constant as Lua source would have it.
std::string shown(const Constant& constant);

// A variable's name; like a constant if it is none that Lua source could have.
std::string shown_name(const std::string& name);

// The name of a function's source as Lua's messages have it.
std::string shown_source(const Function& function);

}  // namespace flashstore::luac
