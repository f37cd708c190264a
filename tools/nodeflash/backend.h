// The ways a plan gets onto a device: flash has one of them for a run, and all of its devices.
//
// A new one needs: its file in CMakeLists.txt, a function below, a line in flash.cpp's list, and
// words in nodeflash.1.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "device_report.h"
#include "planning.h"

namespace flashstore::nodeflash {

class Backend;
struct FlashOptions;

// The options outlive what is made.
using MakeBackend = std::unique_ptr<Backend> (*)(const FlashOptions&);

std::unique_ptr<Backend> esptool_backend(const FlashOptions& options);
std::unique_ptr<Backend> uart_backend(const FlashOptions& options);

// The console of a board that runs.
struct ConsoleLine {
  uint32_t baud = 115200;
  std::optional<uint32_t> seconds;  // from a reset to the prompt; empty: as the manifest has it
  uint32_t line_seconds = 3;        // for the answer to one line
};

struct FlashOptions {
  PlanningOptions planning;
  bool needs_plan = true;
  std::vector<std::string> documents;  // none: options say what is to be flashed
  std::vector<std::string> ports;      // none: the documents tell
  MakeBackend backend = esptool_backend;
  std::optional<uint32_t> jobs;    // devices at once
  std::string esptool;             // empty: looked for
  bool no_stub = false;            // of esptool
  std::vector<std::string> bauds;  // empty: the manifest's, or the backend's own
  std::optional<uint32_t> tries;
  std::optional<uint32_t> seconds;
  std::string mac;        // empty: any, or the manifest's
  std::string keep_page;  // empty: named by the device
  std::string journal;    // a folder; empty: the user's
  bool events = false;
  bool smoke = false;  // look whether it runs
  ConsoleLine console;
};

// A device, and what it is to get.
struct Target {
  std::string port;      // what is opened
  std::string identity;  // of the port, by whatever name (provision/ports.h)
  std::string mac;       // the one that is wanted; empty: any
  std::shared_ptr<const PlanSource> source;
};

class Backend {
 public:
  virtual ~Backend() = default;

  // Once, before any device: finds what it works with, and tells of it in the JSON document.
  virtual std::optional<Problem> prepare(Job& job) = 0;

  // All that is done to one device; several threads do this at once. What has been said of the
  // device goes to `report`, but for the problem that is returned.
  virtual std::optional<Problem> flash(const Target& target, DeviceReport& report) const = 0;
};

// Options that say which boards these are, and what they are to get, or got.
void add_boards(tools::CommandLine& line, FlashOptions& options);
// Does to all of them what `backend` does. Returns the exit status.
int run_boards(const FlashOptions& options, Backend& backend, Job& job);

// The bauds of the command line, none if there are none.
core::Result<std::vector<uint32_t>, Problem> bauds_of(const FlashOptions& options);

}  // namespace flashstore::nodeflash
