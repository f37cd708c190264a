// lfsimg: what is in an LFS image. See lfsimg.1.
#include <algorithm>

#include "verbs.h"

namespace flashstore::lfsimg {
namespace {

// In the order of the help text.
constexpr void (*kVerbs[])(Verbs&) = {
    add_info,    add_ls,     add_strings, add_verify, add_relocate,
    add_extract, add_disasm, add_size,    add_map,    add_diff,
};

int main_with(const std::vector<std::string>& words) {
  return tools::run_tool<Job>(
      {.tool = {.name = "lfsimg", .version = FLASHSTORE_VERSION},
       .purpose = "Looks into LFS images: Lua in the flash of ESP8266 chips.",
       .formats =
           "reads LFS images of Lua 5.1, of 2018 and since, for float, int and dword firmware",
       .has_more = false},
      kVerbs, words);
}

}  // namespace
}  // namespace flashstore::lfsimg

int main(int argc, char** argv) {
  return flashstore::lfsimg::main_with({argv + std::min(argc, 1), argv + argc});
}
