#include "luac/compiler.h"

#include <exception>
#include <new>
#include <unordered_map>
#include <utility>

#include "luac/compiler_lua.h"
#include "luac/line_map.h"

namespace flashstore::luac {
namespace {

std::string to_string(LuaBytes bytes) {
  return {bytes.bytes, bytes.size};
}

Constant to_constant(const LuaConstant& constant) {
  switch (constant.kind) {
    case LUA_CONSTANT_BOOLEAN:
      return constant.boolean != 0;
    case LUA_CONSTANT_NUMBER:
      return constant.number;
    case LUA_CONSTANT_STRING:
      return to_string(constant.string);
    case LUA_CONSTANT_NIL:
      break;
  }
  return std::monostate();
}

// Puts the compiler's events together to functions.
class IrBuilder {
 public:
  void line(const void* id, size_t pc, int line) {
    line_maps_[id].set_line(pc, static_cast<uint32_t>(line));
  }

  void warning(int line, LuaBytes text) {
    warnings_.push_back({static_cast<uint32_t>(line), to_string(text)});
  }

  void begin(const LuaFunction& told) {
    Function& function = open_.emplace_back();
    if (told.source.bytes != nullptr) {
      function.source = to_string(told.source);
    }
    function.line_defined = told.line_defined;
    function.last_line_defined = told.last_line_defined;
    function.upvalue_count = told.upvalue_count;
    function.parameter_count = told.parameter_count;
    function.vararg_flags = told.vararg_flags;
    function.max_stack = told.max_stack;
    function.code.assign(told.code, told.code + told.code_count);
    function.line_map = line_map_of(told);
  }

  void constant(const LuaConstant& told) { open_.back().constants.push_back(to_constant(told)); }

  void local(LuaBytes name, uint32_t start_pc, uint32_t end_pc) {
    open_.back().locals.push_back({to_string(name), start_pc, end_pc});
  }

  void upvalue(LuaBytes name) { open_.back().upvalue_names.push_back(to_string(name)); }

  void end() {
    Function function = std::move(open_.back());
    open_.pop_back();
    (open_.empty() ? main_ : open_.back().children.emplace_back()) = std::move(function);
  }

  void message(LuaBytes text) { message_ = to_string(text); }

  Compiled take_compiled() { return {std::move(main_), std::move(warnings_)}; }
  std::string take_message() { return std::move(message_); }

  // What a callback threw; it cannot pass through Lua's frames.
  std::exception_ptr thrown;

 private:
  // From the events; from the lines alone for a function that was not compiled but loaded.
  std::string line_map_of(const LuaFunction& told) {
    const std::vector<uint32_t> lines(told.lines, told.lines + told.line_count);
    std::string map = line_maps_[told.id].pack();
    if (unpack_line_map(map, told.code_count) == lines) {
      return map;
    }
    LineMapBuilder builder;
    for (size_t pc = 0; pc < lines.size(); ++pc) {
      builder.set_line(pc, lines[pc]);
    }
    return builder.pack();
  }

  std::unordered_map<const void*, LineMapBuilder> line_maps_;
  std::vector<Function> open_;  // the function being told of and those around it
  Function main_;
  std::vector<CompileWarning> warnings_;
  std::string message_;
};

// The C callback that calls `method` of the builder in `context`.
template <auto method, class... Args>
int forward(void* context, Args... args) {
  auto& builder = *static_cast<IrBuilder*>(context);
  try {
    (builder.*method)(args...);
    return 0;
  } catch (...) {
    builder.thrown = std::current_exception();
    return 1;
  }
}

LuaEvents events_for(IrBuilder& builder) {
  LuaEvents events{};
  events.context = &builder;
  events.line = [](void* c, const void* id, size_t pc, int line) {
    return forward<&IrBuilder::line>(c, id, pc, line);
  };
  events.warning = [](void* c, int line, LuaBytes text) {
    return forward<&IrBuilder::warning>(c, line, text);
  };
  events.begin = [](void* c, const LuaFunction* f) { return forward<&IrBuilder::begin>(c, *f); };
  events.constant = [](void* c, const LuaConstant* k) {
    return forward<&IrBuilder::constant>(c, *k);
  };
  events.local = [](void* c, LuaBytes name, uint32_t start, uint32_t end) {
    return forward<&IrBuilder::local>(c, name, start, end);
  };
  events.upvalue = [](void* c, LuaBytes name) { return forward<&IrBuilder::upvalue>(c, name); };
  events.end = [](void* c) { return forward<&IrBuilder::end>(c); };
  events.message = [](void* c, LuaBytes text) { forward<&IrBuilder::message>(c, text); };
  return events;
}

// The part of `text` Lua shall see: a first line beginning with '#' becomes an empty one.
std::string_view without_shebang(std::string_view text) {
  if (text.empty() || text.front() != '#') {
    return text;
  }
  const size_t end = text.find('\n');
  return end == std::string_view::npos ? "\n" : text.substr(end);
}

using Compiler = LuaCompileStatus (*)(LuaBytes, const char*, const LuaEvents*);

core::Result<std::optional<Compiled>, CompileError> use(Compiler compiler, std::string_view text,
                                                        const std::string& chunk_name) {
  IrBuilder builder;
  const LuaEvents events = events_for(builder);
  const std::string_view source = without_shebang(text);
  const LuaCompileStatus status =
      compiler({source.data(), source.size()}, chunk_name.c_str(), &events);
  if (builder.thrown) {
    std::rethrow_exception(builder.thrown);
  }
  switch (status) {
    case LUA_COMPILE_OK:
      return std::optional(builder.take_compiled());
    case LUA_COMPILE_NOTHING:
      return std::optional<Compiled>();
    case LUA_COMPILE_REFUSED:
      return CompileError{builder.take_message()};
    case LUA_COMPILE_NO_MEMORY:
    case LUA_COMPILE_STOPPED:
      break;
  }
  throw std::bad_alloc();
}

}  // namespace

core::Result<Compiled, CompileError> compile(std::string_view text, const std::string& chunk_name,
                                             Flavour flavour) {
  const bool integer = flavour == Flavour::kInt;
  auto result =
      use(integer ? flashstore_lua_compile_int32 : flashstore_lua_compile_float, text, chunk_name);
  if (!result) {
    return result.error();
  }
  return *std::move(result).value();
}

core::Result<std::optional<Compiled>, CompileError> run_script(std::string_view text,
                                                               const std::string& chunk_name,
                                                               Flavour flavour) {
  const bool integer = flavour == Flavour::kInt;
  return use(integer ? flashstore_lua_run_int32 : flashstore_lua_run_float, text, chunk_name);
}

}  // namespace flashstore::luac
