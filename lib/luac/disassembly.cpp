#include "luac/disassembly.h"

#include <algorithm>
#include <cctype>
#include <string_view>
#include <unordered_map>

#include "luac/format_text.h"
#include "luac/line_map.h"
#include "luaflash/opcodes.h"

namespace flashstore::luac {

using namespace luaflash;  // opcodes

namespace {

std::string escaped(std::string_view text) {
  constexpr std::string_view kPlain = "\"\\\a\b\f\n\r\t\v";
  constexpr std::string_view kEscaped = "\"\\abfnrtv";
  std::string out;
  for (const char c : text) {
    const size_t escape = kPlain.find(c);
    const auto value = static_cast<unsigned char>(c);
    if (escape != std::string_view::npos) {
      out += '\\';
      out += kEscaped[escape];
    } else if (std::isprint(value)) {
      out += c;
    } else {
      out += format("\\%03u", value);
    }
  }
  return out;
}

class Disassembler {
 public:
  void number(const Function& f) {
    ids_.emplace(&f, format("0x%04zx", ids_.size()));
    order_.push_back(&f);
    for (const Function& child : f.children) {
      number(child);
    }
  }

  std::vector<Disassembly> disassemble() const {
    std::vector<Disassembly> all;
    all.reserve(order_.size());
    for (const Function* function : order_) {
      std::vector<std::string> children;
      for (const Function& child : function->children) {
        children.push_back(ids_.at(&child));
      }
      all.push_back({ids_.at(function), function, std::move(children), code(*function)});
    }
    return all;
  }

 private:
  std::vector<Instruction> code(const Function& f) const {
    const std::vector<uint32_t> lines = unpack_line_map(f.line_map, f.code.size());
    std::vector<Instruction> code;
    for (size_t pc = 0; pc < f.code.size(); ++pc) {
      const size_t at = pc;
      std::string comment = comment_on(f, pc);
      const uint32_t op = opcode_of(f.code[at]);
      code.push_back({at + 1, lines.empty() ? 0 : lines[at],
                      op < kOpcodes ? kOpcodeTraits[op].name : "?", operands(f.code[at]),
                      std::move(comment)});
    }
    return code;
  }

  static std::string operand(uint32_t value) {
    const bool is_constant = (value & kConstantOperand) != 0;
    const auto index = static_cast<int32_t>(value & kMaxConstantOperand);
    return format(" %d", is_constant ? -1 - index : static_cast<int32_t>(value));
  }

  static std::string operands(uint32_t i) {
    const uint32_t op = opcode_of(i);
    if (op >= kOpcodes) {
      return format("0x%08x", i);
    }
    const OpcodeTraits& traits = kOpcodeTraits[op];
    std::string text;
    switch (traits.layout) {
      case Layout::kABC:
        text += format("%u", a_of(i));
        text += traits.b == Operand::kUnused ? "" : operand(b_of(i));
        text += traits.c == Operand::kUnused ? "" : operand(c_of(i));
        break;
      case Layout::kABx: {
        const auto bx = static_cast<int32_t>(bx_of(i));
        text += format("%u %d", a_of(i), traits.b == Operand::kConstant ? -1 - bx : bx);
        break;
      }
      case Layout::kAsBx:
        text += op == kOpJump ? format("%d", sbx_of(i)) : format("%u %d", a_of(i), sbx_of(i));
        break;
    }
    return text;
  }

  static std::string constant(const Function& f, uint32_t index) {
    return index < f.constants.size() ? shown(f.constants[index]) : "?";
  }

  // A constant operand's constant, or "-" for a register.
  static std::string constant_operand(const Function& f, uint32_t value) {
    return (value & kConstantOperand) != 0 ? constant(f, value & kMaxConstantOperand) : "-";
  }

  // What luac says behind instruction `pc`; moves `pc` past a word of data behind it.
  std::string comment_on(const Function& f, size_t& pc) const {
    const uint32_t i = f.code[pc];
    switch (opcode_of(i)) {
      case kOpLoadK:
        return constant(f, bx_of(i));
      case kOpGetUpvalue:
      case kOpSetUpvalue:
        return b_of(i) < f.upvalue_names.size() ? shown_name(f.upvalue_names[b_of(i)]) : "-";
      case kOpGetGlobal:
      case kOpSetGlobal: {
        const auto* name = bx_of(i) < f.constants.size()
                               ? std::get_if<std::string>(&f.constants[bx_of(i)])
                               : nullptr;
        return name != nullptr ? shown_name(*name) : "?";
      }
      case kOpGetTable:
      case kOpSelf:
        return (c_of(i) & kConstantOperand) != 0 ? constant_operand(f, c_of(i)) : "";
      case kOpSetTable:
      case kOpAdd:
      case kOpSub:
      case kOpMul:
      case kOpDiv:
      case kOpPow:
      case kOpEqual:
      case kOpLess:
      case kOpLessEqual:
        return ((b_of(i) | c_of(i)) & kConstantOperand) != 0
                   ? constant_operand(f, b_of(i)) + " " + constant_operand(f, c_of(i))
                   : "";
      case kOpJump:
      case kOpForLoop:
      case kOpForPrepare:
        return format("to %lld",
                      static_cast<long long>(sbx_of(i)) + static_cast<long long>(pc) + 2);
      case kOpClosure:
        return bx_of(i) < f.children.size() ? ids_.at(&f.children[bx_of(i)]) : "?";
      case kOpSetList:
        if (c_of(i) == 0 && pc + 1 < f.code.size()) {
          return format("%u", f.code[++pc]);
        }
        return format("%u", c_of(i));
      default:
        return "";
    }
  }

  std::unordered_map<const Function*, std::string> ids_;
  std::vector<const Function*> order_;
};

}  // namespace

std::vector<Disassembly> disassemble(const Function& root) {
  Disassembler disassembler;
  disassembler.number(root);
  return disassembler.disassemble();
}

std::string shown(const Constant& constant) {
  if (const auto* boolean = std::get_if<bool>(&constant)) {
    return *boolean ? "true" : "false";
  }
  if (const auto* number = std::get_if<double>(&constant)) {
    return format("%.14g", *number);
  }
  if (const auto* text = std::get_if<std::string>(&constant)) {
    return '"' + escaped(*text) + '"';
  }
  return "nil";
}

std::string shown_name(const std::string& name) {
  return std::all_of(name.begin(), name.end(), [](unsigned char c) { return std::isprint(c); })
             ? name
             : shown(name);
}

std::string shown_source(const Function& function) {
  const std::string source = function.source.value_or("=?");
  if (!source.empty() && (source[0] == '@' || source[0] == '=')) {
    return source.substr(1, source.find('\0') - 1);
  }
  return "(string)";
}

}  // namespace flashstore::luac
