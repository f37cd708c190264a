// lilotafs-img: partitions of the lilotafs file system, as files. See lilotafs-img.1.
#include <algorithm>

#include "verbs.h"

namespace flashstore::lilotafs_img {
namespace {

// In the order of the help text.
constexpr void (*kVerbs[])(Verbs&) = {
    add_pack, add_info, add_ls,  add_cat,  add_extract, add_add,
    add_rm,   add_diff, add_map, add_fsck, add_torture,
};

int main_with(const std::vector<std::string>& words) {
  return tools::run_tool<Job>(
      {.tool = {.name = "lilotafs-img", .version = FLASHSTORE_VERSION},
       .purpose = "Packs, looks into, checks and repairs lilotafs partitions.",
       .formats = "reads and writes lilotafs partitions as the original does, with check bytes"},
      kVerbs, words);
}

}  // namespace
}  // namespace flashstore::lilotafs_img

int main(int argc, char** argv) {
  return flashstore::lilotafs_img::main_with({argv + std::min(argc, 1), argv + argc});
}
