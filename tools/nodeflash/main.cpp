// nodeflash: what goes where in a board's flash. See nodeflash.1.
#include <algorithm>

#include "verbs.h"

namespace flashstore::nodeflash {
namespace {

// In the order of the help text.
constexpr void (*kVerbs[])(Verbs&) = {add_table_show, add_table_set, add_table_create, add_lfs_base,
                                      add_plan,       add_apply,     add_flash,        add_smoke};

int main_with(const std::vector<std::string>& words) {
  return tools::run_tool<Job>(
      {.tool = {.name = "nodeflash", .version = FLASHSTORE_VERSION},
       .purpose = "Plans what goes where in the flash of a board.",
       .formats = "reads and writes partition tables of NodeMCU (ESP8266) and ESP-IDF (ESP32)",
       .has_more = false},
      kVerbs, words);
}

}  // namespace
}  // namespace flashstore::nodeflash

int main(int argc, char** argv) {
  return flashstore::nodeflash::main_with({argv + std::min(argc, 1), argv + argc});
}
