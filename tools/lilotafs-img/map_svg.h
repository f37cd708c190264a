// Pictures of the log for a browser.
#pragma once

#include <string>
#include <vector>

#include "account.h"

namespace flashstore::lilotafs_img {

std::string map_svg(const Partition& partition, const std::vector<Region>& regions);

// A page of its own, nothing is loaded: the picture, what the colours mean, and the files.
std::string map_html(const std::string& title, const Partition& partition,
                     const std::vector<Region>& regions);

}  // namespace flashstore::lilotafs_img
