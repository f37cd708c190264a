#include "freeze.h"

#include <algorithm>
#include <cstring>

#include "become.h"
#include "luaflash/freezer_format.h"

#define LUA_CORE
extern "C" {
#include "ldo.h"
#include "lfunc.h"
#include "lgc.h"
#include "lobject.h"
#include "lstate.h"
}

namespace flashstore::firmware {

using luaflash::FreezerStore;
using luaflash::kWordBytes;
using luaflash::WordSink;

namespace {

template <class T>
uint32_t address_of(const T* object) {
  return static_cast<uint32_t>(reinterpret_cast<uintptr_t>(object));
}

template <class T>
T* at(uint32_t address) {
  return reinterpret_cast<T*>(uintptr_t{address});  // NOLINT(performance-no-int-to-ptr)
}

// Of a string that is in flash, or on its way there.
uint32_t flash_address(const TString* string) {
  if (string == nullptr || luaR_inflash(string)) {
    return address_of(string);
  }
  return luaR_twin(string);
}

// Bytes that become words, the last one filled up with zeros.
class ByteWords {
 public:
  explicit ByteWords(WordSink& sink) : sink_(sink) {}

  bool take(uint32_t byte) {
    word_ |= byte << (8 * count_);
    count_ = (count_ + 1) % kWordBytes;
    return count_ != 0 || give();
  }
  bool end() { return count_ == 0 || give(); }

 private:
  bool give() {
    const uint32_t word = word_;
    word_ = 0;
    return sink_.take(word);
  }

  WordSink& sink_;
  uint32_t word_ = 0;
  uint32_t count_ = 0;
};

bool emit_line_map(const Proto& function, WordSink& sink) {
  ByteWords bytes(sink);
  int line = 0;
  for (int pc = 0; pc < function.sizecode;) {
    unsigned char run[LUAR_RUNBYTES];
    const int size = luaR_packrun(&function, &pc, &line, run);
    if (!std::all_of(run, run + size, [&](unsigned char byte) { return bytes.take(byte); })) {
      return false;
    }
  }
  return bytes.take(0) && bytes.end();
}

// Only what a value of its type has: the rest of its bytes may be anything.
bool emit_constant(const TValue& value, WordSink& sink) {
  uint32_t words[sizeof(TValue) / kWordBytes] = {};
  switch (ttype(&value)) {
    case LUA_TBOOLEAN:
      words[0] = bvalue(&value) != 0 ? 1 : 0;
      break;
    case LUA_TNUMBER:
      std::memcpy(words, &value.value.n, sizeof(lua_Number));
      break;
    case LUA_TSTRING:
      words[0] = flash_address(rawtsvalue(&value));
      break;
    default:
      break;
  }
  words[std::size(words) - 1] = static_cast<uint32_t>(ttype(&value));
  return std::all_of(std::begin(words), std::end(words),
                     [&](uint32_t word) { return sink.take(word); });
}

bool emit_local(const LocVar& local, WordSink& sink) {
  return sink.take(flash_address(local.varname)) &&
         sink.take(static_cast<uint32_t>(local.startpc)) &&
         sink.take(static_cast<uint32_t>(local.endpc));
}

// Proto and vectors of a function (FORMAT.md, "Freezer"). The functions in it are in flash.
class Frozen final : public luaflash::FreezerContent {
 public:
  explicit Frozen(const Proto& function) : function_(function) {}

  bool emit(uint32_t address, WordSink& sink) const override {
    const Proto& f = function_;
    const auto all = [](int size, auto emit_one) {
      int i = 0;
      while (i < size && emit_one(i)) {
        i++;
      }
      return i == size;
    };
    return emit_proto(address, sink) &&
           all(f.sizep, [&](int i) { return sink.take(address_of(f.p[i])); }) &&
           all(f.sizek, [&](int i) { return emit_constant(f.k[i], sink); }) &&
           all(f.sizecode, [&](int i) { return sink.take(f.code[i]); }) &&
           all(f.sizelocvars, [&](int i) { return emit_local(f.locvars[i], sink); }) &&
           all(f.sizeupvalues, [&](int i) { return sink.take(flash_address(f.upvalues[i])); }) &&
           (f.lineinfo == nullptr || emit_line_map(f, sink));
  }

 private:
  bool emit_proto(uint32_t address, WordSink& sink) const {
    using namespace luaflash;
    const Proto& f = function_;
    uint32_t words[kProtoWords] = {};
    const auto set = [&](ProtoWord index, auto value) {
      words[index] = static_cast<uint32_t>(value);
    };
    uint32_t end = address + sizeof words;
    const auto place = [&](ProtoWord index, int size, uint32_t element_bytes) {
      words[index] = size == 0 ? 0 : end;
      end += static_cast<uint32_t>(size) * element_bytes;
    };
    place(kProtoChildren, f.sizep, kWordBytes);
    place(kProtoConstants, f.sizek, sizeof(TValue));
    place(kProtoCode, f.sizecode, kWordBytes);
    place(kProtoLocals, f.sizelocvars, sizeof(LocVar));
    place(kProtoUpvalueNames, f.sizeupvalues, kWordBytes);
    place(kProtoLineMap, f.lineinfo != nullptr ? 1 : 0, 0);  // the last
    set(kProtoSource, flash_address(f.source));
    set(kProtoUpvalueNameCount, f.sizeupvalues);
    set(kProtoConstantCount, f.sizek);
    set(kProtoCodeCount, f.sizecode);
    set(kProtoChildCount, f.sizep);
    set(kProtoLocalCount, f.sizelocvars);
    set(kProtoLineDefined, f.linedefined);
    set(kProtoLastLineDefined, f.lastlinedefined);
    set(kProtoTraits, f.nups | f.numparams << 8 | f.is_vararg << 16 |
                          static_cast<uint32_t>(f.maxstacksize) << 24);
    return std::all_of(std::begin(words), std::end(words),
                       [&](uint32_t word) { return sink.take(word); });
  }

  const Proto& function_;
};

bool freeze_string(FreezerStore& store, TString* string) {
  if (string == nullptr || luaR_inflash(string) || luaR_twin(string) != 0) {
    return true;
  }
  const uint32_t twin = store.add_string({getstr(string), string->tsv.len}, string->tsv.hash);
  if (twin != 0) {
    luaR_forward(string, twin);
  }
  return twin != 0;
}

bool freeze_strings(FreezerStore& store, const Proto& f) {
  bool done = freeze_string(store, f.source);
  for (int i = 0; i < f.sizek && done; i++) {
    done = !ttisstring(&f.k[i]) || freeze_string(store, rawtsvalue(&f.k[i]));
  }
  for (int i = 0; i < f.sizeupvalues && done; i++) {
    done = freeze_string(store, f.upvalues[i]);
  }
  for (int i = 0; i < f.sizelocvars && done; i++) {
    done = freeze_string(store, f.locvars[i].varname);
  }
  return done;
}

// All functions in it are in flash. null: there is no room.
Proto* freeze_one(FreezerStore& store, const Proto& function) {
  return freeze_strings(store, function) ? at<Proto>(store.add_function(Frozen(function)))
                                         : nullptr;
}

// A function in RAM among those in `function`, or null.
Proto** child_in_ram(const Proto& function) {
  for (int i = 0; i < function.sizep; i++) {
    if (!luaR_inflash(function.p[i])) {
      return &function.p[i];
    }
  }
  return nullptr;
}

// Inner functions first, each put in the place of the one in RAM: whatever happens, all are what
// they were. Not recursive: functions nest deeper than a chip's stack.
Proto* freeze_tree(FreezerStore& store, Proto* root) {
  for (;;) {
    Proto** place = &root;
    while (Proto** child = child_in_ram(**place)) {
      place = child;
    }
    Proto* frozen = freeze_one(store, **place);
    if (frozen == nullptr || place == &root) {
      return frozen;
    }
    *place = frozen;
  }
}

// A closure beside the one on top of the stack.
Closure* push_copy(lua_State* L) {
  luaD_checkstack(L, 1);
  const LClosure& from = clvalue(L->top - 1)->l;
  Closure* copy = luaF_newLclosure(L, from.nupvalues, from.env);
  copy->l.p = from.p;
  std::copy_n(from.upvals, from.nupvalues, copy->l.upvals);
  setclvalue(L, L->top, copy);
  L->top++;
  return copy;
}

}  // namespace

void freeze(lua_State* L, FreezerStore& store, void (*refresh)()) {
  const Closure* function = clvalue(L->top - 1);
  if (function->c.isC != 0 || luaR_inflash(function->l.p) || G(L)->compiling != 0) {
    return;
  }
  Closure* copy = push_copy(L);
  luaR_collect(L);
  Proto* frozen = freeze_tree(store, copy->l.p);
  refresh();
  luaR_become(L);
  if (frozen != nullptr) {
    copy->l.p = frozen;
    setobjs2s(L, L->top - 2, L->top - 1);
  }
  L->top--;
}

}  // namespace flashstore::firmware
