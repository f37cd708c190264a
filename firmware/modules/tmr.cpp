// tmr: timers, and the time since the last reset.
#include "board/board.h"
#include "boot/events.h"
#include "modules/modules.h"

extern "C" {
#include "lauxlib.h"
}

namespace flashstore::firmware {
namespace {

constexpr const char* kTimer = "tmr.timer";
constexpr uint32_t kLongest = 6870947;  // ms: what the chip's own timers can do
constexpr uint32_t kPositive = 0x7FFFFFFF;

enum Mode : uint8_t { kSingle, kAuto, kSemi };

struct Timer : Alarm {
  uint32_t interval = 0;     // ms
  int callback = LUA_NOREF;  // refers to the function in the registry: registered if there is one
  int self = LUA_NOREF;      // to this object, while it runs: nobody else may hold it
  Mode mode = kSingle;
  bool running = false;
};

static_assert(alignof(Timer) <= 4, "lies in a userdata");

Timer& check_timer(lua_State* L) {
  return *static_cast<Timer*>(luaL_checkudata(L, 1, kTimer));
}

void drop(lua_State* L, int& reference) {
  luaL_unref(L, LUA_REGISTRYINDEX, reference);
  reference = LUA_NOREF;
}

bool stop(lua_State* L, Timer& timer) {
  const bool was_running = timer.running;
  timer.running = false;
  stop_alarm(timer);
  drop(L, timer.self);
  return was_running;
}

void expire(lua_State* L, Alarm& alarm);

// The timer is argument 1.
void start(lua_State* L, Timer& timer) {
  if (timer.self == LUA_NOREF) {
    lua_pushvalue(L, 1);
    timer.self = luaL_ref(L, LUA_REGISTRYINDEX);
  }
  timer.due = uptime() + uint64_t{timer.interval} * 1000;
  timer.expire = expire;
  timer.running = true;
  start_alarm(timer);
}

void expire(lua_State* L, Alarm& alarm) {
  auto& timer = static_cast<Timer&>(alarm);
  lua_rawgeti(L, LUA_REGISTRYINDEX, timer.callback);
  lua_rawgeti(L, LUA_REGISTRYINDEX, timer.self);  // keeps it until the callback is over
  if (timer.mode == kAuto) {
    // In step with the first time, however long the callback takes; times missed are left out.
    const uint64_t period = uint64_t{timer.interval} * 1000;
    const uint64_t now = uptime();
    timer.due += period;
    if (timer.due <= now) {
      timer.due = now + period;
    }
    start_alarm(timer);
  } else {
    timer.running = false;
    drop(L, timer.self);
    if (timer.mode == kSingle) {
      drop(L, timer.callback);
    }
  }
  call_shown(L, 1);
}

uint32_t check_interval(lua_State* L, int argument) {
  const lua_Integer interval = luaL_checkinteger(L, argument);
  luaL_argcheck(L, interval > 0 && static_cast<uint32_t>(interval) <= kLongest, argument,
                "interval out of range: 1 to 6870947 ms");
  return static_cast<uint32_t>(interval);
}

// timer:register(ms, mode, function(timer))
int timer_register(lua_State* L) {
  Timer& timer = check_timer(L);
  const uint32_t interval = check_interval(L, 2);
  const lua_Integer mode = luaL_checkinteger(L, 3);
  luaL_argcheck(L, mode >= kSingle && mode <= kSemi, 3, "invalid mode");
  luaL_checktype(L, 4, LUA_TFUNCTION);
  lua_pushvalue(L, 4);
  const int callback = luaL_ref(L, LUA_REGISTRYINDEX);
  stop(L, timer);
  drop(L, timer.callback);
  timer.callback = callback;
  timer.interval = interval;
  timer.mode = static_cast<Mode>(mode);
  return 0;
}

// timer:start([restart]): whether it runs now because of this
int timer_start(lua_State* L) {
  Timer& timer = check_timer(L);
  const bool may_start =
      timer.callback != LUA_NOREF && (!timer.running || lua_toboolean(L, 2) != 0);
  if (may_start) {
    stop_alarm(timer);
    start(L, timer);
  }
  lua_pushboolean(L, may_start);
  return 1;
}

// timer:alarm(ms, mode, function(timer)): register and start
int timer_alarm(lua_State* L) {
  timer_register(L);
  start(L, check_timer(L));
  lua_pushboolean(L, 1);
  return 1;
}

// timer:stop(): whether it was running
int timer_stop(lua_State* L) {
  lua_pushboolean(L, stop(L, check_timer(L)));
  return 1;
}

// timer:unregister(): forgets the function
int timer_unregister(lua_State* L) {
  Timer& timer = check_timer(L);
  stop(L, timer);
  drop(L, timer.callback);
  return 0;
}

// timer:interval(ms): from the next start on, or at once if it runs
int timer_interval(lua_State* L) {
  Timer& timer = check_timer(L);
  timer.interval = check_interval(L, 2);
  if (timer.running) {
    stop_alarm(timer);
    start(L, timer);
  }
  return 0;
}

// timer:state(): whether it runs, and its mode; nil if it is not registered
int timer_state(lua_State* L) {
  const Timer& timer = check_timer(L);
  if (timer.callback == LUA_NOREF) {
    lua_pushnil(L);
    return 1;
  }
  lua_pushboolean(L, timer.running);
  lua_pushinteger(L, timer.mode);
  return 2;
}

int timer_text(lua_State* L) {
  lua_pushfstring(L, "tmr.timer: %p", static_cast<void*>(&check_timer(L)));
  return 1;
}

// tmr.create()
int tmr_create(lua_State* L) {
  auto* timer = static_cast<Timer*>(lua_newuserdata(L, sizeof(Timer)));
  *timer = Timer{};
  luaL_getmetatable(L, kTimer);
  lua_setmetatable(L, -2);
  return 1;
}

// tmr.now(): microseconds, 31 bits of them
int tmr_now(lua_State* L) {
  lua_pushinteger(L, static_cast<lua_Integer>(uptime() & kPositive));
  return 1;
}

// tmr.time(): seconds
int tmr_time(lua_State* L) {
  lua_pushinteger(L, static_cast<lua_Integer>(uptime() / 1000000 & kPositive));
  return 1;
}

// tmr.delay(us): nothing else happens meanwhile
int tmr_delay(lua_State* L) {
  const lua_Integer duration = luaL_checkinteger(L, 1);
  luaL_argcheck(L, duration >= 0, 1, "negative");
  const uint64_t end = uptime() + static_cast<uint64_t>(duration);
  while (uptime() < end) {
  }
  return 0;
}

// tmr.wdclr(): no board has a watchdog that a program could starve
int tmr_wdclr(lua_State*) {
  return 0;
}

const luaL_Reg kTimerMethods[] = {
    {"alarm", timer_alarm},           {"interval", timer_interval}, {"register", timer_register},
    {"start", timer_start},           {"state", timer_state},       {"stop", timer_stop},
    {"unregister", timer_unregister}, {nullptr, nullptr},
};

const luaL_Reg kTmr[] = {
    {"create", tmr_create}, {"delay", tmr_delay}, {"now", tmr_now},
    {"time", tmr_time},     {"wdclr", tmr_wdclr}, {nullptr, nullptr},
};

}  // namespace

void open_tmr(lua_State* L) {
  push_class(L, kTimer, kTimerMethods);
  set_function(L, "__gc", timer_unregister);
  set_function(L, "__tostring", timer_text);
  provide_library(L, "tmr", kTmr);
  set_number(L, "ALARM_SINGLE", kSingle);
  set_number(L, "ALARM_AUTO", kAuto);
  set_number(L, "ALARM_SEMI", kSemi);
  lua_pop(L, 2);
}

}  // namespace flashstore::firmware
