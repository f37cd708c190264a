/* One private copy of Lua: everything static but the entry point.
**
** LUA_COPY names the copy; the few symbols that cannot be static get it as a prefix. */
#include "luac/compiler_lua.h"

#include <locale.h>
#include <stdio.h> /* before Lua's macro getline */
#include <stdlib.h>
#include <string.h>

#define JOIN_(a, b) a##b
#define JOIN(a, b) JOIN_(a, b)
#define PRIVATE(name) JOIN(JOIN(flashstore_lua_, LUA_COPY), JOIN(_, name))

#define lua_ident PRIVATE(ident)
#define luaO_nilobject_ PRIVATE(nilobject)
#define luaP_opmodes PRIVATE(opmodes)
#define luaP_opnames PRIVATE(opnames)
#define luaT_typenames PRIVATE(typenames)
#define luaX_tokens PRIVATE(tokens)

#define luaall_c /* Lua's own switch for "one translation unit" */
#define LUA_USE_MKSTEMP
#define LUA_CORE
#include "luaconf.h"
#undef LUA_API
#define LUA_API static
#if LUA_COPY_IS_INT32
#include "luac/compiler_int32.h"
#endif

#include "llex.h"
#include "lobject.h"
#include "lparser.h"

static void line_event(FuncState* fs, int pc, int line);

#include "lapi.c"
#if LUA_COPY_IS_INT32
/* Here operations are folded; "not a number" is asked of their results. */
#undef luai_numdiv
#undef luai_nummod
#undef luai_numisnan
#define luai_numdiv(a, b) (int32_note_overflow((a), (b)), int32_floor_div((a), (b)))
#define luai_nummod(a, b) (int32_note_overflow((a), (b)), int32_floor_mod((a), (b)))
#define luai_numisnan(result) int32_division_overflowed
#endif
#include "lcode.c"
#if LUA_COPY_IS_INT32
#undef luai_numdiv
#undef luai_nummod
#undef luai_numisnan
#define luai_numdiv(a, b) int32_floor_div((a), (b))
#define luai_nummod(a, b) int32_floor_mod((a), (b))
#define luai_numisnan(number) 0
#endif
#include "ldebug.c"
#include "ldo.c"
#include "ldump.c"
#include "lfunc.c"
#include "lgc.c"
#if LUA_COPY_IS_INT32
static int read_int32(LexState* ls, const char* text, lua_Number* number);
#define luaO_str2d(text, number) read_int32(ls, text, number)
#endif
#include "llex.c"
#undef luaO_str2d
#include "lmem.c"
#define strtoul strtoull /* a hexadecimal number's value shall not depend on the host's long */
#include "lobject.c"
#undef strtoul
#include "lopcodes.c"
#include "lparser.c"
#include "lstate.c"
#include "lstring.c"
#include "ltable.c"
#include "ltm.c"
#include "lundump.c"
#include "lvm.c"
#include "lzio.c"

#include "lauxlib.c"
#include "lbaselib.c"
#include "ldblib.c"
#include "linit.c"
#include "liolib.c"
#include "lmathlib.c"
#include "loadlib.c"
#include "loslib.c"
#include "lstrlib.c"
#include "ltablib.c"

typedef struct Job {
  const LuaEvents* events;
  LuaBytes source; /* what the reader has not handed out yet */
  int stopped;
} Job;

/* The allocator's user data is the way from Lua back to the job. */
static void* allocate(void* job, void* block, size_t old_size, size_t new_size) {
  (void)job;
  (void)old_size;
  if (new_size == 0) {
    free(block);
    return NULL;
  }
  return realloc(block, new_size);
}

static Job* job_of(lua_State* L) {
  return (Job*)G(L)->ud;
}

/* What a callback returned: not 0 ends the compilation. */
static void stop_if(lua_State* L, int stop) {
  if (stop != 0) {
    job_of(L)->stopped = 1;
    luaD_throw(L, LUA_ERRMEM); /* the one error that needs no message object */
  }
}

#if LUA_COPY_IS_INT32
static void warn(lua_State* L, int line, const char* text) {
  const LuaEvents* events = job_of(L)->events;
  const LuaBytes bytes = {text, strlen(text)};
  stop_if(L, events->warning(events->context, line, bytes));
}

/* Lua's own reading of a number in source text, with a warning where 32 bits cannot hold it. */
static int read_int32(LexState* ls, const char* text, lua_Number* number) {
  const int is_number = luaO_str2d(text, number);
  const int hexadecimal = text[0] == '0' && (text[1] == 'x' || text[1] == 'X');
  const uint64_t limit = hexadecimal ? UINT32_MAX : (uint64_t)INT32_MAX + (ls->t.token == '-');
  if (is_number && strtoull(text, NULL, hexadecimal ? 16 : 10) > limit) {
    char warning[120];
    snprintf(warning, sizeof warning, "number %.40s does not fit 32 bits; it becomes %d", text,
             (int)*number);
    warn(ls->L, ls->linenumber, warning);
  }
  return is_number;
}
#endif

static void line_event(FuncState* fs, int pc, int line) {
  const LuaEvents* events = job_of(fs->L)->events;
  stop_if(fs->L, events->line(events->context, fs->f, (size_t)pc, line));
#if LUA_COPY_IS_INT32
  if (int32_division_overflowed) {
    int32_division_overflowed = 0;
    warn(fs->L, line, "the result of -2147483648 divided by -1 is no 32-bit integer");
  }
#endif
}

static const char* read_source(lua_State* L, void* data, size_t* size) {
  LuaBytes* rest = &((Job*)data)->source;
  const char* bytes = rest->bytes;
  (void)L;
  *size = rest->size;
  rest->size = 0;
  return bytes;
}

static LuaBytes bytes_of(const TString* string) {
  LuaBytes bytes = {NULL, 0};
  if (string != NULL) {
    bytes.bytes = getstr(string);
    bytes.size = string->tsv.len;
  }
  return bytes;
}

static LuaConstant constant_of(const TValue* value) {
  LuaConstant constant = {LUA_CONSTANT_NIL, 0, 0, {NULL, 0}};
  switch (ttype(value)) {
    case LUA_TBOOLEAN:
      constant.kind = LUA_CONSTANT_BOOLEAN;
      constant.boolean = bvalue(value);
      break;
    case LUA_TNUMBER:
      constant.kind = LUA_CONSTANT_NUMBER;
      constant.number = nvalue(value);
      break;
    case LUA_TSTRING:
      constant.kind = LUA_CONSTANT_STRING;
      constant.string = bytes_of(rawtsvalue(value));
      break;
    default:
      break;
  }
  return constant;
}

/* Tells of `f` and what is inside it. Recursion is as deep as functions are nested, and the parser
** has limited that (LUAI_MAXCCALLS). Returns 0, or what a callback returned to stop. */
static int tell(const Proto* f, const LuaEvents* events) {
  void* context = events->context;
  const LuaFunction function = {f,
                                bytes_of(f->source),
                                (uint32_t)f->linedefined,
                                (uint32_t)f->lastlinedefined,
                                f->nups,
                                f->numparams,
                                f->is_vararg,
                                f->maxstacksize,
                                f->code,
                                (size_t)f->sizecode,
                                f->lineinfo,
                                (size_t)f->sizelineinfo};
  int i;
  int stop = events->begin(context, &function);
  for (i = 0; stop == 0 && i < f->sizek; i++) {
    const LuaConstant constant = constant_of(&f->k[i]);
    stop = events->constant(context, &constant);
  }
  for (i = 0; stop == 0 && i < f->sizelocvars; i++) {
    const LocVar* local = &f->locvars[i];
    stop = events->local(context, bytes_of(local->varname), (uint32_t)local->startpc,
                         (uint32_t)local->endpc);
  }
  for (i = 0; stop == 0 && i < f->sizeupvalues; i++) {
    stop = events->upvalue(context, bytes_of(f->upvalues[i]));
  }
  for (i = 0; stop == 0 && i < f->sizep; i++) {
    stop = tell(f->p[i], events);
  }
  return stop != 0 ? stop : events->end(context);
}

static LuaCompileStatus refuse(lua_State* L, const LuaEvents* events) {
  LuaBytes message;
  message.bytes = lua_tolstring(L, -1, &message.size);
  if (message.bytes == NULL) { /* a script may raise anything */
    message.bytes = "(error object is not a string)";
    message.size = strlen(message.bytes);
  }
  events->message(events->context, message);
  return LUA_COMPILE_REFUSED;
}

/* Argument: a main chunk. Runs it with the host's libraries and returns what it returns. */
static int run_main(lua_State* L) {
  luaL_openlibs(L);
  lua_settop(L, 1);
  lua_call(L, 0, 1);
  return 1;
}

/* What to make of the value a script has returned: tells of a function. */
static LuaCompileStatus tell_returned(lua_State* L, const LuaEvents* events) {
  if (!lua_isfunction(L, -1)) {
    return LUA_COMPILE_NOTHING;
  }
  if (lua_iscfunction(L, -1)) {
    lua_pushliteral(L, "the function it returns is one of C, not of Lua");
    return refuse(L, events);
  }
  return tell(clvalue(L->top - 1)->l.p, events) == 0 ? LUA_COMPILE_OK : LUA_COMPILE_STOPPED;
}

static LuaCompileStatus compile(LuaBytes source, const char* chunk_name, const LuaEvents* events,
                                int run) {
  Job job = {events, source, 0};
  LuaCompileStatus status;
  int error;
  lua_State* L = lua_newstate(allocate, &job);
  if (L == NULL) {
    return LUA_COMPILE_NO_MEMORY;
  }
#if LUA_COPY_IS_INT32
  int32_division_overflowed = 0;
#endif
  lua_gc(L, LUA_GCSTOP, 0); /* a compiler makes little garbage, and lua_close frees it all */
  error = lua_load(L, read_source, &job, chunk_name);
  if (error == 0 && run) {
    lua_gc(L, LUA_GCRESTART, 0);
    lua_pushcfunction(L, run_main);
    lua_insert(L, -2);
    error = lua_pcall(L, 1, 1, 0);
    setlocale(LC_ALL,
              "C"); /* whatever the script has set: what is compiled next shall not see it */
  }
  if (error == 0) {
    status = tell_returned(L, events);
  } else if (error == LUA_ERRMEM) {
    status = job.stopped ? LUA_COMPILE_STOPPED : LUA_COMPILE_NO_MEMORY;
  } else {
    status = refuse(L, events);
  }
  lua_close(L);
  return status;
}

LuaCompileStatus JOIN(flashstore_lua_compile_, LUA_COPY)(LuaBytes source, const char* chunk_name,
                                                         const LuaEvents* events) {
  return compile(source, chunk_name, events, 0);
}

LuaCompileStatus JOIN(flashstore_lua_run_, LUA_COPY)(LuaBytes source, const char* chunk_name,
                                                     const LuaEvents* events) {
  return compile(source, chunk_name, events, 1);
}
