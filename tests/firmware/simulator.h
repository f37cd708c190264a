// The simulator as tests run it, and images for it.
#pragma once

#include <string>
#include <vector>

#include "support/process.h"

namespace flashstore::test {

inline constexpr const char* kDefaultBase = "0x40210000";

// Runs `simulator` (an executable) with these words behind it.
ProcessResult simulate(const std::string& simulator, const std::vector<std::string>& words);

// Compiles the sources, which lie in `folder`, into an absolute image at `base`, with luac.cross.
void compile_image(const std::string& folder, const std::vector<std::string>& sources,
                   const std::string& base, const std::string& image);

// The image of the modules under lua/ of this folder, made once and kept until the tests end.
const std::string& suite_image();

// Names of the modules of it that test something.
const std::vector<std::string>& suite_modules();

}  // namespace flashstore::test
