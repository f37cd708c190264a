// The verbs of lilotafs-img; common/verbs.h tells what one is.
//
// A new verb needs: its file in CMakeLists.txt, add_VERB below, a line in main.cpp's list, what
// it prints with --json in schemas/VERB.schema.json, a section in lilotafs-img.1, and cases in
// tests/cli/lilotafs-img.
#pragma once

#include "common/verbs.h"
#include "job.h"

namespace flashstore::lilotafs_img {

using Verbs = tools::Verbs<Job>;

void add_add(Verbs& verbs);
void add_cat(Verbs& verbs);
void add_diff(Verbs& verbs);
void add_extract(Verbs& verbs);
void add_fsck(Verbs& verbs);
void add_info(Verbs& verbs);
void add_ls(Verbs& verbs);
void add_map(Verbs& verbs);
void add_pack(Verbs& verbs);
void add_rm(Verbs& verbs);
void add_torture(Verbs& verbs);

}  // namespace flashstore::lilotafs_img
