#include "luac/lift.h"

#include <algorithm>
#include <utility>

#include "luac/code_check.h"
#include "luac/line_map.h"
#include "luac/master.h"
#include "luaflash/opcodes.h"

namespace flashstore::luac {

using namespace luaflash;

namespace {

// What a master of March 2018 does: it returns the time and all names one by one, not in a table.
std::vector<uint32_t> march_2018_code(size_t modules) {
  const auto count = static_cast<uint32_t>(modules);
  std::vector<uint32_t> code;
  for (uint32_t i = 0; i < count; ++i) {
    code.push_back(encode_abc(kOpEqual, 0, 0, kConstantOperand | (i + 1)));
    code.push_back(encode_jump(2));
    code.push_back(encode_abx(kOpClosure, 1, i));
    code.push_back(encode_abc(kOpReturn, 1, 2, 0));
  }
  for (uint32_t i = 0; i <= count; ++i) {
    code.push_back(encode_abx(kOpLoadK, 1 + i, i));
  }
  code.push_back(encode_abc(kOpReturn, 1, count + 2, 0));
  code.push_back(encode_abc(kOpReturn, 0, 1, 0));
  return code;
}

// The first fault ends all further reading: loops look at it.
class Lifter {
 public:
  explicit Lifter(const ImageView& image)
      : image_(image), flavour_(flavour_of(image.signature())), is_lifted_(image.words()) {}

  core::Result<Lifted, LiftError> lift() {
    Lifted lifted;
    lifted.flavour = flavour_;
    lifted.master = function(image_.main(), kHeaderMain, 0);
    if (!error_ && !read_master(lifted)) {
      fail(LiftFault::kMaster, image_.main(), "a main function that does not look modules up");
    }
    if (error_) {
      return *std::move(error_);
    }
    return lifted;
  }

 private:
  void fail(LiftFault fault, uint32_t offset, std::string what) {
    if (!error_) {
      error_ = LiftError{fault, offset, std::move(what)};
    }
  }

  // The string at `offset`, to which the word at `from` leads.
  std::string string(uint32_t offset, uint32_t from) {
    const auto found = image_.string_at(offset);
    if (!found) {
      fail(LiftFault::kString, from, "an address that leads to no string");
      return {};
    }
    string_bytes_ += found->bytes.size();
    if (string_bytes_ > kMaxLiftedBytes) {
      fail(LiftFault::kSharedStrings, from,
           "strings used so often that they do not fit into memory");
      return {};
    }
    return {found->bytes.begin(), found->bytes.end()};
  }

  std::string name(uint32_t at) { return string(image_.target(at), at); }

  Constant constant(uint32_t at) {
    const auto found = image_.constant_at(at);
    if (!found) {
      fail(LiftFault::kConstant, at, "a constant of unknown kind");
      return {};
    }
    switch (found->tag) {
      case kTagNil:
        return {};
      case kTagBoolean:
        return found->low != 0;
      case kTagNumber:
        return number_of({found->low, found->high}, flavour_);
      case kTagString:
        return string(found->string, at);
    }
    return {};
  }

  std::string line_map(const ProtoObject& proto) {
    const uint32_t at = proto.offset + kProtoLineMap;
    if (image_.word(at) == 0) {
      return {};
    }
    std::string map = string(proto.line_map, at);
    if (!error_ &&
        (map.find('\0') != std::string::npos || mapped_instructions(map) != proto.code.count)) {
      fail(LiftFault::kLineMap, at, "a line map of other code");
    }
    return map;
  }

  // Counts the words of the vectors of `proto`; they do not overlap, so that the image has as many.
  void take_words(const ProtoObject& proto) {
    vector_words_ += uint64_t{proto.constants.count} * image_.tvalue_words() + proto.code.count +
                     proto.children.count + uint64_t{proto.locals.count} * kLocalWords +
                     proto.upvalue_names.count;
    if (vector_words_ > image_.words()) {
      fail(LiftFault::kSharedWords, proto.offset, "functions that share their vectors with others");
    }
  }

  // The function at `offset`, to which the word at `from` leads.
  Function function(uint32_t offset, uint32_t from, int depth) {
    const auto proto = image_.proto_at(offset);
    if (!proto) {
      fail(LiftFault::kVectors, from, "a function that does not lie within the image");
    } else if (depth > kMaxNesting) {
      fail(LiftFault::kNesting, from, "functions nested too deeply");
    } else if (is_lifted_[offset]) {
      fail(LiftFault::kSharedFunction, from, "a function that is inside itself, or at two places");
    } else {
      is_lifted_[offset] = true;
      take_words(*proto);
    }
    return error_ ? Function() : parts(*proto, depth);
  }

  Function parts(const ProtoObject& proto, int depth) {
    Function f;
    if (const uint32_t at = proto.offset + kProtoSource; image_.word(at) != 0) {
      f.source = string(proto.source, at);
    }
    f.line_defined = proto.line_defined;
    f.last_line_defined = proto.last_line_defined;
    f.upvalue_count = proto.nups;
    f.parameter_count = proto.numparams;
    f.vararg_flags = proto.is_vararg;
    f.max_stack = proto.maxstack;
    f.line_map = line_map(proto);
    for (uint32_t i = 0; i < proto.code.count; ++i) {
      f.code.push_back(image_.word(proto.code.offset + i));
    }
    for (uint32_t i = 0; i < proto.constants.count && !error_; ++i) {
      f.constants.push_back(constant(proto.constants.offset + i * image_.tvalue_words()));
    }
    for (uint32_t i = 0; i < proto.locals.count && !error_; ++i) {
      const uint32_t at = proto.locals.offset + i * kLocalWords;
      f.locals.push_back(
          {name(at + kLocalName), image_.word(at + kLocalStartPc), image_.word(at + kLocalEndPc)});
    }
    for (uint32_t i = 0; i < proto.upvalue_names.count && !error_; ++i) {
      f.upvalue_names.push_back(name(proto.upvalue_names.offset + i));
    }
    for (uint32_t i = 0; i < proto.children.count && !error_; ++i) {
      const uint32_t at = proto.children.offset + i;
      f.children.push_back(function(image_.target(at), at, depth + 1));
    }
    if (const auto fault = error_ ? std::nullopt : check_code(f)) {
      fail(LiftFault::kCode, proto.code.offset, *fault);
    }
    return f;
  }

  // Takes names and time from the constants of the master. false: it is none, for its code does not
  // do with them what it should.
  bool read_master(Lifted& lifted) {
    const Function& master = lifted.master;
    const auto count = static_cast<uint32_t>(master.children.size());
    if (count < 1 || count > kMaxModules || master.constants.size() != count + 1) {
      return false;
    }
    const Generation generation = image_.generation();
    std::vector<Module> modules;
    for (uint32_t i = 0; i < count; ++i) {
      const auto* name = std::get_if<std::string>(&master.constants[name_constant(generation, i)]);
      if (name == nullptr) {
        return false;
      }
      lifted.names.push_back(*name);
      modules.push_back({*name, {}});
    }
    const auto* time = std::get_if<double>(&master.constants[time_constant(generation, count)]);
    if (time == nullptr) {
      return false;
    }
    lifted.build_time = *time;
    const Function wanted = make_master(std::move(modules), *time);
    const bool is_first = generation == Generation::kMarch2018;
    return master.code == (is_first ? march_2018_code(count) : wanted.code) &&
           master.parameter_count == wanted.parameter_count &&
           master.vararg_flags == wanted.vararg_flags;
  }

  const ImageView& image_;
  Flavour flavour_;
  std::vector<bool> is_lifted_;  // by the offset of a Proto
  uint64_t vector_words_ = 0;
  size_t string_bytes_ = 0;
  std::optional<LiftError> error_;
};

}  // namespace

const char* name(LiftFault fault) {
  switch (fault) {
    case LiftFault::kVectors:
      return "lift-vectors";
    case LiftFault::kString:
      return "lift-string";
    case LiftFault::kConstant:
      return "lift-constant";
    case LiftFault::kLineMap:
      return "lift-line-map";
    case LiftFault::kCode:
      return "lift-code";
    case LiftFault::kNesting:
      return "lift-nesting";
    case LiftFault::kSharedFunction:
      return "lift-shared-function";
    case LiftFault::kSharedWords:
      return "lift-shared-words";
    case LiftFault::kSharedStrings:
      return "lift-shared-strings";
    case LiftFault::kMaster:
      return "lift-master";
  }
  return "";
}

core::Result<Lifted, LiftError> lift(const ImageView& image) {
  return Lifter(image).lift();
}

}  // namespace flashstore::luac
