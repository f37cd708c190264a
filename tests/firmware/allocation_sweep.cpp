// What a program meets when memory is refused to it, for every single time it asks:
//
//   allocation_sweep SCRIPT [IMAGE BASE MODULE]
//
// Runs the script, or the module of the image, once for each of its requests for memory, and
// refuses that request: only the first time it is made, so that the program must not notice; also
// after the collection that follows; and together with all that come after it. Exit status 1 and a
// line for each program that ends otherwise than it should, for each state that is of no use
// afterwards, and for memory that is not given back.
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>

#include "board/failure.h"
#include "image_file.h"
#include "luaflash/format.h"
#include "machine.h"
#include "mount_image.h"

extern "C" {
#include "lauxlib.h"
#include "lualib.h"
}

using namespace flashstore;

namespace {

int mistakes = 0;

// Counts the requests for more memory, and refuses some of them.
class Heap {
 public:
  void refuse(int first, int count) {
    first_ = first;
    count_ = count;
    requests_ = 0;
  }
  int requests() const { return requests_; }
  bool refused() const { return requests_ >= first_; }
  size_t used() const { return used_; }

  static void* allocate(void* heap, void* block, size_t old_size, size_t new_size) {
    auto& self = *static_cast<Heap*>(heap);
    if (new_size > old_size && self.refuses_next()) {
      return nullptr;
    }
    self.used_ += new_size - old_size;
    // Every block moves, and what is given back is spoilt.
    void* moved = new_size == 0 ? nullptr : std::malloc(new_size);
    if (block != nullptr) {
      if (moved != nullptr) {
        std::memcpy(moved, block, old_size < new_size ? old_size : new_size);
      }
      std::memset(block, 0xA5, old_size);
      std::free(block);
    }
    return moved;
  }

 private:
  bool refuses_next() {
    requests_++;
    return requests_ >= first_ && requests_ - first_ < count_;
  }

  int first_ = 1;
  int count_ = 0;
  int requests_ = 0;
  size_t used_ = 0;
};

struct Program {
  std::string source;
  const LuaRom* rom = nullptr;
  std::string module;
};

constexpr int kAll = 1 << 30;

void wrong(const char* how, int request, const std::string& what) {
  mistakes++;
  std::printf("wrong: request %d refused %s: %s\n", request, how, what.c_str());
}

int open_libraries(lua_State* L) {
  for (const lua_CFunction open :
       {luaopen_base, luaopen_table, luaopen_string, luaopen_math, luaopen_debug}) {
    lua_pushcfunction(L, open);
    lua_call(L, 0, 0);
  }
  return 0;
}

int run(lua_State* L) {
  const auto& program = *static_cast<const Program*>(lua_touserdata(L, 1));
  lua_settop(L, 0);
  if (program.module.empty()) {
    if (luaL_loadbuffer(L, program.source.data(), program.source.size(), "@script.lua") != 0) {
      return lua_error(L);
    }
  } else {
    luaR_pushmain(L, 0);
    lua_pushlstring(L, program.module.data(), program.module.size());
    lua_call(L, 1, 1);
  }
  lua_call(L, 0, 0);
  return 0;
}

lua_State* open(Heap& heap, const Program& program) {
  lua_State* L = luaR_newstate(Heap::allocate, &heap, program.rom);
  if (L != nullptr && lua_cpcall(L, open_libraries, nullptr) != 0) {
    lua_close(L);
    return nullptr;
  }
  return L;
}

// The message of the error it ended with; empty: none.
std::string run(lua_State* L, const Program& program) {
  std::string message;
  if (lua_cpcall(L, run, const_cast<Program*>(&program)) != 0) {
    message = lua_isstring(L, -1) ? lua_tostring(L, -1) : "(no message)";
  }
  lua_settop(L, 0);
  return message;
}

// Returns false when the program makes fewer requests.
bool refuse_while_running(const Program& program, const char* how, int request, int count) {
  Heap heap;
  lua_State* L = open(heap, program);
  heap.refuse(request, count);
  const std::string message = run(L, program);
  const bool reached = heap.refused();
  // The string table asks only once, and does without; the other refusal is then one that the
  // collection helps with.
  const bool may_end_well = !reached || count < kAll;
  const bool may_fail = reached && count > 1;
  if (message.empty() ? !may_end_well
                      : !may_fail || message.find("not enough memory") == std::string::npos) {
    wrong(how, request, message.empty() ? "ended well" : message);
  }
  heap.refuse(1, 0);
  const std::string again = run(L, program);
  if (!again.empty()) {
    wrong(how, request, "then the same program: " + again);
  }
  lua_close(L);
  if (heap.used() != 0) {
    wrong(how, request, std::to_string(heap.used()) + " bytes are not given back");
  }
  return reached;
}

// Returns false when opening makes fewer requests.
bool refuse_while_opening(const Program& program, int request) {
  Heap heap;
  heap.refuse(request, kAll);
  lua_State* L = open(heap, program);
  const bool reached = heap.refused();
  if (L != nullptr) {
    lua_close(L);
  }
  if (reached != (L == nullptr)) {
    wrong("while opening", request, "the state is there");
  }
  if (heap.used() != 0) {
    wrong("while opening", request, std::to_string(heap.used()) + " bytes are not given back");
  }
  return reached;
}

void sweep(const Program& program) {
  int opening = 1;
  while (refuse_while_opening(program, opening)) {
    opening++;
  }
  struct Way {
    const char* name;
    int count;
  };
  int running = 0;
  for (const Way way : {Way{"once", 1}, Way{"twice", 2}, Way{"for good", kAll}}) {
    running = 1;
    while (mistakes < 20 && refuse_while_running(program, way.name, running, way.count)) {
      running++;
    }
  }
  std::printf("%d requests to open, %d to run\n", opening - 1, running - 1);
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 2 && argc != 5) {
    return 2;
  }
  try {
    Program program;
    program.source = sim::read_file(argv[1]);
    const sim::Machine& machine = sim::make_machine({}, 0);
    FlashImage flash{};
    if (argc == 5) {
      const auto base = static_cast<uint32_t>(std::strtoul(argv[3], nullptr, 0));
      sim::load_image(argv[2], base, sim::machine().chip);
      const uint32_t address = base - luaflash::kFlashWindow;
      flash = firmware::empty_partition(base, address);
      firmware::mount_image(machine.chip.window().mapped().subspan(address), flash);
      program.rom = &flash.rom;
      program.module = argv[4];
    }
    sweep(program);
  } catch (const board::Failure& failure) {
    std::printf("wrong: %s\n", failure.what());
  }
  return mistakes == 0 ? 0 : 1;
}
