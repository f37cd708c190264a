#include "luac/target.h"

#include <bit>

#include "luaflash/format.h"

namespace flashstore::luac {

std::string_view name(Flavour flavour) {
  for (const auto& [name, named] : kFlavourNames) {
    if (named == flavour) {
      return name;
    }
  }
  return "";
}

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

Flavour flavour_of(uint32_t signature) {
  if ((signature & luaflash::kIntegerBit) != 0) {
    return Flavour::kInt;
  }
  return (signature & luaflash::kPackedBit) != 0 ? Flavour::kFloat : Flavour::kDword;
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

std::array<uint32_t, 2> number_words(double number, Flavour flavour) {
  if (flavour == Flavour::kInt) {
    return {static_cast<uint32_t>(static_cast<int32_t>(number)), 0};
  }
  const auto bits = std::bit_cast<uint64_t>(number);
  return {static_cast<uint32_t>(bits), static_cast<uint32_t>(bits >> 32)};
}

double number_of(std::array<uint32_t, 2> words, Flavour flavour) {
  if (flavour == Flavour::kInt) {
    return static_cast<int32_t>(words[0]);
  }
  return std::bit_cast<double>(words[0] | uint64_t{words[1]} << 32);
}

}  // namespace flashstore::luac
