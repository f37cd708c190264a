// A plan, drawn and told.
#pragma once

#include <string>

#include "provision/plan.h"

namespace flashstore::nodeflash {

// The whole flash in 16 lines of 64 cells, and a line for each region. At most 80 columns wide.
std::string picture(const provision::Plan& plan, bool colours);

// A line for each step.
std::string step_table(const provision::Plan& plan);

}  // namespace flashstore::nodeflash
