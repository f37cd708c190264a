// The verbs of lfsimg; common/verbs.h tells what one is, info.cpp is the model.
//
// A new verb needs: its file in CMakeLists.txt, add_VERB below, a line in main.cpp's list, what
// it prints with --json in schemas/VERB.schema.json, a section in lfsimg.1, and cases in
// tests/cli/lfsimg.
#pragma once

#include "common/verbs.h"
#include "job.h"

namespace flashstore::lfsimg {

using Verbs = tools::Verbs<Job>;

void add_diff(Verbs& verbs);
void add_disasm(Verbs& verbs);
void add_extract(Verbs& verbs);
void add_info(Verbs& verbs);
void add_ls(Verbs& verbs);
void add_map(Verbs& verbs);
void add_size(Verbs& verbs);
void add_strings(Verbs& verbs);
void add_verify(Verbs& verbs);
void add_relocate(Verbs& verbs);

}  // namespace flashstore::lfsimg
