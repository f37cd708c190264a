// Any file as a module.
#pragma once

#include <string>

#include "luac/master.h"

namespace flashstore::luac {

// A module called `name` that returns `content` as one string.
Module make_resource(const std::string& name, std::string content);

}  // namespace flashstore::luac
