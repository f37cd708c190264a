// flashstore-sim: runs Lua out of the flash of a simulated ESP8266.
#include <cstdio>
#include <memory>
#include <string>
#include <vector>

#include "failure.h"
#include "flash_window.h"
#include "heap.h"
#include "image_file.h"
#include "mount_image.h"
#include "options.h"
#include "runtime.h"
#include "store_trap.h"

namespace flashstore::sim {
namespace {

size_t heap_left(void* heap) {
  return static_cast<Heap*>(heap)->left();
}

std::string base_name(const std::string& path) {
  return path.substr(path.rfind('/') + 1);
}

// Runs what the options name. The Lua side never unwinds through here: its errors end in the
// runtime.
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

void simulate(const Options& options) {
  FlashWindow window;
  const FlashImage flash =
      options.image.empty()
          ? firmware::empty_partition(options.base, options.base - luaflash::kFlashWindow)
          : load_image(options.image, options.base, window);
  window.seal();
  install_store_trap();

  Heap heap(options.heap);
  const RuntimeBoard board{Heap::allocate, &heap, heap_left, &flash};
  const std::unique_ptr<lua_State, void (*)(lua_State*)> lua(runtime_open(&board), runtime_close);
  if (lua == nullptr) {
    throw Failure(kProgramFailed, "not enough memory to start Lua", "give a larger --heap");
  }
  const RuntimeStatus status = run(lua.get(), options);
  const std::string message = status == RUNTIME_OK ? "" : runtime_message(lua.get());
  if (status == RUNTIME_NO_MODULE) {
    throw Failure(kProgramFailed, options.image + ": no module '" + options.module + "'",
                  "it has: " + message);
  }
  if (status != RUNTIME_OK) {
    throw Failure(kProgramFailed, message);
  }
}

}  // namespace
}  // namespace flashstore::sim

int main(int argc, char** argv) {
  using namespace flashstore::sim;
  // What was printed before a trap is not lost.
  std::setvbuf(stdout, nullptr, _IOLBF, BUFSIZ);
  try {
    const Options options = parse_options(argc, argv);
    if (options.help) {
      std::fputs(kHelp, stdout);
      return kOk;
    }
    simulate(options);
  } catch (const Failure& failure) {
    std::fflush(stdout);
    std::fprintf(stderr, "flashstore-sim: error: %s\n", failure.what());
    if (!failure.note.empty()) {
      std::fprintf(stderr, "flashstore-sim: note: %s\n", failure.note.c_str());
    }
    return failure.status;
  }
  return kOk;
}
