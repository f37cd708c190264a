// What differs between the number flavours of an image (luaflash/FORMAT.md, "Flavours").
#pragma once

#include <array>
#include <cstdint>
#include <string_view>
#include <utility>

namespace flashstore::luac {

enum class Flavour : uint8_t {
  kFloat,  // doubles, TValues packed to 12 bytes: the default
  kInt,    // int32
  kDword,  // doubles, TValues of 16 bytes
};

// What the flavours are called on command lines.
inline constexpr std::array<std::pair<std::string_view, Flavour>, 3> kFlavourNames{
    {{"float", Flavour::kFloat}, {"int", Flavour::kInt}, {"dword", Flavour::kDword}}};

std::string_view name(Flavour flavour);

// Word 0 of a position-independent image.
uint32_t signature(Flavour flavour);

// The reverse, of an image whose other properties are known.
Flavour flavour_of(uint32_t signature);

// Words of a TValue: value, tag, padding.
uint32_t tvalue_words(Flavour flavour);

// Words of the value within it.
uint32_t value_words(Flavour flavour);

// `number` the way `flavour` keeps it, the lowest word first. Of the words, value_words(flavour)
// are used; the rest is zero. An integer flavour's numbers are whole and fit int32.
std::array<uint32_t, 2> number_words(double number, Flavour flavour);

// The reverse.
double number_of(std::array<uint32_t, 2> words, Flavour flavour);

}  // namespace flashstore::luac
