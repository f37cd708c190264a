// From a command line to the devices of a run.
#pragma once

#include <memory>
#include <vector>

#include "backend.h"

namespace flashstore::nodeflash {

using Sources = std::vector<std::shared_ptr<const PlanSource>>;

// The documents of the command line, or what its options say.
core::Result<Sources, Problem> read_sources(const FlashOptions& options, Job& job);

// In the order of the documents and their ports. No device is among them twice: reason "same-port";
// those of find_ports() (provision/ports.h).
core::Result<std::vector<Target>, Problem> find_targets(const FlashOptions& options,
                                                        const Sources& sources);

}  // namespace flashstore::nodeflash
