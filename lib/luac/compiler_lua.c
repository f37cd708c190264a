/* One private copy of Lua: everything static but the entry point.
**
** LUA_COPY names the copy; the few symbols that cannot be static get it as a prefix. */
#include "luac/compiler_lua.h"

#include <stdio.h> /* before Lua's macro getline */
#include <stdlib.h>

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
#define LUA_CORE
#include "luaconf.h"
#undef LUA_API
#define LUA_API static

#include "lobject.h"
#include "lparser.h"

static void line_event(FuncState* fs, int pc, int line);

#include "lapi.c"
#include "lcode.c"
#include "ldebug.c"
#include "ldo.c"
#include "ldump.c"
#include "lfunc.c"
#include "lgc.c"
#include "llex.c"
#include "lmem.c"
#include "lobject.c"
#include "lopcodes.c"
#include "lparser.c"
#include "lstate.c"
#include "lstring.c"
#include "ltable.c"
#include "ltm.c"
#include "lundump.c"
#include "lvm.c"
#include "lzio.c"

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

static void line_event(FuncState* fs, int pc, int line) {
  Job* job = (Job*)G(fs->L)->ud;
  if (job->events->line(job->events->context, fs->f, (size_t)pc, line) != 0) {
    job->stopped = 1;
    luaD_throw(fs->L, LUA_ERRMEM); /* the one error that needs no message object */
  }
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
      constant.number = (double)nvalue(value);
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

/* Tells of `f` and what is inside it. Recursion is as deep as functions are nested, which the
*parser
** has limited (LUAI_MAXCCALLS). Returns 0, or what a callback returned to stop. */
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
                                (size_t)f->sizecode};
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

LuaCompileStatus JOIN(flashstore_lua_compile_, LUA_COPY)(LuaBytes source, const char* chunk_name,
                                                         const LuaEvents* events) {
  Job job = {events, source, 0};
  LuaCompileStatus status = LUA_COMPILE_OK;
  lua_State* L = lua_newstate(allocate, &job);
  if (L == NULL) {
    return LUA_COMPILE_NO_MEMORY;
  }
  lua_gc(L, LUA_GCSTOP, 0); /* a function's address stays its name, and one compilation is short */
  switch (lua_load(L, read_source, &job, chunk_name)) {
    case 0:
      if (tell(clvalue(L->top - 1)->l.p, events) != 0) {
        status = LUA_COMPILE_STOPPED;
      }
      break;
    case LUA_ERRMEM:
      status = job.stopped ? LUA_COMPILE_STOPPED : LUA_COMPILE_NO_MEMORY;
      break;
    default: {
      LuaBytes message;
      message.bytes = lua_tolstring(L, -1, &message.size);
      events->message(events->context, message);
      status = LUA_COMPILE_REFUSED;
      break;
    }
  }
  lua_close(L);
  return status;
}
