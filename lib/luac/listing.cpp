#include "luac/listing.h"

#include "luac/disassembly.h"
#include "luac/format_text.h"

namespace flashstore::luac {

namespace {

const char* plural(size_t count) {
  return count == 1 ? "" : "s";
}

std::string header(const Disassembly& listed) {
  const Function& f = *listed.function;
  std::string out;
  out += "\n";
  out += f.line_defined == 0 ? "main" : "function";
  out += " <" + shown_source(f) + format(":%u,%u> ", f.line_defined, f.last_line_defined);
  out += format("(%zu instruction%s, %zu bytes at ", f.code.size(), plural(f.code.size()),
                f.code.size() * 4);
  out += listed.id + ")\n";
  out += format("%u%s param%s, %u slot%s, %u upvalue%s, ", f.parameter_count,
                f.vararg_flags != 0 ? "+" : "", plural(f.parameter_count), f.max_stack,
                plural(f.max_stack), f.upvalue_count, plural(f.upvalue_count));
  out += format("%zu local%s, %zu constant%s, %zu function%s\n", f.locals.size(),
                plural(f.locals.size()), f.constants.size(), plural(f.constants.size()),
                f.children.size(), plural(f.children.size()));
  return out;
}

std::string tables(const Disassembly& listed) {
  const Function& f = *listed.function;
  std::string out;
  out += format("constants (%zu) for ", f.constants.size()) + listed.id + ":\n";
  for (size_t i = 0; i < f.constants.size(); ++i) {
    out += format("\t%zu\t", i + 1) + shown(f.constants[i]) + "\n";
  }
  out += format("locals (%zu) for ", f.locals.size()) + listed.id + ":\n";
  for (size_t i = 0; i < f.locals.size(); ++i) {
    const LocalVariable& local = f.locals[i];
    out += format("\t%zu\t", i) + shown_name(local.name);
    out += format("\t%u\t%u\n", local.start_pc + 1, local.end_pc + 1);
  }
  out += format("upvalues (%zu) for ", f.upvalue_names.size()) + listed.id + ":\n";
  for (size_t i = 0; i < f.upvalue_names.size(); ++i) {
    out += format("\t%zu\t", i) + shown_name(f.upvalue_names[i]) + "\n";
  }
  return out;
}

}  // namespace

std::string list(const Function& root, bool full) {
  std::string out;
  for (const Disassembly& listed : disassemble(root)) {
    out += header(listed);
    for (const Instruction& i : listed.code) {
      out += format("\t%zu\t", i.number);
      out += listed.function->line_map.empty() ? "[-]\t" : format("[%u]\t", i.line);
      out += format("%-9s\t", i.name) + i.operands;
      out += (i.comment.empty() ? "" : "\t; " + i.comment) + "\n";
    }
    out += full ? tables(listed) : "";
  }
  return out;
}

}  // namespace flashstore::luac
