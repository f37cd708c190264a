#include "start.h"

#include "board/board.h"
#include "boot/device.h"
#include "boot/events.h"
#include "boot/messages.h"
#include "modules/modules.h"
#include "modules/version.h"
#include "runtime.h"

extern "C" {
#include "lauxlib.h"
}

namespace flashstore::firmware {
namespace {

constexpr const char* kInit = "init.lua";
constexpr uint32_t kMaxFaults = 3;

RuntimeBoard board_of_runtime;

size_t heap_left(void* heap) {
  return static_cast<Heap*>(heap)->left();
}

int open_modules(lua_State* L) {
  open_events(L);
  open_file(L);
  open_freezer(L);
  open_net(L);
  open_node(L);
  open_tmr(L);
  return 0;
}

// A device that ran this long has come past what made it fault.
constexpr uint64_t kSound = 60'000'000;

void forget_faults(lua_State*, Alarm&) {
  board::retain(0);
}

Alarm sound_alarm;

// How many resets in a row were faults, this one among them.
uint32_t count_faults() {
  switch (board::reset_reason()) {
    case board::ResetReason::kFault:
    case board::ResetReason::kHardwareWatchdog:
    case board::ResetReason::kSoftwareWatchdog:
      board::retain(board::retained() + 1);
      break;
    default:
      board::retain(0);
      break;
  }
  return board::retained();
}

int run_init(lua_State* L) {
  if (luaL_loadfile(L, kInit) != 0) {
    return lua_error(L);
  }
  call_shown(L, 0);
  return 0;
}

void greet() {
  const FlashImage& lfs = device().lfs();
  say("\nFlashstore ", Decimal(kVersionMajor), ".", Decimal(kVersionMinor), ".",
      Decimal(kVersionRevision), " ", kNumberType, ", ", LUA_RELEASE, ", ",
      Decimal(static_cast<uint32_t>(device().heap().left())), " bytes of heap\n");
  if (lfs.image_bytes != 0) {
    say("LFS: image of ", Decimal(lfs.image_bytes), " bytes at ", Hexadecimal(lfs.mapped_base),
        "\n");
  }
}

}  // namespace

lua_State* open_lua() {
  board_of_runtime = {Heap::allocate, &device().heap(), heap_left, &device().lfs(), device().rom()};
  lua_State* L = runtime_open(&board_of_runtime);
  if (L != nullptr && lua_cpcall(L, open_modules, nullptr) != 0) {
    runtime_close(L);
    L = nullptr;
  }
  return L;
}

void start() {
  const uint32_t faults = count_faults();
  boot();
  lua_State* L = open_lua();
  if (L == nullptr) {
    say("not enough memory to start Lua\n");
    board::power_off();
  }
  greet();
  if (faults >= kMaxFaults) {
    say(Decimal(faults), " faults in a row: ", kInit, " is not run\n");
  } else if (device().files() != nullptr && device().files()->stat(kInit)) {
    protect(L, run_init, nullptr);
  }
  sound_alarm = {nullptr, uptime() + kSound, forget_faults};
  start_alarm(sound_alarm);
  serve(L);
  board::power_off();
}

}  // namespace flashstore::firmware
