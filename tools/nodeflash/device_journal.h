// The journal of one device, in a file of a folder: MAC.json.
#pragma once

#include <optional>
#include <string>

#include "host/lock.h"
#include "planning.h"
#include "provision/journal.h"

namespace flashstore::nodeflash {

class DeviceJournal {
 public:
  // `folder` as the command line has it; empty: $XDG_STATE_HOME/nodeflash, without it
  // ~/.local/state/nodeflash, without that there is none.
  explicit DeviceJournal(const std::string& folder);

  // Takes the journal of the device `mac`; no other process has it then. One that cannot be read is
  // told of with `warn`, and is none; so is a folder of the user's that cannot be had. Reasons:
  // device-busy, unwritable.
  std::optional<Problem> open(const std::string& mac,
                              const std::function<void(const Diagnostic&)>& warn);

  // The plan of `source` that was interrupted; empty: there is none, or it was another one.
  std::optional<provision::Plan> interrupted(const PlanSource& source) const;

  // How many steps of `plan` an earlier run has done.
  size_t steps_done(const provision::Plan& plan) const;

  // Keeps in mind that so many are done. It is on the disk then.
  std::optional<Problem> keep(const provision::Plan& plan, size_t steps);

  // All is done.
  void remove();

  // Empty: there is none.
  const std::string& file() const { return file_; }

 private:
  const bool is_given_;
  const std::string folder_;
  std::string mac_;
  std::string file_;
  std::optional<host::Lock> lock_;
  std::optional<provision::Journal> found_;
};

}  // namespace flashstore::nodeflash
