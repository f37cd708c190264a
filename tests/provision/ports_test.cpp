// Names of ports, on a computer that is a folder: what the kernel would show, and what there is in
// /dev.
#include "provision/ports.h"

#include <gmock/gmock.h>

#include <filesystem>

#include "support/files.h"

namespace flashstore::test {
namespace {

namespace fs = std::filesystem;

using provision::FoundPort;
using testing::ElementsAre;
using testing::HasSubstr;

class Ports : public testing::Test {
 protected:
  Ports() {
    fs::create_directories(root_.path() / "dev/serial/by-id");
    fs::create_directories(root_.path() / "sys/class/tty");
    add("ttyUSB1", "10c4", "EA60", "0002");
    add("ttyUSB0", "10c4", "EA60", "0001");
    add("ttyACM0", "303a", "1001", "");
    // One that does not hang on USB.
    make("dev/ttyS0", "");
    fs::create_directories(root_.path() / "sys/devices/platform/serial8250/tty/ttyS0");
    fs::create_directory_symlink(root_.path() / "sys/devices/platform/serial8250",
                                 root_.path() / "sys/devices/platform/serial8250/tty/ttyS0/device");
    fs::create_directory_symlink(root_.path() / "sys/devices/platform/serial8250/tty/ttyS0",
                                 root_.path() / "sys/class/tty/ttyS0");
    fs::create_symlink("../../ttyUSB0", root_.path() / "dev/serial/by-id/usb-CP2102_0001-port0");
  }

  void make(const std::string& path, const std::string& content) {
    fs::create_directories((root_.path() / path).parent_path());
    write_text(root_ / path, content);
  }

  // As the kernel has it: a device, an interface of it, and a port of that.
  void add(const std::string& name, const std::string& vendor, const std::string& product,
           const std::string& serial) {
    const std::string device = "sys/devices/pci0000:00/usb1/1-" + name;
    make("dev/" + name, "");
    make(device + "/idVendor", vendor + "\n");
    make(device + "/idProduct", product + "\n");
    if (!serial.empty()) {
      make(device + "/serial", serial + "\n");
    }
    make("sys/devices/pci0000:00/usb1/idVendor", "1d6b\n");  // the hub
    const fs::path interface = root_.path() / device / ("1-" + name + ":1.0");
    const fs::path tty = interface / name / "tty" / name;
    fs::create_directories(tty);
    fs::create_directory_symlink(interface / name, tty / "device");
    fs::create_directory_symlink(tty, root_.path() / "sys/class/tty" / name);
  }

  std::vector<std::string> paths(const std::string& wanted) const {
    const auto found = provision::find_ports(wanted, root_.path());
    if (!found) {
      return {found.error().diagnostic.id};
    }
    std::vector<std::string> paths;
    for (const FoundPort& port : found.value()) {
      paths.push_back(port.path);
    }
    return paths;
  }

  std::string identity(const std::string& wanted) const {
    const auto found = provision::find_ports(wanted, root_.path());
    return found ? found.value().front().identity : "none";
  }

  host::Diagnostic diagnostic(const std::string& wanted) const {
    const auto found = provision::find_ports(wanted, root_.path());
    return found ? host::Diagnostic{} : found.error().diagnostic;
  }

  TemporaryFolder root_;
};

TEST_F(Ports, OnUsbAreTheOnesThatHangThere) {
  const auto ports = provision::usb_ports(root_.path());
  ASSERT_EQ(ports.size(), 3u);
  EXPECT_EQ(ports[0].path, "/dev/ttyACM0");
  EXPECT_EQ(ports[0].serial, "");
  EXPECT_EQ(ports[1].path, "/dev/ttyUSB0");
  EXPECT_EQ(ports[1].vendor, "10c4");
  EXPECT_EQ(ports[1].product, "ea60");
  EXPECT_EQ(ports[1].serial, "0001");
  EXPECT_EQ(ports[2].path, "/dev/ttyUSB1");
}

TEST_F(Ports, AreFoundByPathsAndNames) {
  EXPECT_THAT(paths("/dev/ttyUSB1"), ElementsAre("/dev/ttyUSB1"));
  EXPECT_THAT(paths("/dev/ttyS0"), ElementsAre("/dev/ttyS0"));
  EXPECT_THAT(paths("ttyUSB1"), ElementsAre("/dev/ttyUSB1"));
  EXPECT_THAT(paths("/dev/serial/by-id/usb-CP2102_0001-port0"),
              ElementsAre("/dev/serial/by-id/usb-CP2102_0001-port0"));
  EXPECT_THAT(paths("usb-CP2102_0001-port0"),
              ElementsAre("/dev/serial/by-id/usb-CP2102_0001-port0"));
}

TEST_F(Ports, AreTheSameByAllTheirNames) {
  for (const char* name :
       {"usb-CP2102_0001-port0", "10c4:ea60:0001", "ttyUSB0", "/dev/../dev/ttyUSB0"}) {
    EXPECT_EQ(identity(name), identity("/dev/ttyUSB0")) << name;
  }
  EXPECT_NE(identity("/dev/ttyUSB1"), identity("/dev/ttyUSB0"));
  EXPECT_EQ(provision::find_ports("/dev/null").value().front().identity, "tty-1-3");
}

TEST_F(Ports, AreFoundByUsbNumbersOfOne) {
  EXPECT_THAT(paths("303a:1001"), ElementsAre("/dev/ttyACM0"));
  EXPECT_THAT(paths("303A:1001"), ElementsAre("/dev/ttyACM0"));
  EXPECT_THAT(paths("10c4:ea60:0002"), ElementsAre("/dev/ttyUSB1"));
  EXPECT_THAT(paths("10c4:ea60:0003"), ElementsAre("port-missing"));
  EXPECT_THAT(paths("10c4:ea61"), ElementsAre("port-missing"));
}

TEST_F(Ports, OfSeveralWithTheSameNumbersNoneIsGuessed) {
  EXPECT_THAT(paths("10c4:ea60"), ElementsAre("port-ambiguous"));
  EXPECT_THAT(diagnostic("10c4:ea60").message, HasSubstr("/dev/ttyUSB0 (10c4:ea60:0001)"));
  EXPECT_THAT(diagnostic("10c4:ea60").message, HasSubstr("/dev/ttyUSB1 (10c4:ea60:0002)"));
}

TEST_F(Ports, ThatAreNotThereAreMissingAndThoseThatAreAreListed) {
  for (const char* name :
       {"/dev/ttyUSB7", "ttyUSB7", "/dev/ttyUSB[78]", "10c4", "10c4:ea6", "zzzz:ea60"}) {
    EXPECT_EQ(diagnostic(name).id, "port-missing") << name;
  }
  EXPECT_THAT(diagnostic("ttyUSB7").hint, HasSubstr("/dev/ttyACM0 (303a:1001), /dev/ttyUSB0"));
  TemporaryFolder nothing;
  EXPECT_THAT(provision::find_ports("ttyUSB0", nothing.path()).error().diagnostic.hint,
              HasSubstr("no board"));
}

TEST_F(Ports, OfAPatternAreAll) {
  EXPECT_THAT(paths("/dev/ttyUSB*"), ElementsAre("/dev/ttyUSB0", "/dev/ttyUSB1"));
  EXPECT_THAT(paths("ttyUSB?"), ElementsAre("/dev/ttyUSB0", "/dev/ttyUSB1"));
  EXPECT_THAT(paths("usb-CP2102*"), ElementsAre("/dev/serial/by-id/usb-CP2102_0001-port0"));
}

TEST_F(Ports, OfOtherComputersAreLeftToWhoOpensThem) {
  EXPECT_THAT(paths("rfc2217://bench:4000"), ElementsAre("rfc2217://bench:4000"));
  EXPECT_EQ(identity("rfc2217://bench:4000"), "address-rfc2217---bench-4000");
}

}  // namespace
}  // namespace flashstore::test
