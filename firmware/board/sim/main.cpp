// flashstore-sim: a simulated ESP8266 that runs Lua out of its flash.
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <string>
#include <vector>

#include "board/failure.h"
#include "boot/device.h"
#include "console.h"
#include "image_file.h"
#include "machine.h"
#include "options.h"
#include "runtime.h"
#include "start.h"
#include "store_trap.h"

namespace flashstore::sim {
namespace {

using board::Failure;

constexpr uint32_t kProgramHeap = uint32_t{4} << 20;  // of one program, without --heap

std::string report_file;

void write_report() {
  if (report_file.empty()) {
    return;
  }
  std::FILE* file = std::fopen(report_file.c_str(), "w");
  if (file == nullptr) {
    std::perror(report_file.c_str());
    return;
  }
  const norsim::Counters& counters = machine().chip.counters();
  std::fprintf(file, "flash-reads %llu\nflash-programs %llu\nflash-erases %llu\n",
               static_cast<unsigned long long>(counters.read_calls),
               static_cast<unsigned long long>(counters.program_calls),
               static_cast<unsigned long long>(counters.erases));
  std::fclose(file);
}

std::string base_name(const std::string& path) {
  return path.substr(path.rfind('/') + 1);
}

// --- a device that boots ---

constexpr const char* kTerminalVariable = "FLASHSTORE_SIM_TERMINAL";
char** words;

// Whoever is at the terminal stays there when the device is reset.
void start_again() {
  setenv(kTerminalVariable, std::to_string(terminal()).c_str(), 1);
  execv("/proc/self/exe", words);
}

void open_console(const Options& options) {
  if (options.terminal) {
    const char* inherited = std::getenv(kTerminalVariable);
    const std::string name =
        open_terminal(inherited == nullptr ? kNoTerminal : std::atoi(inherited));
    if (inherited == nullptr) {
      std::fprintf(stderr, "flashstore-sim: console on %s\n", name.c_str());
    }
    at_reset(start_again);
  } else if (!options.typed.empty()) {
    open_script(options.typed);
  } else {
    open_standard_input();
  }
}

// --- one program ---

// LFS from `base` to the end of the window, and files from there on.
partition::Table program_partitions(uint32_t base, uint32_t flash_bytes) {
  const uint32_t address = base - luaflash::kFlashWindow;
  partition::Table table;
  table.add({partition::kLfs, address, luaflash::kFlashWindowBytes - address});
  table.add({partition::kLilotafs, luaflash::kFlashWindowBytes,
             flash_bytes - luaflash::kFlashWindowBytes});
  return table;
}

// The Lua side never unwinds through here: its errors end in the runtime.
RuntimeStatus run(lua_State* L, const Options& options) {
  std::vector<const char*> arguments;
  for (const std::string& argument : options.arguments) {
    arguments.push_back(argument.c_str());
  }
  const int count = static_cast<int>(arguments.size());
  if (options.script.empty()) {
    return runtime_run_module(L, options.module.c_str(), count, arguments.data());
  }
  const std::string source = read_file(options.script);
  // Files on a device have no directories: messages name the file alone.
  const std::string chunk_name = "@" + base_name(options.script);
  return runtime_run_source(L, chunk_name.c_str(), source.data(), source.size(), count,
                            arguments.data());
}

void run_program(const Options& options) {
  core::NorFlash& chip = machine().chip;
  if (!options.image.empty()) {
    load_image(options.image, options.base, chip);
  }
  const partition::Table table = program_partitions(options.base, chip.size());
  machine().mute = true;
  firmware::boot(&table);
  machine().mute = false;
  lua_State* L = firmware::open_lua();
  if (L == nullptr) {
    throw Failure(board::kProgramFailed, "not enough memory to start Lua", "give a larger --heap");
  }
  const RuntimeStatus status = run(L, options);
  const std::string message = status == RUNTIME_OK ? "" : runtime_message(L);
  runtime_close(L);
  if (status == RUNTIME_NO_MODULE) {
    throw Failure(board::kProgramFailed, options.image + ": no module '" + options.module + "'",
                  "it has: " + message);
  }
  if (status != RUNTIME_OK) {
    throw Failure(board::kProgramFailed, message);
  }
}

void simulate(const Options& options) {
  const board::DeviceOptions& device = options.device;
  report_file = device.report;
  make_machine({device.flash, device.size, device.cut_after, device.stale_cache},
               device.heap.value_or(options.boots() ? board::kDeviceHeap : kProgramHeap));
  if (options.network) {
    machine().network.emplace(options.port_offset);
  }
  install_store_trap();
  at_stop(write_report);
  if (options.boots()) {
    open_console(options);
    firmware::start();
  }
  run_program(options);
  stop(board::kOk);
}

}  // namespace
}  // namespace flashstore::sim

int main(int argc, char** argv) {
  using namespace flashstore::sim;
  // What was printed before a trap is not lost.
  std::setvbuf(stdout, nullptr, _IOLBF, BUFSIZ);
  words = argv;
  try {
    const Options options = parse_options(argc, argv);
    if (options.device.help) {
      std::fputs(kHelp, stdout);
      return flashstore::board::kOk;
    }
    simulate(options);
  } catch (const flashstore::board::Failure& failure) {
    std::fflush(stdout);
    stop(flashstore::board::report("flashstore-sim", failure));
  }
}
