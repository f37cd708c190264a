#include "luac/master.h"

#include <algorithm>
#include <utility>

#include "luaflash/opcodes.h"

namespace flashstore::luac {

using namespace luaflash;  // opcodes

namespace {

// The master function's registers.
constexpr uint32_t kAsked = 0;   // the name asked for
constexpr uint32_t kAnswer = 1;  // a module, or the build time
constexpr uint32_t kTable = 2;
constexpr uint32_t kNames = 3;  // and above: names on their way into the table

constexpr uint32_t kNamesInABatch = 50;  // what one SETLIST of Lua 5.1 stores

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

Module make_module(Function main) {
  std::string name = module_name(main.source.value_or("=?"));
  return {std::move(name), std::move(main)};
}

Function make_master(std::vector<Module> modules, double build_time) {
  const auto count = static_cast<uint32_t>(modules.size());
  const uint32_t batch = std::min(count, kNamesInABatch);
  Function master;
  master.source = "=(luac)";
  master.parameter_count = 1;
  master.max_stack = static_cast<uint8_t>(kNames + batch);
  for (Module& module : modules) {
    master.constants.emplace_back(std::move(module.name));
    master.children.push_back(std::move(module.main));
  }
  master.constants.emplace_back(build_time);

  std::vector<uint32_t>& code = master.code;
  for (uint32_t i = 0; i < count; ++i) {
    if (i <= kMaxConstantOperand) {
      code.push_back(encode_abc(kOpEqual, 0, kAsked, kConstantOperand | i));
    } else {
      code.push_back(encode_abx(kOpLoadK, kAnswer, i));
      code.push_back(encode_abc(kOpEqual, 0, kAsked, kAnswer));
    }
    code.push_back(encode_jump(2));
    code.push_back(encode_abx(kOpClosure, kAnswer, i));
    code.push_back(encode_abc(kOpReturn, kAnswer, 2, 0));
  }
  code.push_back(encode_abx(kOpLoadK, kAnswer, count));
  code.push_back(encode_abc(kOpNewTable, kTable, size_hint(count), 0));
  for (uint32_t i = 0; i < count; ++i) {
    const uint32_t place = i % kNamesInABatch;
    code.push_back(encode_abx(kOpLoadK, kNames + place, i));
    if (place + 1 == kNamesInABatch || i + 1 == count) {
      code.push_back(encode_abc(kOpSetList, kTable, place + 1, i / kNamesInABatch + 1));
    }
  }
  code.push_back(encode_abc(kOpReturn, kAnswer, 3, 0));
  code.push_back(encode_abc(kOpReturn, 0, 1, 0));
  return master;
}

Function make_sequence(std::vector<Module> modules) {
  Function sequence;
  sequence.source = "=(luac)";
  sequence.max_stack = 1;
  for (uint32_t i = 0; i < modules.size(); ++i) {
    sequence.children.push_back(std::move(modules[i].main));
    sequence.code.push_back(encode_abx(kOpClosure, 0, i));
    sequence.code.push_back(encode_abc(kOpCall, 0, 1, 1));
  }
  sequence.code.push_back(encode_abc(kOpReturn, 0, 1, 0));
  return sequence;
}

}  // namespace flashstore::luac
