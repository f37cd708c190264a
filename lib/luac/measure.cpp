#include "luac/measure.h"

#include "luaflash/format.h"

namespace flashstore::luac {

uint32_t own_bytes(const Function& function, Flavour flavour) {
  const size_t words = luaflash::kProtoWords + function.code.size() +
                       function.constants.size() * tvalue_words(flavour) +
                       function.children.size() + function.locals.size() * luaflash::kLocalWords +
                       function.upvalue_names.size();
  return static_cast<uint32_t>(words * luaflash::kWordBytes);
}

}  // namespace flashstore::luac
