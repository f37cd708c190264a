#include "boot/prompt.h"

#include <string_view>

#include "boot/events.h"
#include "boot/messages.h"

#include "runtime.h"

extern "C" {
#include "lauxlib.h"
}

namespace flashstore::firmware {
namespace {

const char kChunk = 0;  // key of the registry's entry for what was typed so far

constexpr char kBackspace = 8;
constexpr char kDelete = 127;

// Takes it from the top of the stack.
void set_chunk(lua_State* L) {
  lua_pushlightuserdata(L, const_cast<char*>(&kChunk));
  lua_insert(L, -2);
  lua_rawset(L, LUA_REGISTRYINDEX);
}

// Moves it to the stack: whatever becomes of the next line, its memory is free then.
void take_chunk(lua_State* L) {
  lua_pushlightuserdata(L, const_cast<char*>(&kChunk));
  lua_rawget(L, LUA_REGISTRYINDEX);
  lua_pushnil(L);
  set_chunk(L);
}

// Whether the message is what the compiler says where more was to come.
bool is_incomplete(std::string_view message) {
  return message.ends_with(LUA_QL("<eof>"));
}

int print_results(lua_State* L) {
  if (lua_gettop(L) > 0) {
    luaL_checkstack(L, LUA_MINSTACK, "too many results to print");
    lua_getglobal(L, "print");
    lua_insert(L, 1);
    lua_call(L, lua_gettop(L) - 1, 0);
  }
  return 0;
}

}  // namespace

void Prompt::show() const {
  say(continues_ ? ">> " : "> ");
}

void Prompt::take(char byte) {
  const bool follows_return = after_return_;
  after_return_ = byte == '\r';
  if (byte == '\n' && follows_return) {
    return;
  }
  if (byte == '\n' || byte == '\r') {
    say("\n");
    end_line();
    show();
  } else if (byte == kBackspace || byte == kDelete) {
    if (length_ > 0) {
      length_--;
      say("\b \b");
    }
  } else if (length_ == line_.size()) {
    too_long_ = true;
  } else {
    line_[length_++] = byte;
    say(std::string_view(&byte, 1));
  }
}

void Prompt::end_line() {
  if (too_long_) {
    say("line too long: at most ", Decimal(line_.size()), " bytes; it was dropped\n");
  } else {
    protect(L_, run, this);
  }
  length_ = 0;
  too_long_ = false;
}

// Pushes what was typed so far, with this line.
void Prompt::push_chunk(lua_State* L, bool continued) const {
  const std::string_view line(line_.data(), length_);
  if (continued) {
    take_chunk(L);
    lua_pushlstring(L, line.data(), line.size());
    lua_pushliteral(L, "\n");
    lua_insert(L, -2);
    lua_concat(L, 3);
  } else if (line.starts_with('=')) {
    lua_pushliteral(L, "return ");
    lua_pushlstring(L, line.data() + 1, line.size() - 1);
    lua_concat(L, 2);
  } else {
    lua_pushlstring(L, line.data(), line.size());
  }
}

int Prompt::run(lua_State* L) {
  auto& prompt = *static_cast<Prompt*>(lua_touserdata(L, 1));
  const bool continued = prompt.continues_;
  prompt.continues_ = false;
  lua_settop(L, 0);
  prompt.push_chunk(L, continued);
  size_t bytes = 0;
  const char* chunk = lua_tolstring(L, 1, &bytes);
  const int status = luaL_loadbuffer(L, chunk, bytes, "=stdin");
  if (status == LUA_ERRSYNTAX && is_incomplete(lua_tostring(L, -1))) {
    lua_settop(L, 1);
    set_chunk(L);
    prompt.continues_ = true;
    return 0;
  }
  lua_remove(L, 1);  // the text: the program may need the room
  if (status != 0) {
    return lua_error(L);
  }
  if (!runtime_call(L, 0, LUA_MULTRET)) {
    return lua_error(L);
  }
  return print_results(L);
}

}  // namespace flashstore::firmware
