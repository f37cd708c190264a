#include "luac/strip.h"

namespace flashstore::luac {

void strip(Function& function, Strip level, const std::optional<std::string>& common_source) {
  function.locals.clear();
  function.upvalue_names.clear();
  if (level >= Strip::kLines) {
    function.line_map.clear();
  }
  if (level >= Strip::kSources) {
    function.source = common_source;
  }
  for (Function& child : function.children) {
    strip(child, level, common_source);
  }
}

}  // namespace flashstore::luac
