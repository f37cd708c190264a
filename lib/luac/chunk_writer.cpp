#include <algorithm>

#include "luac/chunk.h"
#include "luac/chunk_format.h"
#include "luac/line_map.h"
#include "luaflash/format.h"

namespace flashstore::luac {
namespace {

class ChunkWriter {
 public:
  explicit ChunkWriter(const chunk::Dialect& dialect) : dialect_(dialect) {
    for (const uint8_t value : chunk::header(dialect)) {
      byte(value);
    }
  }

  std::string write(const Function& main) {
    function(main, nullptr);
    return std::move(out_);
  }

 private:
  // `parent` is the function around it: its source is not repeated.
  void function(const Function& f, const Function* parent) {
    string(parent != nullptr && parent->source == f.source ? std::nullopt : f.source);
    word(f.line_defined);
    word(f.last_line_defined);
    byte(f.upvalue_count);
    byte(f.parameter_count);
    byte(f.vararg_flags);
    byte(f.max_stack);
    count(f.code.size());
    align();
    for (const uint32_t instruction : f.code) {
      word(instruction);
    }
    count(f.constants.size());
    for (const Constant& value : f.constants) {
      constant(value);
    }
    count(f.children.size());
    for (const Function& child : f.children) {
      function(child, &f);
    }
    lines(f);
    count(f.locals.size());
    for (const LocalVariable& local : f.locals) {
      string(local.name);
      word(local.start_pc);
      word(local.end_pc);
    }
    count(f.upvalue_names.size());
    for (const std::string& name : f.upvalue_names) {
      string(name);
    }
  }

  void byte(uint32_t value) { out_ += static_cast<char>(value); }

  void word(uint32_t value) {
    for (int shift = 0; shift < 32; shift += 8) {
      byte(value >> shift & 0xFF);
    }
  }

  void count(size_t value) { word(static_cast<uint32_t>(value)); }

  void align() {
    while (dialect_.nodemcu && (out_.size() - chunk::kHeaderBytes) % chunk::kAlignment != 0) {
      byte(0);
    }
  }

  void string(const std::optional<std::string>& text) {
    count(text ? text->size() + 1 : 0);
    if (dialect_.size_bytes == 8) {
      word(0);
    }
    if (text) {
      out_ += *text;
      byte(0);
    }
  }

  void lines(const Function& f) {
    if (!dialect_.nodemcu) {
      const std::vector<uint32_t> lines = unpack_line_map(f.line_map, f.code.size());
      count(lines.size());
      std::for_each(lines.begin(), lines.end(), [this](uint32_t line) { word(line); });
      return;
    }
    count(f.line_map.empty() ? 0 : f.line_map.size() + 1);
    align();
    if (!f.line_map.empty()) {
      out_ += f.line_map;
      byte(0);
    }
  }

  void constant(const Constant& value) {
    if (const auto* boolean = std::get_if<bool>(&value)) {
      byte(luaflash::kTagBoolean);
      byte(*boolean ? 1 : 0);
    } else if (const auto* number = std::get_if<double>(&value)) {
      byte(luaflash::kTagNumber);
      const auto words = number_words(*number, dialect_.flavour);
      std::for_each_n(words.begin(), value_words(dialect_.flavour),
                      [this](uint32_t part) { word(part); });
    } else if (const auto* text = std::get_if<std::string>(&value)) {
      byte(luaflash::kTagString);
      string(*text);
    } else {
      byte(luaflash::kTagNil);
    }
  }

  chunk::Dialect dialect_;
  std::string out_;
};

}  // namespace

std::string write_chunk(const Function& function, Flavour flavour) {
  return ChunkWriter(chunk::nodemcu(flavour)).write(function);
}

std::string write_stock_chunk(const Function& function) {
  return ChunkWriter(chunk::kStock).write(function);
}

}  // namespace flashstore::luac
