#include "luac/code_check.h"

#include "luaflash/code_check.h"

namespace flashstore::luac {
namespace {

class FunctionCode final : public luaflash::CodeSource {
 public:
  explicit FunctionCode(const Function& function) : f_(function) {}

  uint32_t instruction(uint32_t pc) const override { return f_.code[pc]; }
  bool is_string(uint32_t constant) const override {
    return std::holds_alternative<std::string>(f_.constants[constant]);
  }
  uint32_t child_nups(uint32_t child) const override { return f_.children[child].upvalue_count; }

 private:
  const Function& f_;
};

}  // namespace

std::optional<std::string> check_code(const Function& function) {
  const luaflash::CodeFrame frame = {
      .instructions = static_cast<uint32_t>(function.code.size()),
      .constants = static_cast<uint32_t>(function.constants.size()),
      .children = static_cast<uint32_t>(function.children.size()),
      .nups = function.upvalue_count,
      .numparams = function.parameter_count,
      .is_vararg = function.vararg_flags,
      .maxstack = function.max_stack,
  };
  const uint32_t bad = find_bad_code(frame, FunctionCode(function));
  if (bad == luaflash::kCodeIsGood) {
    return std::nullopt;
  }
  return "bad code at instruction " + std::to_string(bad + 1) + " of the function at line " +
         std::to_string(function.line_defined);
}

}  // namespace flashstore::luac
