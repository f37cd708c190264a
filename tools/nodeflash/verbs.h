// The verbs of nodeflash; common/verbs.h tells what one is.
//
// A new verb needs: its file in CMakeLists.txt, add_VERB below, a line in main.cpp's list, what
// it prints with --json in schemas/VERB.schema.json, a section in nodeflash.1, and cases in
// tests/cli/nodeflash.
#pragma once

#include "common/verbs.h"
#include "job.h"

namespace flashstore::nodeflash {

using Verbs = tools::Verbs<Job>;

void add_apply(Verbs& verbs);
void add_flash(Verbs& verbs);
void add_lfs_base(Verbs& verbs);
void add_plan(Verbs& verbs);
void add_smoke(Verbs& verbs);
void add_table_create(Verbs& verbs);
void add_table_set(Verbs& verbs);
void add_table_show(Verbs& verbs);

}  // namespace flashstore::nodeflash
