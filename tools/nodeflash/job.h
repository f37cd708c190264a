// One run of a verb of nodeflash.
#pragma once

#include "host/job.h"

namespace flashstore::nodeflash {

using host::Diagnostic;
using host::Job;
using host::Problem;

}  // namespace flashstore::nodeflash
