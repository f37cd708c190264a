#include <bit>

#include "luac/chunk.h"
#include "luac/chunk_format.h"
#include "luaflash/format.h"

namespace flashstore::luac {
namespace {

class ChunkWriter {
 public:
  explicit ChunkWriter(Flavour flavour) : flavour_(flavour) {
    for (const uint8_t value : chunk::header(flavour)) {
      byte(value);
    }
  }

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
    line_map(f.line_map);
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

  std::string take() { return std::move(out_); }

 private:
  void byte(uint32_t value) { out_ += static_cast<char>(value); }

  void word(uint32_t value) {
    for (int shift = 0; shift < 32; shift += 8) {
      byte(value >> shift & 0xFF);
    }
  }

  void count(size_t value) { word(static_cast<uint32_t>(value)); }

  void align() {
    while ((out_.size() - chunk::kHeaderBytes) % chunk::kAlignment != 0) {
      byte(0);
    }
  }

  void string(const std::optional<std::string>& text) {
    if (!text) {
      count(0);
      return;
    }
    count(text->size() + 1);
    out_ += *text;
    byte(0);
  }

  void line_map(const std::string& map) {
    count(map.empty() ? 0 : map.size() + 1);
    align();
    if (!map.empty()) {
      out_ += map;
      byte(0);
    }
  }

  void constant(const Constant& value) {
    if (const auto* boolean = std::get_if<bool>(&value)) {
      byte(luaflash::kTagBoolean);
      byte(*boolean ? 1 : 0);
    } else if (const auto* number = std::get_if<double>(&value)) {
      byte(luaflash::kTagNumber);
      if (flavour_ == Flavour::kInt) {
        word(static_cast<uint32_t>(static_cast<int32_t>(*number)));
      } else {
        const auto bits = std::bit_cast<uint64_t>(*number);
        word(static_cast<uint32_t>(bits));
        word(static_cast<uint32_t>(bits >> 32));
      }
    } else if (const auto* text = std::get_if<std::string>(&value)) {
      byte(luaflash::kTagString);
      string(*text);
    } else {
      byte(luaflash::kTagNil);
    }
  }

  Flavour flavour_;
  std::string out_;
};

}  // namespace

std::string write_chunk(const Function& function, Flavour flavour) {
  ChunkWriter writer(flavour);
  writer.function(function, nullptr);
  return writer.take();
}

}  // namespace flashstore::luac
