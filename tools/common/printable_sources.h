// Functions whose names of sources can be shown: bytecode may name them as it likes.
#pragma once

#include "host/printable.h"
#include "luac/ir.h"

namespace flashstore::tools {

inline void make_sources_printable(luac::Function& function) {
  if (function.source) {
    function.source = host::printable(*function.source);
  }
  for (luac::Function& child : function.children) {
    make_sources_printable(child);
  }
}

}  // namespace flashstore::tools
