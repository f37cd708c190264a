/* Lua 5.1's own compiler behind one C interface: source in, events out.
**
** Nothing of Lua's headers is needed to use it, and its symbols are the compiler's entry point
*alone:
** several differently configured copies of Lua can live in one program. */
#ifndef FLASHSTORE_LUAC_COMPILER_LUA_H
#define FLASHSTORE_LUAC_COMPILER_LUA_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct LuaBytes {
  const char* bytes; /* NULL: there is none */
  size_t size;
} LuaBytes;

typedef enum LuaConstantKind {
  LUA_CONSTANT_NIL,
  LUA_CONSTANT_BOOLEAN,
  LUA_CONSTANT_NUMBER,
  LUA_CONSTANT_STRING
} LuaConstantKind;

typedef struct LuaConstant {
  LuaConstantKind kind;
  int boolean;
  double number;
  LuaBytes string;
} LuaConstant;

typedef struct LuaFunction {
  const void* id; /* the one `line` was called with */
  LuaBytes source;
  uint32_t line_defined, last_line_defined;
  uint8_t upvalue_count, parameter_count, vararg_flags, max_stack;
  const uint32_t* code;
  size_t code_count;
  const int* lines; /* of each instruction, as they are in the end; or none */
  size_t line_count;
} LuaFunction;

/* What the compiler tells. Each callback returns 0 to go on and anything else to stop; it must
 *return
 ** (no exception, no longjmp: there are frames of C below it). What pointers point to lives until
 *the
 ** callback returns.
 **
 ** First, while the source is read: `line`, for instruction `pc` of function `id`. A `pc` told
 *before
 ** is the function's last so far, and its line has changed.
 ** Then, the source being right, each function pre-order: `begin`, its constants, locals and
 *upvalue
 ** names in order, its children likewise, `end`. */
typedef struct LuaEvents {
  void* context;
  int (*line)(void* context, const void* id, size_t pc, int line);
  int (*warning)(void* context, int line, LuaBytes text); /* while the source is read, too */
  int (*begin)(void* context, const LuaFunction* function);
  int (*constant)(void* context, const LuaConstant* constant);
  int (*local)(void* context, LuaBytes name, uint32_t start_pc, uint32_t end_pc);
  int (*upvalue)(void* context, LuaBytes name);
  int (*end)(void* context);
  void (*message)(void* context, LuaBytes message); /* why the source was refused */
} LuaEvents;

typedef enum LuaCompileStatus {
  LUA_COMPILE_OK,
  LUA_COMPILE_REFUSED, /* `message` was called */
  LUA_COMPILE_NO_MEMORY,
  LUA_COMPILE_STOPPED, /* by a callback */
  LUA_COMPILE_NOTHING  /* a script ran, and returned no function */
} LuaCompileStatus;

/* Compiles `source`, called `chunk_name` ("@path" or "=name") in messages. The process must be in
 *the
 ** "C" locale. Numbers are doubles in the one, int32 in the other. */
LuaCompileStatus flashstore_lua_compile_float(LuaBytes source, const char* chunk_name,
                                              const LuaEvents* events);
LuaCompileStatus flashstore_lua_compile_int32(LuaBytes source, const char* chunk_name,
                                              const LuaEvents* events);

/* Runs `source` as a script, with Lua's libraries as on any computer, and tells of the function it
** returns. What it prints goes to stdout; it may end the process. */
LuaCompileStatus flashstore_lua_run_float(LuaBytes source, const char* chunk_name,
                                          const LuaEvents* events);
LuaCompileStatus flashstore_lua_run_int32(LuaBytes source, const char* chunk_name,
                                          const LuaEvents* events);

#ifdef __cplusplus
}
#endif

#endif
