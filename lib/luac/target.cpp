#include "luac/target.h"

#include "luaflash/format.h"

namespace flashstore::luac {

uint32_t signature(Flavour flavour) {
  switch (flavour) {
    case Flavour::kFloat:
      return luaflash::kSignatureFloat;
    case Flavour::kInt:
      return luaflash::kSignatureInt;
    case Flavour::kDword:
      return luaflash::kSignatureDword;
  }
  return 0;
}

uint32_t tvalue_words(Flavour flavour) {
  switch (flavour) {
    case Flavour::kFloat:
      return 3;
    case Flavour::kInt:
      return 2;
    case Flavour::kDword:
      return 4;
  }
  return 0;
}

uint32_t value_words(Flavour flavour) {
  return flavour == Flavour::kInt ? 1 : 2;
}

}  // namespace flashstore::luac
