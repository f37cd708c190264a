#include "luac/master.h"

#include <utility>

namespace flashstore::luac {
namespace {

// The instructions of Lua 5.1 a master function is made of.
enum Opcode : uint32_t {
  kOpLoadK = 1,
  kOpNewTable = 10,
  kOpJump = 22,
  kOpEqual = 23,
  kOpReturn = 30,
  kOpSetList = 34,
  kOpClosure = 36,
};

constexpr uint32_t kConstantOperand = 256;  // set in operand B or C: it is a constant's index
constexpr uint32_t kJumpBias = 131071;

constexpr uint32_t abc(Opcode op, uint32_t a, uint32_t b, uint32_t c) {
  return op | a << 6 | c << 14 | b << 23;
}

constexpr uint32_t abx(Opcode op, uint32_t a, uint32_t bx) {
  return op | a << 6 | bx << 14;
}

// Lua's "floating point byte" eeeeexxx, rounded up: the size hint of NEWTABLE.
uint32_t size_hint(uint32_t size) {
  uint32_t exponent = 0;
  while (size >= 16) {
    size = (size + 1) >> 1;
    ++exponent;
  }
  return size < 8 ? size : ((exponent + 1) << 3 | (size - 8));
}

}  // namespace

std::string module_name(std::string_view source) {
  std::string_view path = source.substr(source.empty() ? 0 : 1);
  path = path.substr(0, path.find('\0'));
  size_t folder = path.rfind('/');
  if (folder == std::string_view::npos) {
    folder = path.rfind('\\');
  }
  std::string_view name = folder == std::string_view::npos ? path : path.substr(folder + 1);
  const size_t first = name.find_first_not_of('.');
  name = first == std::string_view::npos ? std::string_view() : name.substr(first);
  name = name.substr(0, name.find('.'));
  return std::string(name.empty() ? path : name);
}

Function make_master(std::vector<Function> modules, uint32_t build_time) {
  const auto count = static_cast<uint32_t>(modules.size());
  Function master;
  master.source = "=(luac)";
  master.parameter_count = 1;
  master.max_stack = static_cast<uint8_t>(count + 3);
  for (const Function& module : modules) {
    master.constants.emplace_back(module_name(module.source.value_or("=?")));
  }
  master.constants.emplace_back(static_cast<double>(build_time));

  // R0 is the name asked for.
  for (uint32_t i = 0; i < count; ++i) {
    master.code.push_back(abc(kOpEqual, 0, 0, kConstantOperand | i));
    master.code.push_back(abx(kOpJump, 0, kJumpBias + 2));
    master.code.push_back(abx(kOpClosure, 1, i));
    master.code.push_back(abc(kOpReturn, 1, 2, 0));
  }
  master.code.push_back(abx(kOpLoadK, 1, count));
  master.code.push_back(abc(kOpNewTable, 2, size_hint(count), 0));
  for (uint32_t i = 0; i < count; ++i) {
    master.code.push_back(abx(kOpLoadK, 3 + i, i));
  }
  master.code.push_back(abc(kOpSetList, 2, count, 1));
  master.code.push_back(abc(kOpReturn, 1, 3, 0));
  master.code.push_back(abc(kOpReturn, 0, 1, 0));
  master.children = std::move(modules);
  return master;
}

}  // namespace flashstore::luac
