#include "boot/events.h"

#include <algorithm>

#include "become.h"
#include "board/board.h"
#include "boot/messages.h"
#include "boot/prompt.h"
#include "runtime.h"

extern "C" {
#include "lauxlib.h"
}

namespace flashstore::firmware {
namespace {

// Refer to what is in the registry: the table of posted functions, and the function that protect()
// calls.
int tasks = LUA_NOREF;
int worker = LUA_NOREF;

constexpr int kPriorities = 3;
constexpr int kInARow = 32;  // events before the console has its turn

// Of the functions with one priority, number n has the key n * kPriorities + priority.
struct Queue {
  uint32_t first = 0;
  uint32_t end = 0;
};

Queue queues[kPriorities];
Alarm* alarms = nullptr;
Source source = nullptr;
uint32_t last_count = 0;
uint32_t wraps = 0;

int key_of(uint32_t number, int priority) {
  return static_cast<int>(number * kPriorities + static_cast<uint32_t>(priority));
}

struct Work {
  lua_CFunction function;
  void* data;
};

int do_work(lua_State* L) {
  const auto* work = static_cast<const Work*>(lua_touserdata(L, 1));
  lua_pushlightuserdata(L, work->data);
  lua_replace(L, 1);
  return work->function(L);
}

// As lua_cpcall, which needs memory for a closure.
int call_work(lua_State* L, lua_CFunction function, void* data, int results) {
  Work work{function, data};
  lua_rawgeti(L, LUA_REGISTRYINDEX, worker);
  lua_pushlightuserdata(L, &work);
  return lua_pcall(L, 1, results, 0);
}

bool tasks_wait() {
  return std::any_of(std::begin(queues), std::end(queues),
                     [](const Queue& queue) { return queue.first != queue.end; });
}

// Pushes the function posted first among those of the highest priority there are; there is one.
void push_next_task(lua_State* L) {
  int priority = kPriorities - 1;
  while (queues[priority].first == queues[priority].end) {
    priority--;
  }
  Queue& queue = queues[priority];
  const int key = key_of(queue.first++, priority);
  if (queue.first == queue.end) {
    queue = {};
  }
  lua_rawgeti(L, LUA_REGISTRYINDEX, tasks);
  lua_rawgeti(L, -1, key);
  lua_pushnil(L);
  lua_rawseti(L, -3, key);
}

int run_task(lua_State* L) {
  push_next_task(L);
  lua_pushinteger(L, 0);  // NodeMCU tells a task its parameter; posted from Lua it is 0
  call_shown(L, 1);
  return 0;
}

int run_alarm(lua_State* L) {
  auto* alarm = static_cast<Alarm*>(lua_touserdata(L, 1));
  alarm->expire(L, *alarm);
  return 0;
}

Alarm* take_due_alarm() {
  if (alarms == nullptr || alarms->due > uptime()) {
    return nullptr;
  }
  Alarm* alarm = alarms;
  alarms = alarm->next;
  return alarm;
}

bool run_due_alarm(lua_State* L) {
  Alarm* alarm = take_due_alarm();
  if (alarm != nullptr) {
    protect(L, run_alarm, alarm);
  }
  return alarm != nullptr;
}

// What the source has, and a task. false: there is neither.
bool run_work(lua_State* L) {
  const bool was_served = source != nullptr && source(L);
  const bool has_task = tasks_wait();
  if (has_task) {
    protect(L, run_task, nullptr);
  }
  return was_served || has_task;
}

uint32_t until_next_alarm() {
  constexpr uint64_t kLongest = 60'000'000;
  if (alarms == nullptr) {
    return kLongest;
  }
  const uint64_t now = uptime();
  return alarms->due <= now ? 0 : static_cast<uint32_t>(std::min(alarms->due - now, kLongest));
}

}  // namespace

uint64_t uptime() {
  const uint32_t count = board::microseconds();
  if (count < last_count) {
    wraps++;
  }
  last_count = count;
  return uint64_t{wraps} << 32 | count;
}

void protect(lua_State* L, lua_CFunction work, void* data) {
  if (call_work(L, work, data, 0) != 0) {
    say(runtime_message(L), "\n");
  }
  lua_settop(L, 0);
  luaR_release(L);
}

bool attempt(lua_State* L, lua_CFunction work, void* data) {
  const bool is_done = call_work(L, work, data, 1) == 0;
  if (!is_done) {
    lua_pop(L, 1);
  }
  return is_done;
}

bool call_shown(lua_State* L, int count) {
  if (runtime_call(L, count, 0)) {
    return true;
  }
  say(runtime_message(L), "\n");
  lua_pop(L, 1);
  return false;
}

void start_alarm(Alarm& alarm) {
  Alarm** place = &alarms;
  while (*place != nullptr && (*place)->due <= alarm.due) {
    place = &(*place)->next;
  }
  alarm.next = *place;
  *place = &alarm;
}

void stop_alarm(Alarm& alarm) {
  for (Alarm** place = &alarms; *place != nullptr; place = &(*place)->next) {
    if (*place == &alarm) {
      *place = alarm.next;
      return;
    }
  }
}

void post_task(lua_State* L, Priority priority) {
  const auto number = static_cast<int>(priority);
  Queue& queue = queues[number];
  lua_rawgeti(L, LUA_REGISTRYINDEX, tasks);
  lua_insert(L, -2);
  lua_rawseti(L, -2, key_of(queue.end, number));
  lua_pop(L, 1);
  queue.end++;
}

void set_source(Source new_source) {
  source = new_source;
}

void open_events(lua_State* L) {
  std::fill(std::begin(queues), std::end(queues), Queue{});
  alarms = nullptr;
  source = nullptr;
  lua_newtable(L);
  tasks = luaL_ref(L, LUA_REGISTRYINDEX);
  lua_pushcfunction(L, do_work);
  worker = luaL_ref(L, LUA_REGISTRYINDEX);
  // The list of references that are free has its place in the registry from the first on.
  lua_pushboolean(L, 1);
  luaL_unref(L, LUA_REGISTRYINDEX, luaL_ref(L, LUA_REGISTRYINDEX));
}

void serve(lua_State* L) {
  Prompt prompt(L);
  prompt.show();
  bool has_work = false;
  for (bool open = true; open || has_work;) {
    // Tasks that post others and timers that take longer than their time leave a turn to the rest.
    bool is_busy = true;
    for (int turn = 0; turn < kInARow && is_busy; turn++) {
      const bool was_due = run_due_alarm(L);
      has_work = run_work(L);
      is_busy = was_due || has_work;
    }
    const int byte = board::get();
    if (byte >= 0) {
      prompt.take(static_cast<char>(byte));
    } else if (byte == board::kEndOfInput) {
      open = false;
    } else if (!is_busy) {
      board::idle(until_next_alarm());
    }
  }
  say("\n");  // behind the prompt
}

}  // namespace flashstore::firmware
