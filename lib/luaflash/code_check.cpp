#include "luaflash/code_check.h"

#include <algorithm>
#include <array>

#include "luaflash/opcodes.h"

namespace flashstore::luaflash {
namespace {

constexpr uint32_t kMaxRegisters = 250;  // Lua's own limit of a function
constexpr uint32_t kNever = 1024;        // more registers than any function has

// What an instruction asks of its operands.
enum Operands : uint16_t {
  kRegister = 1,  // what B and C are
  kValue = 2,     // a register or a constant
  kUpvalue = 3,
  kB = 1,  // times these
  kC = 4,
  kKindMask = 3,
  kConstantBx = 1 << 4,
  kNameBx = 1 << 5,
  kJump = 1 << 6,  // leads to an instruction
  kTest = 1 << 7,  // a JMP follows, which is done or left out
  kNoA = 1 << 8,   // A is not a register
};

constexpr std::array<uint16_t, kOpcodes> kOperands = [] {
  std::array<uint16_t, kOpcodes> operands{};
  const auto set = [&operands](uint32_t what, auto... opcodes) {
    ((operands[opcodes] = static_cast<uint16_t>(what)), ...);
  };
  set(kB * kRegister, kOpMove, kOpUnm, kOpNot, kOpLen, kOpLoadNil);
  set(kConstantBx, kOpLoadK);
  set(kConstantBx | kNameBx, kOpGetGlobal, kOpSetGlobal);
  set(kB * kUpvalue, kOpGetUpvalue, kOpSetUpvalue);
  set(kB * kRegister | kC * kValue, kOpGetTable, kOpSelf);
  set(kB * kValue | kC * kValue, kOpSetTable, kOpAdd, kOpSub, kOpMul, kOpDiv, kOpMod, kOpPow);
  set(kB * kRegister | kC * kRegister, kOpConcat);
  set(kB * kValue | kC * kValue | kTest | kNoA, kOpEqual, kOpLess, kOpLessEqual);
  set(kTest, kOpTest, kOpTForLoop);
  set(kTest | kB * kRegister, kOpTestSet);
  set(kJump, kOpForLoop, kOpForPrepare);
  set(kJump | kNoA, kOpJump);
  set(kNoA, kOpReturn);
  return operands;
}();

class CodeCheck {
 public:
  CodeCheck(const CodeFrame& frame, const CodeSource& source) : f_(frame), source_(source) {}

  uint32_t bad() {
    if (f_.instructions == 0 || f_.maxstack > kMaxRegisters || f_.numparams > f_.maxstack) {
      return 0;
    }
    for (; pc_ < f_.instructions; ++pc_) {
      if (!instruction(at(pc_))) {
        return pc_;
      }
    }
    const uint32_t last = f_.instructions - 1;
    return opcode_of(at(last)) == kOpReturn ? kCodeIsGood : last;
  }

 private:
  uint32_t at(uint32_t pc) const { return source_.instruction(pc); }

  bool is_register(uint32_t number) const { return number < f_.maxstack; }

  bool fits(uint32_t kind, uint32_t value) const {
    switch (kind & kKindMask) {
      case kRegister:
        return is_register(value);
      case kValue:
        return value & kConstantOperand ? (value & kMaxConstantOperand) < f_.constants
                                        : is_register(value);
      case kUpvalue:
        return value < f_.nups;
      default:
        return true;
    }
  }

  // Whether the word before `pc` looks like a SETLIST whose block number is the word at `pc`.
  bool after_set_list(uint32_t pc) const {
    if (pc == 0) {
      return false;
    }
    const uint32_t before = at(pc - 1);
    return opcode_of(before) == kOpSetList && c_of(before) == 0;
  }

  // The word before may be such a number itself. No compiler makes more of them in a row.
  bool is_block_number(uint32_t pc) const {
    return after_set_list(pc) && (!after_set_list(pc - 1) || after_set_list(pc - 2));
  }

  bool is_target(uint32_t pc) const { return pc < f_.instructions && !is_block_number(pc); }

  // The word behind this one is taken with it. It is there and not the last one, which is a RETURN.
  bool skip_word() { return ++pc_ + 1 < f_.instructions; }

  // CLOSURE is followed by an instruction for each upvalue that says where it comes from.
  bool closure(uint32_t index) {
    if (index >= f_.children) {
      return false;
    }
    for (uint32_t left = source_.child_nups(index); left > 0; --left) {
      if (!skip_word()) {
        return false;
      }
      const uint32_t origin = at(pc_);
      const uint32_t op = opcode_of(origin);
      const uint32_t b = b_of(origin);
      if (!is_register(a_of(origin)) ||
          !(op == kOpMove ? is_register(b) : op == kOpGetUpvalue && b < f_.nups)) {
        return false;
      }
    }
    return true;
  }

  // How many registers from A on an instruction uses; kNever if its operands make no sense.
  uint32_t registers(uint32_t op, uint32_t a, uint32_t b, uint32_t c) const {
    switch (op) {
      case kOpLoadNil:
        return b >= a ? 1 : kNever;
      case kOpSelf:
        return 2;
      case kOpConcat:
        return b < c ? 1 : kNever;
      case kOpForLoop:
      case kOpForPrepare:
        return 4;
      case kOpTForLoop:
        return c >= 1 ? 3 + c : kNever;
      case kOpCall:
      case kOpTailCall:
        return std::max(b, c < 2 ? 1 : c - 1);
      case kOpReturn:
        return b == 0 ? 1 : b - 1;
      case kOpSetList:
        return b + 1;
      case kOpVararg:
        return f_.is_vararg == 0 ? kNever : b < 2 ? 1 : b - 1;
      default:
        return kOperands[op] & kNoA ? 0 : 1;
    }
  }

  bool instruction(uint32_t i) {
    const uint32_t op = opcode_of(i);
    const uint32_t a = a_of(i);
    const uint32_t b = b_of(i);
    const uint32_t c = c_of(i);
    const uint32_t bx = bx_of(i);
    if (op >= kOpcodes) {
      return false;
    }
    const uint32_t operands = kOperands[op];
    const uint32_t used = registers(op, a, b, c);
    if ((used != 0 && a + used > f_.maxstack) || !fits(operands / kB, b) ||
        !fits(operands / kC, c)) {
      return false;
    }
    if ((operands & kConstantBx) &&
        (bx >= f_.constants || ((operands & kNameBx) && !source_.is_string(bx)))) {
      return false;
    }
    if ((operands & kJump) && !is_target(pc_ + 1 + static_cast<uint32_t>(sbx_of(i)))) {
      return false;
    }
    if ((operands & kTest) && opcode_of(at(std::min(pc_ + 1, f_.instructions - 1))) != kOpJump) {
      return false;
    }
    if (((operands & kTest) || (op == kOpLoadBool && c != 0)) && !is_target(pc_ + 2)) {
      return false;
    }
    if (op == kOpSetList && c == 0) {
      return skip_word();
    }
    return op != kOpClosure || closure(bx);
  }

  const CodeFrame& f_;
  const CodeSource& source_;
  uint32_t pc_ = 0;
};

}  // namespace

uint32_t find_bad_code(const CodeFrame& frame, const CodeSource& source) {
  return CodeCheck(frame, source).bad();
}

}  // namespace flashstore::luaflash
