#include "luac/listing.h"

#include <cctype>
#include <cstdio>
#include <string_view>
#include <unordered_map>

#include "luac/line_map.h"
#include "luaflash/opcodes.h"

namespace flashstore::luac {

using namespace luaflash;  // opcodes

namespace {

template <class... Args>
std::string format(const char* pattern, Args... args) {
  char text[128];
  std::snprintf(text, sizeof text, pattern, args...);
  return text;
}

const char* plural(size_t count) {
  return count == 1 ? "" : "s";
}

std::string quoted(std::string_view text) {
  constexpr std::string_view kPlain = "\"\\\a\b\f\n\r\t\v";
  constexpr std::string_view kEscaped = "\"\\abfnrtv";
  std::string out = "\"";
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
  return out + '"';
}

std::string shown(const Constant& constant) {
  if (const auto* boolean = std::get_if<bool>(&constant)) {
    return *boolean ? "true" : "false";
  }
  if (const auto* number = std::get_if<double>(&constant)) {
    return format("%.14g", *number);
  }
  if (const auto* text = std::get_if<std::string>(&constant)) {
    return quoted(*text);
  }
  return "nil";
}

std::string shown_source(const Function& function) {
  const std::string source = function.source.value_or("=?");
  if (!source.empty() && (source[0] == '@' || source[0] == '=')) {
    return source.substr(1, source.find('\0') - 1);
  }
  return "(string)";
}

class Lister {
 public:
  Lister(const Function& root, bool full) : full_(full) { number(root); }

  std::string take() { return std::move(out_); }

  void list(const Function& f) {
    header(f);
    const std::vector<uint32_t> lines = unpack_line_map(f.line_map, f.code.size());
    for (size_t pc = 0; pc < f.code.size(); ++pc) {
      const size_t at = pc;
      std::string comment = comment_on(f, pc);
      out_ += format("\t%zu\t", at + 1);
      out_ += lines.empty() ? "[-]\t" : format("[%u]\t", lines[at]);
      out_ += operands(f.code[at]);
      out_ += (comment.empty() ? "" : "\t; " + comment) + "\n";
    }
    if (full_) {
      tables(f);
    }
    for (const Function& child : f.children) {
      list(child);
    }
  }

 private:
  void number(const Function& f) {
    const auto next = static_cast<unsigned>(numbers_.size());
    numbers_.emplace(&f, next);
    for (const Function& child : f.children) {
      number(child);
    }
  }

  std::string name(const Function& f) const { return format("0x%04x", numbers_.at(&f)); }

  void header(const Function& f) {
    out_ += "\n";
    out_ += f.line_defined == 0 ? "main" : "function";
    out_ += " <" + shown_source(f) + format(":%u,%u> ", f.line_defined, f.last_line_defined);
    out_ += format("(%zu instruction%s, %zu bytes at ", f.code.size(), plural(f.code.size()),
                   f.code.size() * 4);
    out_ += name(f) + ")\n";
    out_ += format("%u%s param%s, %u slot%s, %u upvalue%s, ", f.parameter_count,
                   f.vararg_flags != 0 ? "+" : "", plural(f.parameter_count), f.max_stack,
                   plural(f.max_stack), f.upvalue_count, plural(f.upvalue_count));
    out_ += format("%zu local%s, %zu constant%s, %zu function%s\n", f.locals.size(),
                   plural(f.locals.size()), f.constants.size(), plural(f.constants.size()),
                   f.children.size(), plural(f.children.size()));
  }

  void tables(const Function& f) {
    out_ += format("constants (%zu) for ", f.constants.size()) + name(f) + ":\n";
    for (size_t i = 0; i < f.constants.size(); ++i) {
      out_ += format("\t%zu\t", i + 1) + shown(f.constants[i]) + "\n";
    }
    out_ += format("locals (%zu) for ", f.locals.size()) + name(f) + ":\n";
    for (size_t i = 0; i < f.locals.size(); ++i) {
      const LocalVariable& local = f.locals[i];
      out_ += format("\t%zu\t", i) + local.name;
      out_ += format("\t%u\t%u\n", local.start_pc + 1, local.end_pc + 1);
    }
    out_ += format("upvalues (%zu) for ", f.upvalue_names.size()) + name(f) + ":\n";
    for (size_t i = 0; i < f.upvalue_names.size(); ++i) {
      out_ += format("\t%zu\t", i) + f.upvalue_names[i] + "\n";
    }
  }

  static std::string operand(uint32_t value) {
    const bool is_constant = (value & kConstantOperand) != 0;
    const auto index = static_cast<int32_t>(value & kMaxConstantOperand);
    return format(" %d", is_constant ? -1 - index : static_cast<int32_t>(value));
  }

  static std::string operands(uint32_t i) {
    const uint32_t op = opcode_of(i);
    if (op >= kOpcodes) {
      return format("%-9s\t0x%08x", "?", i);
    }
    const OpcodeTraits& traits = kOpcodeTraits[op];
    std::string text = format("%-9s\t", traits.name);
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
        return b_of(i) < f.upvalue_names.size() ? f.upvalue_names[b_of(i)] : "-";
      case kOpGetGlobal:
      case kOpSetGlobal: {
        const auto* name = bx_of(i) < f.constants.size()
                               ? std::get_if<std::string>(&f.constants[bx_of(i)])
                               : nullptr;
        return name != nullptr ? *name : "?";
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
        return bx_of(i) < f.children.size() ? name(f.children[bx_of(i)]) : "?";
      case kOpSetList:
        if (c_of(i) == 0 && pc + 1 < f.code.size()) {
          return format("%u", f.code[++pc]);
        }
        return format("%u", c_of(i));
      default:
        return "";
    }
  }

  bool full_;
  std::unordered_map<const Function*, unsigned> numbers_;
  std::string out_;
};

}  // namespace

std::string list(const Function& root, bool full) {
  Lister lister(root, full);
  lister.list(root);
  return lister.take();
}

}  // namespace flashstore::luac
