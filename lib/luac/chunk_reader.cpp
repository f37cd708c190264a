#include <algorithm>
#include <utility>

#include "core/bytes.h"
#include "luac/chunk.h"
#include "luac/chunk_format.h"
#include "luac/code_check.h"
#include "luac/line_map.h"
#include "luaflash/format.h"

namespace flashstore::luac {
namespace {

// Reads forward; the first fault makes all further reads yield zeros and empty strings.
class ChunkReader {
 public:
  ChunkReader(std::string_view file, Flavour flavour) : file_(file), flavour_(flavour) {}

  Function read() {
    check_header();
    Function main = function(std::nullopt, 0);
    if (position_ != file_.size()) {
      fail("bytes behind the end of the main function");
    }
    return main;
  }

  const std::optional<ChunkError>& error() const { return error_; }

 private:
  void fail(const std::string& what) { fail_at(position_, what); }

  void fail_at(size_t offset, const std::string& what) {
    if (!error_) {
      error_ = ChunkError{offset, what, offset < chunk::kHeaderBytes};
    }
  }

  std::string_view bytes(size_t size) {
    if (!error_ && size > file_.size() - position_) {
      fail("the file ends within the function");
    }
    if (error_) {
      return {};
    }
    position_ += size;
    return file_.substr(position_ - size, size);
  }

  uint8_t byte() {
    const std::string_view one = bytes(1);
    return one.empty() ? 0 : static_cast<uint8_t>(one[0]);
  }

  uint32_t word() {
    uint32_t value = 0;
    for (int shift = 0; shift < 32; shift += 8) {
      value |= static_cast<uint32_t>(byte()) << shift;
    }
    return value;
  }

  // A number of elements of at least `size` bytes each, as many as the rest of the file can hold.
  uint32_t count(size_t size) {
    const size_t at = position_;
    const uint32_t value = word();
    if (!error_ && value > (file_.size() - position_) / size) {
      fail_at(at, "a vector of " + std::to_string(value) + " elements does not fit into the file");
    }
    return error_ ? 0 : value;
  }

  void align() {
    while (!error_ && (position_ - chunk::kHeaderBytes) % chunk::kAlignment != 0) {
      byte();
    }
  }

  std::optional<std::string> string() {
    const uint32_t size = count(1);
    if (size == 0) {
      return std::nullopt;
    }
    const std::string_view text = bytes(size);
    if (text.empty()) {
      return std::nullopt;
    }
    if (text.back() != '\0') {
      fail("a string without its final NUL");
    }
    return std::string(text.substr(0, text.size() - 1));
  }

  void check_header() {
    const auto wanted = chunk::header(chunk::nodemcu(flavour_));
    const std::string_view found = bytes(chunk::kHeaderBytes);
    if (error_) {
      return;
    }
    const auto differs = [&](size_t i) { return static_cast<uint8_t>(found[i]) != wanted[i]; };
    for (size_t i = 0; i < chunk::kNumberBytes; ++i) {
      if (differs(i)) {
        fail_at(i, i == chunk::kSizeBytes
                       ? "found bytecode of stock Lua for a computer, wanted NodeMCU's for a device"
                       : "found no bytecode of Lua 5.1 for a 32-bit little-endian device");
        return;
      }
    }
    if (differs(chunk::kNumberBytes) || differs(chunk::kIntegralByte)) {
      const bool integral = found[chunk::kIntegralByte] != 0;
      fail_at(chunk::kNumberBytes,
              std::string("found bytecode with ") + (integral ? "integer" : "floating point") +
                  " numbers, wanted " + (flavour_ == Flavour::kInt ? "integer" : "floating point") +
                  " ones: see --target");
    }
  }

  Constant constant() {
    const size_t at = position_;
    switch (byte()) {
      case luaflash::kTagNil:
        return std::monostate();
      case luaflash::kTagBoolean:
        return byte() != 0;
      case luaflash::kTagNumber:
        return number();
      case luaflash::kTagString:
        if (auto text = string()) {
          return *text;
        }
        fail_at(at, "a string constant without a string");
        break;
      default:
        fail_at(at, "a constant of unknown type");
        break;
    }
    return std::monostate();
  }

  double number() {
    std::array<uint32_t, 2> words{};
    std::generate_n(words.begin(), value_words(flavour_), [this] { return word(); });
    return number_of(words, flavour_);
  }

  std::string line_map(size_t instructions) {
    const size_t at = position_;
    const uint32_t size = count(1);
    align();
    std::string map(bytes(size));
    if (!map.empty() && map.find('\0') != map.size() - 1) {
      fail_at(at, "a line map without its final NUL");
    }
    if (!map.empty()) {
      map.pop_back();
    }
    if (const size_t covered = mapped_instructions(map); !map.empty() && covered != instructions) {
      fail_at(at, "a line map for " + std::to_string(covered) + " of " +
                      std::to_string(instructions) + " instructions");
    }
    return map;
  }

  // `around` is the source of the function around it, which it shares if it names none.
  Function function(const std::optional<std::string>& around, int depth) {
    Function f;
    if (depth > kMaxNesting) {
      fail("functions nested too deeply");
    }
    if (error_) {
      return f;
    }
    f.source = string();
    if (!f.source) {
      f.source = around ? around : "=?";
    }
    f.line_defined = word();
    f.last_line_defined = word();
    f.upvalue_count = byte();
    f.parameter_count = byte();
    f.vararg_flags = byte();
    f.max_stack = byte();
    const uint32_t instructions = count(4);
    align();
    f.code.resize(instructions);
    std::generate(f.code.begin(), f.code.end(), [this] { return word(); });
    for (uint32_t left = count(1); left > 0 && !error_; --left) {
      f.constants.push_back(constant());
    }
    for (uint32_t left = count(1); left > 0 && !error_; --left) {
      f.children.push_back(function(f.source, depth + 1));
    }
    f.line_map = line_map(instructions);
    for (uint32_t left = count(12); left > 0 && !error_; --left) {
      LocalVariable local;
      local.name = string().value_or("");
      local.start_pc = word();
      local.end_pc = word();
      f.locals.push_back(std::move(local));
    }
    for (uint32_t left = count(4); left > 0 && !error_; --left) {
      f.upvalue_names.push_back(string().value_or(""));
    }
    if (const auto fault = error_ ? std::nullopt : check_code(f)) {
      fail(*fault);
    }
    return f;
  }

  std::string_view file_;
  Flavour flavour_;
  size_t position_ = 0;
  std::optional<ChunkError> error_;
};

}  // namespace

bool is_chunk(std::string_view file) {
  return !file.empty() && static_cast<uint8_t>(file[0]) == chunk::kEscape;
}

core::Result<Function, ChunkError> read_chunk(std::string_view file, Flavour flavour) {
  ChunkReader reader(file, flavour);
  Function function = reader.read();
  if (reader.error()) {
    return *reader.error();
  }
  return function;
}

}  // namespace flashstore::luac
