#include "provision/ports.h"

#include <glob.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

#include <algorithm>
#include <cctype>
#include <filesystem>
#include <optional>

#include "host/files.h"

namespace flashstore::provision {
namespace {

namespace fs = std::filesystem;

constexpr size_t kMaxAttributeBytes = 4096;
constexpr const char* kFolders[] = {"/dev/serial/by-id/", "/dev/"};

std::string lowered(std::string text) {
  std::transform(text.begin(), text.end(), text.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return text;
}

// A line of sysfs; empty: there is none.
std::string attribute(const fs::path& file) {
  const auto text = host::read_file(file, kMaxAttributeBytes);
  return text ? text.value().substr(0, text.value().find('\n')) : "";
}

// The USB device that `tty`, a folder in sysfs, is a part of.
std::optional<UsbPort> usb_port(const fs::path& tty) {
  std::error_code error;
  for (fs::path at = fs::canonical(tty / "device", error);
       !error && at.has_relative_path() && at.filename() != "devices"; at = at.parent_path()) {
    const std::string vendor = attribute(at / "idVendor");
    if (!vendor.empty()) {
      return UsbPort{"/dev/" + tty.filename().string(), lowered(vendor),
                     lowered(attribute(at / "idProduct")), attribute(at / "serial")};
    }
  }
  return std::nullopt;
}

std::string described(const UsbPort& port) {
  return port.path + " (" + port.vendor + ":" + port.product +
         (port.serial.empty() ? "" : ":" + port.serial) + ")";
}

std::string listed(const std::vector<UsbPort>& ports) {
  std::string text;
  for (const UsbPort& port : ports) {
    text += (text.empty() ? "" : ", ") + described(port);
  }
  return text;
}

Problem missing(const std::string& wanted, const std::string& root) {
  const std::string there = listed(usb_ports(root));
  return {host::kEnvironment,
          {.id = "port-missing",
           .message = "there is no port '" + wanted + "'",
           .hint = there.empty() ? "no board is plugged in, as far as USB tells"
                                 : "there are " + there}};
}

// "VID:PID", "VID:PID:SERIAL".
struct UsbName {
  std::string vendor;
  std::string product;
  std::string serial;
};
std::optional<UsbName> usb_name(const std::string& wanted) {
  constexpr size_t kDigits = 4;
  const auto is_number = [&](size_t at) {
    const std::string digits = wanted.substr(std::min(at, wanted.size()), kDigits);
    return digits.size() == kDigits &&
           std::all_of(digits.begin(), digits.end(),
                       [](unsigned char c) { return std::isxdigit(c) != 0; });
  };
  constexpr size_t kProduct = kDigits + 1;
  constexpr size_t kEnd = kProduct + kDigits;
  if (!is_number(0) || wanted[kDigits] != ':' || !is_number(kProduct) ||
      (wanted.size() > kEnd && wanted[kEnd] != ':')) {
    return std::nullopt;
  }
  return UsbName{lowered(wanted.substr(0, kDigits)), lowered(wanted.substr(kProduct, kDigits)),
                 wanted.size() > kEnd ? wanted.substr(kEnd + 1) : ""};
}

std::string identity_of(const struct stat& status) {
  const auto numbers = [](uint64_t a, uint64_t b) {
    return std::to_string(a) + "-" + std::to_string(b);
  };
  return S_ISCHR(status.st_mode) ? "tty-" + numbers(major(status.st_rdev), minor(status.st_rdev))
                                 : "file-" + numbers(status.st_dev, status.st_ino);
}

// What `path` leads to, if it leads to anything.
std::optional<FoundPort> port_at(const std::string& path, const std::string& root) {
  struct stat status {};
  const std::string file = path.starts_with('/') ? root + path : path;
  if (stat(file.c_str(), &status) != 0) {
    return std::nullopt;
  }
  return FoundPort{path, identity_of(status)};
}

std::vector<FoundPort> ports_like(const std::string& pattern, const std::string& root) {
  std::vector<FoundPort> ports;
  glob_t found{};
  const bool is_rooted = pattern.starts_with('/');
  if (glob((is_rooted ? root + pattern : pattern).c_str(), 0, nullptr, &found) == 0) {
    for (size_t i = 0; i < found.gl_pathc; ++i) {
      const std::string path = found.gl_pathv[i] + (is_rooted ? root.size() : 0);
      if (auto port = port_at(path, root)) {
        ports.push_back(std::move(*port));
      }
    }
  }
  globfree(&found);
  return ports;
}

core::Result<std::vector<FoundPort>, Problem> port_by_usb(const std::string& wanted,
                                                          const UsbName& name,
                                                          const std::string& root) {
  std::vector<UsbPort> ports = usb_ports(root);
  std::erase_if(ports, [&](const UsbPort& port) {
    return port.vendor != name.vendor || port.product != name.product ||
           (!name.serial.empty() && port.serial != name.serial);
  });
  if (ports.size() > 1) {
    return Problem{host::kEnvironment,
                   {.id = "port-ambiguous",
                    .message = "'" + wanted + "' are several: " + listed(ports),
                    .hint = "VID:PID:SERIAL, a name in /dev/serial/by-id, or the path is one"}};
  }
  const auto port = ports.empty() ? std::nullopt : port_at(ports.front().path, root);
  if (!port) {
    return missing(wanted, root);
  }
  return std::vector<FoundPort>{*port};
}

// An address is a device of its own.
FoundPort port_by_address(const std::string& address) {
  std::string identity = "address-" + address;
  std::replace_if(
      identity.begin(), identity.end(), [](unsigned char c) { return std::isalnum(c) == 0; }, '-');
  return {address, identity};
}

}  // namespace

std::vector<UsbPort> usb_ports(const std::string& root) {
  std::vector<UsbPort> ports;
  std::error_code error;
  for (const auto& tty : fs::directory_iterator(root + "/sys/class/tty", error)) {
    if (auto port = usb_port(tty.path())) {
      ports.push_back(std::move(*port));
    }
  }
  std::sort(ports.begin(), ports.end(),
            [](const UsbPort& a, const UsbPort& b) { return a.path < b.path; });
  return ports;
}

core::Result<std::vector<FoundPort>, Problem> find_ports(const std::string& wanted,
                                                         const std::string& root) {
  if (wanted.find("://") != std::string::npos) {
    return std::vector<FoundPort>{port_by_address(wanted)};
  }
  const bool is_path = wanted.find('/') != std::string::npos;
  std::vector<std::string> paths = {wanted};
  for (const char* folder : kFolders) {
    if (!is_path) {
      paths.push_back(folder + wanted);
    }
  }
  for (const std::string& path : paths) {
    if (auto port = port_at(path, root)) {
      return std::vector<FoundPort>{std::move(*port)};
    }
  }
  if (const auto name = usb_name(wanted)) {
    return port_by_usb(wanted, *name, root);
  }
  for (const std::string& path : paths) {
    auto ports = ports_like(path, root);
    if (!ports.empty()) {
      return ports;
    }
  }
  return missing(wanted, root);
}

}  // namespace flashstore::provision
