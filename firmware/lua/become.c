#include "become.h"

#define LUA_CORE

#include "lfunc.h"
#include "lgc.h"
#include "lmem.h"
#include "lobject.h"
#include "lstate.h"
#include "lstring.h"
#include "ltable.h"

// Bits of `marked` that the collector does not use in strings.
#define FORWARDED 7
#define HELD 3

static int is_forwarded(const TString* string) {
  return !luaR_inflash(string) && testbit(string->tsv.marked, FORWARDED);
}

static TString* twin_of(const TString* string) {
  return (TString*)(uintptr_t)string->tsv.hash;
}

void luaR_collect(lua_State* L) {
  const lu_mem threshold = G(L)->GCthreshold;
  luaC_fullgc(L);
  if (threshold == MAX_LUMEM) {
    G(L)->GCthreshold = threshold;
  }
}

void luaR_forward(TString* string, uint32_t twin) {
  l_setbit(string->tsv.marked, FORWARDED);
  string->tsv.hash = twin;
}

uint32_t luaR_twin(const TString* string) {
  return is_forwarded(string) ? string->tsv.hash : 0;
}

// --- what C functions may be reading ---

static void hold(TValue* value) {
  if (ttisstring(value) && is_forwarded(rawtsvalue(value))) {
    l_setbit(rawtsvalue(value)->tsv.marked, HELD);
  }
}

static void hold_values(lua_State* thread) {
  for (CallInfo* ci = thread->base_ci; ci <= thread->ci; ci++) {
    if (!ttisfunction(ci->func) || isLua(ci)) {
      continue;
    }
    const StkId end = ci == thread->ci ? thread->top : (ci + 1)->func;
    for (StkId value = ci->func + 1; value < end; value++) {
      hold(value);
    }
    CClosure* function = &clvalue(ci->func)->c;
    for (int i = 0; i < function->nupvalues; i++) {
      hold(&function->upvalue[i]);
    }
  }
}

// --- references ---

static void redirect(TString** reference) {
  if (*reference != NULL && is_forwarded(*reference)) {
    *reference = twin_of(*reference);
  }
}

static void redirect_value(TValue* value) {
  if (ttisstring(value) && is_forwarded(rawtsvalue(value))) {
    value->value.gc = obj2gco(twin_of(rawtsvalue(value)));
  }
}

// A twin has the same hash: no key changes its place. A key that was removed may still be where a
// traversal is, and may be of anything, of something that is there no more, too; if memory by
// chance looks like a forwarded string, it makes no difference.
static void redirect_key(Node* node) {
  TValue* key = key2tval(node);
  if (ttype(key) != LUA_TDEADKEY) {
    redirect_value(key);
  } else if (!luaR_inflash(gcvalue(key)) && gcvalue(key)->gch.tt == LUA_TSTRING &&
             is_forwarded(rawgco2ts(gcvalue(key)))) {
    key->value.gc = obj2gco(twin_of(rawgco2ts(gcvalue(key))));
  }
}

static void redirect_table(Table* table) {
  for (int i = 0; i < table->sizearray; i++) {
    redirect_value(&table->array[i]);
  }
  for (int i = 0; i < sizenode(table); i++) {
    redirect_key(gnode(table, i));
    redirect_value(gval(gnode(table, i)));
  }
}

static void redirect_function(Proto* function) {
  redirect(&function->source);
  for (int i = 0; i < function->sizek; i++) {
    redirect_value(&function->k[i]);
  }
  for (int i = 0; i < function->sizeupvalues; i++) {
    redirect(&function->upvalues[i]);
  }
  for (int i = 0; i < function->sizelocvars; i++) {
    redirect(&function->locvars[i].varname);
  }
}

static void redirect_object(GCObject* object) {
  switch (object->gch.tt) {
    case LUA_TTABLE:
      redirect_table(gco2h(object));
      break;
    case LUA_TFUNCTION:
      if (gco2cl(object)->c.isC) {
        for (int i = 0; i < gco2cl(object)->c.nupvalues; i++) {
          redirect_value(&gco2cl(object)->c.upvalue[i]);
        }
      }
      break;
    case LUA_TPROTO:
      redirect_function(gco2p(object));
      break;
    case LUA_TUPVAL:
      redirect_value(gco2uv(object)->v);
      break;
    case LUA_TTHREAD:
      for (StkId value = gco2th(object)->stack; value < gco2th(object)->top; value++) {
        redirect_value(value);
      }
      break;
    default:
      break;
  }
}

static void free_string(lua_State* L, GCObject* string) {
  luaM_freemem(L, string, sizestring(gco2ts(string)));
}

static void remove_forwarded(lua_State* L) {
  global_State* g = G(L);
  for (int i = 0; i < g->strt.size; i++) {
    for (GCObject** link = &g->strt.hash[i]; *link != NULL;) {
      GCObject* string = *link;
      if (!testbit(string->gch.marked, FORWARDED)) {
        link = &string->gch.next;
        continue;
      }
      *link = string->gch.next;
      g->strt.nuse--;
      if (testbit(string->gch.marked, HELD)) {
        string->gch.next = g->parked;
        g->parked = string;
      } else {
        free_string(L, string);
      }
    }
  }
}

void luaR_become(lua_State* L) {
  global_State* g = G(L);
  // Userdata follow the main thread in this list; the collector's other list has only such as have
  // no strings of their own.
  for (GCObject* object = g->rootgc; object != NULL; object = object->gch.next) {
    if (object->gch.tt == LUA_TTHREAD) {
      hold_values(gco2th(object));
    }
  }
  for (GCObject* object = g->rootgc; object != NULL; object = object->gch.next) {
    redirect_object(object);
  }
  redirect_value(&g->l_registry);
  for (int i = 0; i < TM_N; i++) {
    redirect(&g->tmname[i]);
  }
  remove_forwarded(L);
}

void luaR_release(lua_State* L) {
  while (G(L)->parked != NULL) {
    GCObject* string = G(L)->parked;
    G(L)->parked = string->gch.next;
    free_string(L, string);
  }
}
