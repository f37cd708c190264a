#include "luac/resource.h"

#include <utility>

#include "luaflash/opcodes.h"

namespace flashstore::luac {

using namespace luaflash;  // opcodes

Module make_resource(const std::string& name, std::string content) {
  Function function;
  function.source = "=" + name;
  function.max_stack = 2;  // Lua's least
  function.vararg_flags = 2;
  function.constants.emplace_back(std::move(content));
  function.code = {encode_abx(kOpLoadK, 0, 0), encode_abc(kOpReturn, 0, 2, 0),
                   encode_abc(kOpReturn, 0, 1, 0)};
  return {name, std::move(function)};
}

}  // namespace flashstore::luac
