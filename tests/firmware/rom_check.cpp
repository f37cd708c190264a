// Looks at an image from inside, as a 32-bit process with Lua attached to it:
//
//   rom_check IMAGE BASE SOURCE...
//
// The image was compiled from the SOURCEs, all in one folder. Every function of it is compared with
// what Lua's own compiler makes of the same source in RAM. Prints what an idle Lua takes, with and
// without the image. Exit status 1 and a line for each thing that is wrong.
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>
#include <vector>

#include "board/failure.h"
#include "boot/heap.h"
#include "image_file.h"
#include "luaflash/format.h"
#include "machine.h"
#include "mount_image.h"
#include "runtime.h"

extern "C" {
#include "lauxlib.h"
#include "ldebug.h"
#include "lobject.h"
#include "lstate.h"
}

using namespace flashstore;

namespace {

int mistakes = 0;

void expect(bool condition, const std::string& what) {
  if (!condition) {
    mistakes++;
    std::printf("wrong: %s\n", what.c_str());
  }
}

void check_packed_lines() {
  struct Case {
    const char* name;
    std::vector<unsigned char> map;
    std::vector<int> lines;
  };
  const std::vector<Case> cases = {
      {"empty", {0}, {0, 0}},
      {"one line", {3, 0}, {1, 1, 1, 0}},
      {"next line", {1, 2, 0}, {1, 2, 2, 0}},
      {"forward", {1, 0x80 | 5, 1, 0}, {1, 8, 0}},
      {"back", {0x80 | 7, 1, 0xC0 | 4, 1, 0}, {9, 5, 0}},
      {"same line again", {0x80 | 7, 1, 0xC0, 1, 0}, {9, 9, 0}},
      {"two bytes of delta", {0x80, 0x81, 1, 1, 0}, {66, 67, 0}},
      {"two bytes back", {0x80, 0x81, 1, 0xC0, 0x81, 1, 0}, {66, 2, 0}},
      {"three bytes of delta", {0x80 | 1, 0x80, 0x81, 1, 0}, {1 + 8192 + 2, 0}},
      {"filler", {2, 0x7F, 0x7F, 0}, {1, 1, 0}},
      {"delta without count", {1, 0x83, 0}, {1, 0}},
      {"endless delta", {0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 1, 0}, {}},
  };
  for (const Case& one : cases) {
    for (size_t pc = 0; pc < one.lines.size(); pc++) {
      const int line = luaR_packedline(one.map.data(), static_cast<int>(pc));
      expect(line == one.lines[pc], std::string("line map '") + one.name + "', pc " +
                                        std::to_string(pc) + ": line " + std::to_string(line));
    }
  }
}

bool same_constant(const TValue& a, const TValue& b) {
  if (ttype(&a) != ttype(&b)) {
    return false;
  }
  switch (ttype(&a)) {
    case LUA_TNIL:
      return true;
    case LUA_TBOOLEAN:
      return bvalue(&a) == bvalue(&b);
    case LUA_TNUMBER:
      return std::memcmp(&a.value.n, &b.value.n, sizeof(lua_Number)) == 0;  // also tells -0 from 0
    default:
      return gcvalue(&a) == gcvalue(&b);  // strings are one and the same
  }
}

// `flash` is a function of the image, `ram` what the compiler on the device made of the same
// source.
void compare(const Proto* flash, const Proto* ram, const std::string& where) {
  expect(luaR_inflash(flash) && !luaR_inflash(ram), where + ": place");
  expect(flash->source == ram->source && luaR_inflash(ram->source), where + ": source name");
  expect(flash->linedefined == ram->linedefined && flash->lastlinedefined == ram->lastlinedefined,
         where + ": lines of definition");
  expect(flash->nups == ram->nups && flash->numparams == ram->numparams &&
             flash->is_vararg == ram->is_vararg && flash->maxstacksize == ram->maxstacksize,
         where + ": traits");
  if (flash->sizecode != ram->sizecode || flash->sizek != ram->sizek ||
      flash->sizep != ram->sizep) {
    expect(false, where + ": sizes");
    return;
  }
  for (int pc = 0; pc < flash->sizecode; pc++) {
    const std::string at = where + ", pc " + std::to_string(pc);
    expect(flash->code[pc] == ram->code[pc], at + ": instruction");
    expect(getline(flash, pc) == getline(ram, pc), at + ": line");
  }
  expect(luaR_getline(flash, flash->sizecode) == 0, where + ": line map is longer than the code");
  for (int i = 0; i < flash->sizek; i++) {
    expect(same_constant(flash->k[i], ram->k[i]), where + ", constant " + std::to_string(i));
  }
  for (int i = 0; i < flash->sizep; i++) {
    compare(flash->p[i], ram->p[i], where + "/" + std::to_string(i));
  }
}

const Proto* function_on_top(lua_State* L) {
  return clvalue(L->top - 1)->l.p;
}

void check_module(lua_State* L, const std::string& path) {
  const std::string file = path.substr(path.rfind('/') + 1);
  const std::string module = file.substr(0, file.find('.'));
  const std::string source = sim::read_file(path);
  // A first line that begins with '#' is skipped when a file is loaded, its newline is not.
  const size_t skipped = source.starts_with('#') ? source.find('\n') : 0;
  const std::string text = source.substr(skipped);
  lua_settop(L, 0);
  if (luaL_loadbuffer(L, text.data(), text.size(), ("@" + file).c_str()) != 0) {
    expect(false, lua_tostring(L, -1));
    return;
  }
  const Proto* ram = function_on_top(L);
  luaR_pushmain(L, 0);
  lua_pushstring(L, module.c_str());
  lua_call(L, 1, 1);
  if (!lua_isfunction(L, -1)) {
    expect(false, file + ": not in the image");
    return;
  }
  compare(function_on_top(L), ram, file);
}

// All strings of the image are found, and those alone.
void check_strings(lua_State* L, const LuaRom& rom) {
  int count = 0;
  for (uint32_t i = 0; i < rom.slots; i++) {
    for (GCObject* object = rom.buckets[i]; object != nullptr; object = object->gch.next) {
      TString* string = rawgco2ts(object);
      const std::string text(getstr(string), string->tsv.len);
      lua_pushlstring(L, text.data(), text.size());
      expect(rawtsvalue(L->top - 1) == string, "string not found: " + text);
      const std::string other = text + "\x01 is in no image";
      lua_pushlstring(L, other.data(), other.size());
      expect(!luaR_inflash(rawtsvalue(L->top - 1)), "found, but not there: " + other);
      lua_settop(L, 0);
      count++;
    }
  }
  luaR_pushstrings(L, 1);
  expect(static_cast<int>(lua_objlen(L, -1)) == count, "list of strings");
  lua_settop(L, 0);
}

size_t heap_left(void* heap) {
  return static_cast<firmware::Heap*>(heap)->left();
}

void print_footprint(const char* title, const FlashImage& flash) {
  std::vector<uint8_t> memory(size_t{1} << 20);
  firmware::Heap heap(memory);
  const size_t all = heap.left();
  const LuaRom* rom = flash.image_bytes != 0 ? &flash.rom : nullptr;
  lua_State* L = luaR_newstate(firmware::Heap::allocate, &heap, rom);
  const size_t bare = all - heap.left();
  lua_close(L);
  expect(heap.left() == all, std::string(title) + ": a closed state holds memory");
  const RuntimeBoard board{firmware::Heap::allocate, &heap, heap_left, &flash, rom};
  L = runtime_open(&board);
  lua_gc(L, LUA_GCCOLLECT, 0);
  std::printf("%s: state %zu B, with libraries %zu B\n", title, bare, all - heap.left());
  runtime_close(L);
  expect(heap.left() == all, std::string(title) + ": a closed runtime holds memory");
}

void check(const std::string& image, uint32_t base, char** sources) {
  const sim::Machine& machine = sim::make_machine({}, size_t{64} << 20);
  sim::load_image(image, base, sim::machine().chip);
  const uint32_t address = base - luaflash::kFlashWindow;
  FlashImage flash = firmware::empty_partition(base, address);
  firmware::mount_image(machine.chip.window().mapped().subspan(address), flash);
  check_packed_lines();
  print_footprint("without image", firmware::empty_partition(base, 0));
  print_footprint("with image", flash);

  firmware::Heap heap(board::heap());
  const RuntimeBoard board{firmware::Heap::allocate, &heap, heap_left, &flash, &flash.rom};
  lua_State* L = runtime_open(&board);
  check_strings(L, flash.rom);
  int modules = 0;
  for (; *sources != nullptr; sources++) {
    check_module(L, *sources);
    modules++;
  }
  std::printf("%d modules compared\n", modules);
  runtime_close(L);
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 3) {
    return 2;
  }
  try {
    check(argv[1], static_cast<uint32_t>(std::strtoul(argv[2], nullptr, 0)), argv + 3);
  } catch (const board::Failure& failure) {
    std::printf("wrong: %s\n", failure.what());
    return 1;
  }
  return mistakes == 0 ? 0 : 1;
}
