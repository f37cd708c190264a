#include "runtime.h"

#include "lauxlib.h"
#include "libraries.h"
#include "lualib.h"

static const luaL_Reg kLibraries[] = {
    {"", luaopen_base},
    {LUA_LOADLIBNAME, luaopen_package},
    {LUA_TABLIBNAME, luaopen_table},
    {LUA_STRLIBNAME, luaopen_string},
    {LUA_MATHLIBNAME, luaopen_math},
    {LUA_DBLIBNAME, luaopen_debug},
    {NULL, NULL},
};

// Message handler: the error as text, with a traceback. Upvalue: debug.traceback, as it was when
// the state was opened.
static int explain(lua_State* L) {
  if (!lua_isstring(L, 1) && luaL_callmeta(L, 1, "__tostring")) {
    lua_replace(L, 1);
  }
  if (!lua_isstring(L, 1)) {
    lua_pushfstring(L, "(error object is a %s value)", luaL_typename(L, 1));
    lua_replace(L, 1);
  }
  lua_settop(L, 1);
  lua_tostring(L, 1);  // a number becomes text here, where there may be no memory for it
  if (!lua_isfunction(L, lua_upvalueindex(1))) {
    return 1;
  }
  lua_pushvalue(L, lua_upvalueindex(1));
  lua_insert(L, 1);
  lua_pushinteger(L, 2);  // without this function
  lua_call(L, 2, 1);
  return 1;
}

// Key of the registry's entry for it. It is made once: a call needs no memory of its own.
static const char kMessageHandler = 0;

static void keep_message_handler(lua_State* L) {
  lua_pushlightuserdata(L, (void*)&kMessageHandler);
  lua_getglobal(L, LUA_DBLIBNAME);
  lua_getfield(L, -1, "traceback");
  lua_remove(L, -2);
  lua_pushcclosure(L, explain, 1);
  lua_rawset(L, LUA_REGISTRYINDEX);
}

static void push_message_handler(lua_State* L) {
  lua_pushlightuserdata(L, (void*)&kMessageHandler);
  lua_rawget(L, LUA_REGISTRYINDEX);
}

static int open_libraries(lua_State* L) {
  const RuntimeBoard* board = lua_touserdata(L, 1);
  for (const luaL_Reg* library = kLibraries; library->func != NULL; library++) {
    lua_pushcfunction(L, library->func);
    lua_pushstring(L, library->name);
    lua_call(L, 1, 0);
  }
  open_node(L, board);
  add_getstrings(L);
  add_flash_loader(L);
  keep_message_handler(L);
  return 0;
}

lua_State* runtime_open(const RuntimeBoard* board) {
  lua_State* L = luaR_newstate(board->allocate, board->heap, board->rom);
  if (L == NULL) {
    return NULL;
  }
  if (lua_cpcall(L, open_libraries, (void*)board) != 0) {
    lua_close(L);
    return NULL;
  }
  return L;
}

void runtime_close(lua_State* L) {
  lua_close(L);
}

// A program to run: a module, or source if there is any.
typedef struct Program {
  const char* name;
  const char* source;
  size_t source_bytes;
  int count;
  const char* const* arguments;
  RuntimeStatus failure;  // what it means if running it raises an error
} Program;

int runtime_call(lua_State* L, int arguments, int results) {
  const int function = lua_gettop(L) - arguments;
  push_message_handler(L);
  lua_insert(L, function);
  const int status = lua_pcall(L, arguments, results, function);
  lua_remove(L, function);
  return status == 0;
}

// Pushes the names of the image's modules in one string.
static void push_name_list(lua_State* L) {
  lua_pushliteral(L, "");
  if (!push_module_names(L)) {
    return;
  }
  const int names = lua_gettop(L);
  const int count = (int)lua_objlen(L, names);
  lua_pushvalue(L, names - 1);
  for (int i = 1; i <= count; i++) {
    lua_pushstring(L, i > 1 ? ", " : "");
    lua_rawgeti(L, names, i);
    lua_concat(L, 3);
  }
}

static int run(lua_State* L) {
  Program* program = lua_touserdata(L, 1);
  program->failure = RUNTIME_FAILED;
  lua_settop(L, 0);
  if (program->source != NULL) {
    if (luaL_loadbuffer(L, program->source, program->source_bytes, program->name) != 0) {
      return lua_error(L);
    }
  } else if (!push_module(L, program->name)) {
    push_name_list(L);
    program->failure = RUNTIME_NO_MODULE;
    return lua_error(L);
  }
  luaL_checkstack(L, program->count, "too many arguments");
  for (int i = 0; i < program->count; i++) {
    lua_pushstring(L, program->arguments[i]);
  }
  return runtime_call(L, program->count, 0) ? 0 : lua_error(L);
}

static RuntimeStatus run_protected(lua_State* L, Program* program) {
  lua_settop(L, 0);
  if (lua_cpcall(L, run, program) != 0) {
    return program->failure;
  }
  return RUNTIME_OK;
}

RuntimeStatus runtime_run_module(lua_State* L, const char* module, int count,
                                 const char* const* arguments) {
  Program program = {module, NULL, 0, count, arguments, RUNTIME_FAILED};
  return run_protected(L, &program);
}

RuntimeStatus runtime_run_source(lua_State* L, const char* chunk_name, const char* source,
                                 size_t source_bytes, int count, const char* const* arguments) {
  Program program = {chunk_name, source, source_bytes, count, arguments, RUNTIME_FAILED};
  return run_protected(L, &program);
}

const char* runtime_message(lua_State* L) {
  // Only strings are raised out of `run`, so that this converts nothing and takes no memory.
  return lua_isstring(L, -1) ? lua_tostring(L, -1) : "(no message)";
}
