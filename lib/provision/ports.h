// The serial ports of this computer, and the ways people name them.
#pragma once

#include <string>
#include <vector>

#include "provision/problems.h"

namespace flashstore::provision {

// One that hangs on USB.
struct UsbPort {
  std::string path;     // "/dev/ttyUSB0"
  std::string vendor;   // "10c4", four digits in lower case
  std::string product;  // "ea60"
  std::string serial;   // empty: it has none
};

// In the order of their names, as the kernel tells in `root`/sys; none if it does not.
std::vector<UsbPort> usb_ports(const std::string& root = "");

struct FoundPort {
  std::string path;      // to be opened
  std::string identity;  // the same for all names of one device: "tty-188-0"; fit for a file's name
};

// What `wanted` means:
//   a path, to a device or a link to one          /dev/ttyUSB0, /dev/serial/by-id/...
//   a name in /dev/serial/by-id, or in /dev       usb-Silicon_Labs_CP2102_0001-if00-port0, ttyUSB0
//   VID:PID or VID:PID:SERIAL of one device       10c4:ea60:0001
//   a pattern of paths or names: all it matches   /dev/ttyUSB*
//   an address that esptool opens                 rfc2217://host:4000
// In the order of their names; at least one. Reasons: port-missing, with those that are there;
// port-ambiguous. Absolute paths begin at `root`.
core::Result<std::vector<FoundPort>, Problem> find_ports(const std::string& wanted,
                                                         const std::string& root = "");

}  // namespace flashstore::provision
