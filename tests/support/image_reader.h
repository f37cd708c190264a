// A reader of LFS images that shares no code with the libraries: written from luaflash/FORMAT.md
// alone, to judge what they write. It takes nothing for granted but the format and is not made for
// speed.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <variant>
#include <vector>

namespace flashstore::test {

// Offsets are in words from the start of the image.
struct ReadString {
  uint32_t offset = 0;
  uint32_t hash = 0;
  std::string bytes;
};

struct ReadLocal {
  std::string name;
  uint32_t start_pc = 0;
  uint32_t end_pc = 0;
};

// nil, boolean, number (float or dword image), number (int image), string.
using ReadConstant = std::variant<std::monostate, bool, double, int32_t, std::string>;

struct ReadFunction {
  uint32_t offset = 0;  // of the Proto
  std::optional<std::string> source;
  uint32_t line_defined = 0;
  uint32_t last_line_defined = 0;
  uint8_t nups = 0;
  uint8_t numparams = 0;
  uint8_t is_vararg = 0;
  uint8_t maxstack = 0;
  std::vector<ReadFunction> children;
  std::vector<ReadConstant> constants;
  std::vector<uint32_t> code;
  std::vector<ReadLocal> locals;
  std::vector<std::string> upvalue_names;
  std::string line_map;         // without its NUL; empty: none
  std::vector<uint32_t> lines;  // one for each instruction, or none at all
};

struct ReadImage {
  uint32_t signature = 0;
  uint32_t image_bytes = 0;
  uint32_t hash_slots = 0;
  std::optional<uint32_t> base;     // of an absolute image: its byte address
  uint32_t address_count = 0;       // addresses other than null
  std::vector<ReadString> strings;  // in the order of their offsets
  ReadFunction main;

  uint32_t function_count() const;  // with the master
};

// Reads an image: one alone, relocatable or absolute, or a relocatable one with its bitmap. Not
// compressed.
//
// Throws std::runtime_error, naming the word, unless everything FORMAT.md says holds: each address
// lies in the image, points the right way, at an object of the right kind, and is marked in the
// bitmap as nothing else is; strings are distinct, hashed and chained right; paddings and unused
// words are zero; line maps count each instruction once; and every word belongs to one object, in
// the order of the page. The order of strings among themselves is not judged.
ReadImage read_image(std::span<const uint8_t> bytes);

}  // namespace flashstore::test
