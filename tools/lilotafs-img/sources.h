// Where the files of a partition come from: a folder of this computer, or a list.
#pragma once

#include <string>
#include <vector>

#include "image/pack_sources.h"

namespace flashstore::lilotafs_img {

using image::Diagnostics;
using image::FileIdentity;
using image::Filter;
using image::Source;

// The files that the JSON document `file` lists: pack-list.schema.json. Their paths count from its
// folder.
std::vector<Source> sources_of_list(const std::string& file, const Filter& filter,
                                    Diagnostics& problems);

}  // namespace flashstore::lilotafs_img
