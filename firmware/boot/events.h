// What happens while no program runs: timers, tasks, the network and the console, each in its turn.
// Everything here runs Lua functions; what they raise is shown on the console, and the device goes
// on.
#pragma once

#include <cstdint>

extern "C" {
#include "lua.h"
}

namespace flashstore::firmware {

// Since the last reset, in microseconds. Must be asked at least once in 71 minutes.
uint64_t uptime();

// Runs `work` with `data` as its argument, a light userdata. What it raises is shown. The stack is
// empty afterwards.
void protect(lua_State* L, lua_CFunction work, void* data);

// In protected code: what `work` leaves on top of its stack is on top of this one afterwards.
// Returns false if it raised an error; then there is nothing.
bool attempt(lua_State* L, lua_CFunction work, void* data);

// In protected code: calls the function below `count` arguments on the stack and takes all of them
// off it. Returns false if it raised an error, which has then been shown, with a traceback.
bool call_shown(lua_State* L, int count);

// Of uptime(). Lua aligns what is in its userdata to 4.
using Instant [[gnu::aligned(4)]] = uint64_t;

// Timers that run, the one due first in front. What a timer does is the Lua side's
// (modules/tmr.cpp).
struct Alarm {
  Alarm* next;
  Instant due;                                 // uptime
  void (*expire)(lua_State* L, Alarm& alarm);  // in protected code; no longer in the list
};
void start_alarm(Alarm& alarm);
// Nothing happens if it is not running.
void stop_alarm(Alarm& alarm);

enum class Priority : uint8_t { kLow, kMedium, kHigh };

// Takes a function off the stack, to be called once. May raise "not enough memory".
void post_task(lua_State* L, Priority priority);

// Looks whether something happened, and serves it; false: nothing did. There is one such source of
// events beside the above, asked in every turn.
using Source = bool (*)(lua_State* L);
void set_source(Source source);

// For a new state, in protected code: forgets everything, and takes the memory that the above will
// need, so that nothing that happens later is lost for want of it.
void open_events(lua_State* L);

// Serves everything until there is no more input and no task. Timers that are still running then do
// not keep a device alive.
void serve(lua_State* L);

}  // namespace flashstore::firmware
