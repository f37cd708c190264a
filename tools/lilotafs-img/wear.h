// How often sectors were erased, as pictures.
#pragma once

#include <cstdint>
#include <span>
#include <string>

namespace flashstore::lilotafs_img {

// A bar for each sector, or for several next to each other, and how even they are.
std::string wear_text(std::span<const uint32_t> erases);
std::string wear_svg(std::span<const uint32_t> erases);

}  // namespace flashstore::lilotafs_img
