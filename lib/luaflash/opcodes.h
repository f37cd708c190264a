// The instructions of Lua 5.1, the code of an image (FORMAT.md, "Functions").
#pragma once

#include <array>
#include <cstdint>

namespace flashstore::luaflash {

enum Opcode : uint8_t {
  kOpMove,
  kOpLoadK,
  kOpLoadBool,
  kOpLoadNil,
  kOpGetUpvalue,
  kOpGetGlobal,
  kOpGetTable,
  kOpSetGlobal,
  kOpSetUpvalue,
  kOpSetTable,
  kOpNewTable,
  kOpSelf,
  kOpAdd,
  kOpSub,
  kOpMul,
  kOpDiv,
  kOpMod,
  kOpPow,
  kOpUnm,
  kOpNot,
  kOpLen,
  kOpConcat,
  kOpJump,
  kOpEqual,
  kOpLess,
  kOpLessEqual,
  kOpTest,
  kOpTestSet,
  kOpCall,
  kOpTailCall,
  kOpReturn,
  kOpForLoop,
  kOpForPrepare,
  kOpTForLoop,
  kOpSetList,
  kOpClose,
  kOpClosure,
  kOpVararg,
  kOpcodes
};

// How an instruction's 26 bits above the opcode are divided: A 8, then C 9 and B 9, or one of 18.
enum class Layout : uint8_t { kABC, kABx, kAsBx };

// What an operand is.
enum class Operand : uint8_t {
  kUnused,
  kNumber,    // or a register: just a number here
  kConstant,  // a register, or with kConstantOperand set a constant
};

struct OpcodeTraits {
  const char* name;
  Layout layout;
  Operand b;
  Operand c;
};

inline constexpr uint32_t kConstantOperand = 256;
inline constexpr uint32_t kMaxConstantOperand = 255;
inline constexpr int32_t kJumpBias = 131071;

inline constexpr std::array<OpcodeTraits, kOpcodes> kOpcodeTraits = [] {
  constexpr auto N = Operand::kUnused;
  constexpr auto U = Operand::kNumber;
  constexpr auto K = Operand::kConstant;
  constexpr auto ABC = Layout::kABC;
  return std::array<OpcodeTraits, kOpcodes>{{
      {"MOVE", ABC, U, N},
      {"LOADK", Layout::kABx, K, N},
      {"LOADBOOL", ABC, U, U},
      {"LOADNIL", ABC, U, N},
      {"GETUPVAL", ABC, U, N},
      {"GETGLOBAL", Layout::kABx, K, N},
      {"GETTABLE", ABC, U, K},
      {"SETGLOBAL", Layout::kABx, K, N},
      {"SETUPVAL", ABC, U, N},
      {"SETTABLE", ABC, K, K},
      {"NEWTABLE", ABC, U, U},
      {"SELF", ABC, U, K},
      {"ADD", ABC, K, K},
      {"SUB", ABC, K, K},
      {"MUL", ABC, K, K},
      {"DIV", ABC, K, K},
      {"MOD", ABC, K, K},
      {"POW", ABC, K, K},
      {"UNM", ABC, U, N},
      {"NOT", ABC, U, N},
      {"LEN", ABC, U, N},
      {"CONCAT", ABC, U, U},
      {"JMP", Layout::kAsBx, U, N},
      {"EQ", ABC, K, K},
      {"LT", ABC, K, K},
      {"LE", ABC, K, K},
      {"TEST", ABC, U, U},
      {"TESTSET", ABC, U, U},
      {"CALL", ABC, U, U},
      {"TAILCALL", ABC, U, U},
      {"RETURN", ABC, U, N},
      {"FORLOOP", Layout::kAsBx, U, N},
      {"FORPREP", Layout::kAsBx, U, N},
      {"TFORLOOP", ABC, N, U},
      {"SETLIST", ABC, U, U},
      {"CLOSE", ABC, N, N},
      {"CLOSURE", Layout::kABx, U, N},
      {"VARARG", ABC, U, N},
  }};
}();

constexpr uint32_t encode_abc(Opcode op, uint32_t a, uint32_t b, uint32_t c) {
  return op | a << 6 | c << 14 | b << 23;
}

constexpr uint32_t encode_abx(Opcode op, uint32_t a, uint32_t bx) {
  return op | a << 6 | bx << 14;
}

constexpr uint32_t encode_jump(int32_t distance) {
  return encode_abx(kOpJump, 0, static_cast<uint32_t>(distance + kJumpBias));
}

constexpr uint32_t opcode_of(uint32_t i) {
  return i & 0x3F;
}
constexpr uint32_t a_of(uint32_t i) {
  return i >> 6 & 0xFF;
}
constexpr uint32_t b_of(uint32_t i) {
  return i >> 23;
}
constexpr uint32_t c_of(uint32_t i) {
  return i >> 14 & 0x1FF;
}
constexpr uint32_t bx_of(uint32_t i) {
  return i >> 14;
}
constexpr int32_t sbx_of(uint32_t i) {
  return static_cast<int32_t>(bx_of(i)) - kJumpBias;
}

}  // namespace flashstore::luaflash
