#include "luac/code_check.h"

#include "luaflash/opcodes.h"

namespace flashstore::luac {

using namespace luaflash;  // opcodes

namespace {

constexpr uint32_t kMaxRegisters = 250;  // Lua's own limit of a function

class CodeCheck {
 public:
  explicit CodeCheck(const Function& function) : f_(function) {}

  bool passes() {
    if (f_.code.empty() || f_.max_stack > kMaxRegisters || f_.parameter_count > f_.max_stack ||
        opcode_of(f_.code.back()) != kOpReturn) {
      return false;
    }
    for (pc_ = 0; pc_ < f_.code.size(); ++pc_) {
      if (!instruction(f_.code[pc_])) {
        return false;
      }
    }
    return true;
  }

  size_t pc() const { return pc_; }

 private:
  bool is_register(uint32_t number) const { return number < f_.max_stack; }

  // `count` registers from `first` on; none are always there.
  bool are_registers(uint32_t first, uint32_t count) const {
    return count == 0 || (is_register(first) && is_register(first + count - 1));
  }

  bool is_constant(uint32_t index) const { return index < f_.constants.size(); }

  bool is_name(uint32_t index) const {
    return is_constant(index) && std::holds_alternative<std::string>(f_.constants[index]);
  }

  bool operand(uint32_t value) const {
    return (value & kConstantOperand) != 0 ? is_constant(value & kMaxConstantOperand)
                                           : is_register(value);
  }

  bool is_target(int64_t pc) const { return pc >= 0 && pc < static_cast<int64_t>(f_.code.size()); }

  // The word behind this one is there, and is taken with it.
  bool skip_word() { return ++pc_ < f_.code.size(); }

  // CLOSURE is followed by an instruction for each upvalue that says where it comes from.
  bool closure(uint32_t index) {
    if (index >= f_.children.size()) {
      return false;
    }
    for (uint32_t i = 0; i < f_.children[index].upvalue_count; ++i) {
      if (!skip_word()) {
        return false;
      }
      const uint32_t source = f_.code[pc_];
      const bool local = opcode_of(source) == kOpMove && is_register(b_of(source));
      const bool upvalue = opcode_of(source) == kOpGetUpvalue && b_of(source) < f_.upvalue_count;
      if (!local && !upvalue) {
        return false;
      }
    }
    return true;
  }

  bool instruction(uint32_t i) {
    const uint32_t op = opcode_of(i);
    const uint32_t a = a_of(i);
    const uint32_t b = b_of(i);
    const uint32_t c = c_of(i);
    const auto here = static_cast<int64_t>(pc_);
    if (op >= kOpcodes) {
      return false;
    }
    if (op != kOpJump && op != kOpEqual && op != kOpLess && op != kOpLessEqual && op != kOpReturn &&
        !is_register(a)) {
      return false;
    }
    switch (op) {
      case kOpMove:
      case kOpUnm:
      case kOpNot:
      case kOpLen:
      case kOpTestSet:
        return is_register(b);
      case kOpLoadK:
        return is_constant(bx_of(i));
      case kOpGetGlobal:
      case kOpSetGlobal:
        return is_name(bx_of(i));
      case kOpLoadBool:
        return c == 0 || is_target(here + 2);
      case kOpLoadNil:
        return b >= a && is_register(b);
      case kOpGetUpvalue:
      case kOpSetUpvalue:
        return b < f_.upvalue_count;
      case kOpGetTable:
        return is_register(b) && operand(c);
      case kOpSelf:
        return is_register(b) && operand(c) && is_register(a + 1);
      case kOpSetTable:
      case kOpAdd:
      case kOpSub:
      case kOpMul:
      case kOpDiv:
      case kOpMod:
      case kOpPow:
        return operand(b) && operand(c);
      case kOpEqual:
      case kOpLess:
      case kOpLessEqual:
        return operand(b) && operand(c) && is_target(here + 2);
      case kOpTest:
        return is_target(here + 2);
      case kOpConcat:
        return is_register(b) && is_register(c) && b < c;
      case kOpJump:
        return is_target(here + 1 + sbx_of(i));
      case kOpForLoop:
      case kOpForPrepare:
        return is_register(a + 3) && is_target(here + 1 + sbx_of(i));
      case kOpTForLoop:
        return c >= 1 && is_register(a + 2 + c) && is_target(here + 2);
      case kOpCall:
      case kOpTailCall:
        return are_registers(a, b) && (c < 2 || are_registers(a, c - 1));
      case kOpReturn:
        return b == 1 || (b == 0 ? is_register(a) : are_registers(a, b - 1));
      case kOpSetList:
        return are_registers(a, b + 1) && (c != 0 || skip_word());
      case kOpClosure:
        return closure(bx_of(i));
      case kOpVararg:
        return f_.vararg_flags != 0 && are_registers(a, b == 0 ? 0 : b - 1);
      default:  // NEWTABLE and CLOSE name only their register
        return true;
    }
  }

  const Function& f_;
  size_t pc_ = 0;
};

}  // namespace

std::optional<std::string> check_code(const Function& function) {
  CodeCheck check(function);
  if (check.passes()) {
    return std::nullopt;
  }
  return "bad code at instruction " + std::to_string(check.pc() + 1) + " of the function at line " +
         std::to_string(function.line_defined);
}

}  // namespace flashstore::luac
