// One run of a verb of lilotafs-img.
#pragma once

#include "host/job.h"

namespace flashstore::lilotafs_img {

using host::Diagnostic;
using host::Job;
using host::Problem;

}  // namespace flashstore::lilotafs_img
