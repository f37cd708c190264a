// The freezer on the whole device: functions that move to flash while programs run, and stay there.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <iostream>

#include "device.h"
#include "luaflash/freezer_region.h"

namespace flashstore::test {
namespace {

using luaflash::test::Region;
using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

constexpr size_t kAddress = 0xE0000;
constexpr size_t kBytes = 0x10000;

std::string freezer_of(Device& device) {
  return device.flash().substr(kAddress, kBytes);
}

Region region_of(Device& device) {
  const std::string bytes = freezer_of(device);
  Region region;
  EXPECT_EQ(luaflash::test::read_region({bytes.begin(), bytes.end()}, region), "");
  return region;
}

size_t used(Device& device) {
  return freezer_of(device).find_last_not_of('\xFF') + 1;
}

class Freezer : public ::testing::TestWithParam<Board> {
 protected:
  std::string type(const std::string& typed, int exit_status = kEnded,
                   const std::vector<std::string>& options = {}) {
    const ProcessResult run = device_.boot(typed, options);
    EXPECT_EQ(run.exit_status, exit_status) << run.out << run.err;
    EXPECT_EQ(run.err, "");
    return run.out;
  }

  Device device_{GetParam()};
};

TEST_P(Freezer, FrozenFunctionDoesTheSame) {
  device_.add_file("sample.lua",
                   "local x, y = ...\n"
                   "local function inner(depth)\n"
                   "  local reason = 'oops ' .. depth\n"
                   "  error(reason)\n"
                   "end\n"
                   "shared = function(z)\n"
                   "  if z then inner(z) end\n"
                   "  x = x + 1\n"
                   "  return x, y, true, false, nil, 15, 'text', ({a = 1}).a, (x == nil) == false\n"
                   "end\n"
                   "return shared\n");
  const std::string out = type(
      "f = loadfile 'sample.lua' g = freezer.freeze(f) print('new', f ~= g)\n"
      "h = g(5, 'why') print('one', h())\n"
      "print('two', h())\n"
      "h(7)\n"
      "setfenv(g, {}) print(pcall(g, 1))\n"
      "print('global', shared == h)\n"
      "f = nil g = nil collectgarbage() print('three', h())\n"
      "print('lines', debug.getinfo(h, 'S').linedefined, debug.getlocal(1, 1))\n");
  EXPECT_THAT(out, HasSubstr("new\ttrue\n"));
  EXPECT_THAT(out, HasSubstr("one\t6\twhy\ttrue\tfalse\tnil\t15\ttext\t1\ttrue\n"));
  EXPECT_THAT(out, HasSubstr("two\t7\twhy\t"));
  EXPECT_THAT(out, HasSubstr("sample.lua:4: oops 7\nstack traceback:\n\t[C]: in function 'error'\n"
                             "\tsample.lua:4: in function 'inner'\n"
                             "\tsample.lua:7: in function 'h'\n"));
  EXPECT_THAT(out, HasSubstr("\ntrue\tfunction: "));
  EXPECT_THAT(out, HasSubstr("global\ttrue\n"));
  EXPECT_THAT(out, HasSubstr("three\t8\t"));
  EXPECT_THAT(out, HasSubstr("lines\t6\t"));
  const Region region = region_of(device_);
  EXPECT_EQ(region.functions.size(), 3u);
}

TEST_P(Freezer, SharesUpvaluesAndNamesThem) {
  const std::string out = type(
      "local n = 1 local f = function() n = n + 1 return n end local g = freezer.freeze(f) "
      "print('shared', g(), f(), g(), n, debug.getupvalue(g, 1))\n");
  EXPECT_THAT(out, HasSubstr("shared\t2\t3\t4\t4\tn\t4\n"));
}

TEST_P(Freezer, OthersComeBackAsTheyAre) {
  const std::string out = type(
      "f = freezer.freeze(loadstring 'return 1') print('frozen', freezer.freeze(f) == f)\n"
      "print('c', freezer.freeze(print) == print)\n"
      "print(pcall(freezer.freeze)) print(pcall(freezer.freeze, {})) print(pcall(freezer.freeze, "
      "nil))\n");
  EXPECT_THAT(out, HasSubstr("frozen\ttrue\n"));
  EXPECT_THAT(out, HasSubstr("c\ttrue\n"));
  EXPECT_THAT(out, HasSubstr("false\tbad argument #1 to '?' (function expected, got no value)\n"
                             "false\tbad argument #1 to '?' (function expected, got table)\n"
                             "false\tbad argument #1 to '?' (function expected, got nil)\n"));
}

TEST_P(Freezer, FunctionsOfLfsComeBackAsTheyAre) {
  device_.add_file("luac.out", make_image({{"m", "return 'from lfs'"}}, GetParam().numbers));
  type("node.flashreload 'luac.out'\n", kRestarted);
  const std::string out = type(
      "f = node.flashindex 'm' print('lfs', freezer.freeze(f) == f, f())\n"
      "g = freezer.freeze(loadstring 'return \"from lfs\"') print('equal', f() == g())\n");
  EXPECT_THAT(out, HasSubstr("lfs\ttrue\tfrom lfs\n"));
  EXPECT_THAT(out, HasSubstr("equal\ttrue\n"));
  for (const auto& [address, text] : region_of(device_).strings) {
    EXPECT_NE(text, "from lfs") << "it is in LFS";
  }
}

constexpr const char* kThing = "local m = {} function m.f(a) return 'value ' .. a end return m\n";

// As a script, typed, in a coroutine, in a timer and in a task.
TEST_P(Freezer, DofileFreezesWhereverItIsCalled) {
  device_.add_file("thing.lua", kThing);
  device_.add_file("init.lua",
                   "dofile = function (f)\n  return freezer.freeze(loadfile(f))()\n  end\n"
                   "print('script', dofile('thing.lua').f(1))\n");
  const std::string out = type(
      "print('typed', dofile('thing.lua').f(2))\n"
      "print('coroutine', coroutine.wrap(function(...) local r = dofile('thing.lua') "
      "coroutine.yield(r.f(...)) end)(3))\n"
      "tmr.create():alarm(10, tmr.ALARM_SINGLE, function() print('timer', "
      "dofile('thing.lua').f(4)) end)\n"
      "#wait 50\n"
      "node.task.post(function() print('task', dofile('thing.lua').f(5)) end)\n"
      "print('pcall', pcall(function() return dofile('thing.lua').f(6) end))\n"
      "table.foreach({7}, function(_, v) print('c', dofile('thing.lua').f(v)) end)\n"
      "print('gsub', (('8'):gsub('8', function(v) return dofile('thing.lua').f(v) end)))\n");
  for (const char* line :
       {"script\tvalue 1\n", "typed\tvalue 2\n", "coroutine\tvalue 3\n", "timer\tvalue 4\n",
        "task\tvalue 5\n", "pcall\ttrue\tvalue 6\n", "c\tvalue 7\n", "gsub\tvalue 8\n"}) {
    EXPECT_THAT(out, HasSubstr(line));
  }
  EXPECT_EQ(region_of(device_).functions.size(), 2u);
}

TEST_P(Freezer, FindsEverythingAgainAfterAReboot) {
  device_.add_file("thing.lua", kThing);
  const std::string typed = "print('f', freezer.freeze(loadfile 'thing.lua')().f(1))\n";
  type(typed);
  const std::string first = freezer_of(device_);
  EXPECT_GT(used(device_), 1184u);
  for (int boot = 0; boot < 2; boot++) {
    EXPECT_THAT(type(typed), HasSubstr("f\tvalue 1\n"));
    EXPECT_EQ(freezer_of(device_), first);
  }
}

// References of every kind to strings that a freeze takes out of RAM.
TEST_P(Freezer, StringsAreTheSameBeforeAndAfter) {
  device_.add_file("kinds.lua", R"(
local word, other = 'quincunx', 'sesquipedalian'
local key = { [word] = 1, [other] = { word } }
local weak = setmetatable({ word }, { __mode = 'v' })
local co = coroutine.create(function(w) local held = w; coroutine.yield(); return held, other end)
coroutine.resume(co, word)
local meta = setmetatable({}, { __index = function(_, k) return k == word and 'indexed' end })
rawset(getfenv(), 'quincunx', 'global')
local match = ('quincunx sesquipedalian'):gmatch '%w+'
local closed = (function() local held = word return function() return held end end)()
local removed = { quincunx = 1, sesquipedalian = 2, third = 3, fourth = 4 }
local seen = 0
local source = [[
  local quincunx, sesquipedalian = 'quincunx', 'sesquipedalian'
  return function() return quincunx, sesquipedalian, 'third', 'fourth', '%w+', '__index',
    'quincunx sesquipedalian', 'not enough memory', 'end' end]]
local f
for k in pairs(removed) do
  removed[k] = nil
  if not f then
    collectgarbage()
    f = freezer.freeze(loadstring(source))()
  end
  seen = seen + 1
end
local a, b, third = f()
assert(seen == 4 and next(removed) == nil, 'traversal')
assert(a == word and b == other and third == 'third', 'locals')
assert(closed() == a, 'closed upvalues')
assert(key[a] == 1 and key[b][1] == a and key.quincunx == 1, 'tables')
assert(weak[1] == a, 'weak tables')
assert(select(2, coroutine.resume(co)) == a, 'coroutines')
assert(meta[a] == 'indexed' and meta.quincunx == 'indexed', 'metatables')
assert(_G[a] == 'global', 'globals')
assert(match() == a and match() == b and match() == nil, 'upvalues of C functions')
assert(({ ['quin' .. 'cunx'] = 2 })[a] == 2 and ('QUINCUNX'):lower() == a, 'made anew')
local ram = {}
for _, s in ipairs(debug.getstrings 'RAM') do ram[s] = true end
for _, s in ipairs(debug.getstrings 'ROM') do assert(not ram[s], s .. ' is there twice') end
assert(loadstring 'local x = 1 if x then return 1 end' () == 1, 'reserved words')
print 'all the same'
)");
  EXPECT_THAT(type("dofile 'kinds.lua'\n", kEnded, {"--heap", "64K"}), HasSubstr("all the same\n"));
}

// The bytes that C functions hold while Lua runs under them.
TEST_P(Freezer, CFunctionsKeepWhatTheyRead) {
  const std::string out = type(
      "print((('quincunx and more'):gsub('%w+', function(w) local f = freezer.freeze(loadstring("
      "'return \"quincunx and more\", \"%w+\", \"' .. w .. '\"')) collectgarbage() "
      "local t = {} for i = 1, 50 do t[i] = ('x'):rep(i) end return '<' .. w .. '>' end)))\n"
      "collectgarbage() print(#('quincunx and more'))\n");
  EXPECT_THAT(out, AllOf(HasSubstr("<quincunx> <and> <more>\n"), HasSubstr("\n17\n")));
}

TEST_P(Freezer, WhileAChunkIsCompiledNothingFreezes) {
  const std::string out = type(
      "local parts = {'return ', '4', nil} local i = 0 f = load(function() i = i + 1 "
      "if i == 2 then g = function() return 'return ' end same = freezer.freeze(g) == g end "
      "return parts[i] end) print('compiled', f(), same, freezer.freeze(g) ~= g)\n");
  EXPECT_THAT(out, HasSubstr("compiled\t4\ttrue\ttrue\n"));
}

TEST_P(Freezer, FullWorksUnfrozenAndIsClearedByTheNextBoot) {
  device_.add_file("fill.lua", R"(
local kept = freezer.freeze(loadstring "return 'kept'")
local n, f, g = 0
repeat
  n = n + 1
  f = loadstring('local a = "' .. ('%05d'):format(n):rep(400) .. '" return function() return #a + ' .. n .. ' end')
  g = freezer.freeze(f)
until f == g
print('full', n > 10, g()() == 2000 + n, kept())
local h = loadstring "return 'kept'"
print('again', freezer.freeze(h) ~= h, freezer.freeze(h)())
)");
  std::string out = type("dofile 'fill.lua'\n");
  EXPECT_THAT(out, HasSubstr("freezer: no more room: it is cleared by the next boot\n"));
  EXPECT_THAT(out, HasSubstr("full\ttrue\ttrue\tkept\n"));
  EXPECT_THAT(out, HasSubstr("again\ttrue\tkept\n"));
  region_of(device_);
  out = type("h = loadstring 'return 5' print('anew', freezer.freeze(h) ~= h)\n");
  EXPECT_THAT(out, HasSubstr("freezer: cleared\n"));
  EXPECT_THAT(out, HasSubstr("anew\ttrue\n"));
  EXPECT_EQ(region_of(device_).functions.size(), 1u);
}

TEST_P(Freezer, DefrostClearsAtTheNextBoot) {
  EXPECT_THAT(type("f = freezer.freeze(loadstring \"return 'still'\") freezer.defrost() "
                   "print(f())\n"),
              HasSubstr("still\n"));
  EXPECT_THAT(type("\n"), HasSubstr("freezer: cleared\n"));
  EXPECT_EQ(freezer_of(device_), std::string(kBytes, '\xFF'));
  EXPECT_THAT(type("\n"), Not(HasSubstr("freezer:")));
}

// An image with a string that the freezer has, too: it is not twice in flash.
TEST_P(Freezer, AnotherImageInLfsClearsIt) {
  device_.add_file("luac.out", make_image({{"m", "return 'quincunx'"}}, GetParam().numbers));
  const std::string freeze = "g = freezer.freeze(loadstring \"return 'quincunx'\")\n";
  type(freeze);
  type("node.flashreload 'luac.out'\n", kRestarted);
  const std::string out =
      type(freeze + "print('equal', node.flashindex 'm'() == g(), #debug.getstrings 'ROM')\n");
  EXPECT_THAT(out, HasSubstr("freezer: cleared\n"));
  EXPECT_THAT(out, HasSubstr("equal\ttrue\t"));
  EXPECT_THAT(type(freeze), Not(HasSubstr("freezer: cleared\n")));
}

// Boards under stress want memory all the time.
class LittleMemory : public Freezer {};

TEST_P(LittleMemory, WantOfItChangesNothing) {
  device_.add_file("want.lua", R"(
local pcall, freeze = pcall, freezer.freeze
local a, b, c, d, e, g, h, i = 1, 2, 3, 4, 5, 6, 7, 8
local function f() return 'quincunx', a, b, c, d, e, g, h, i end
local function refused()
  local fine, message
  local t = {}
  local function fill() while true do t = { t } end end
  pcall(fill)
  fine, message = pcall(freeze, f)
  t = nil
  return fine, message
end
print('refused', refused())
collectgarbage()
print('still', f())
local twin = freeze(f)
print('then', twin ~= f, twin())
)");
  const std::string out = type("dofile 'want.lua'\n", kEnded, {"--heap", "64K"});
  EXPECT_THAT(out, HasSubstr("refused\tfalse\tnot enough memory\n"));
  EXPECT_THAT(out, HasSubstr("still\tquincunx\t1"));
  EXPECT_THAT(out, HasSubstr("then\ttrue\tquincunx\t1"));
}

INSTANTIATE_TEST_SUITE_P(Boards, LittleMemory, ::testing::ValuesIn(boards()), board_name);
INSTANTIATE_TEST_SUITE_P(Boards, Freezer, ::testing::ValuesIn(boards()), board_name);
INSTANTIATE_TEST_SUITE_P(Stress, Freezer, ::testing::ValuesIn(stress_boards()), board_name);

// --- the suite, with everything frozen ---

struct Way {
  Board board;
  bool stale_cache = false;
};

void PrintTo(const Way& way, std::ostream* stream) {
  *stream << way.board.name << (way.stale_cache ? "_stale" : "");
}

std::vector<Way> ways() {
  std::vector<Way> ways = {{{"sim", FLASHSTORE_SIM}, true}};
  for (const auto& some : {boards(), stress_boards()}) {
    for (const Board& board : some) {
      ways.push_back({board});
    }
  }
  return ways;
}

class Everything : public ::testing::TestWithParam<Way> {};

// But what is of LFS alone, and what takes the emulated board long.
bool is_left_out(const std::string& module, const Board& board) {
  const bool takes_long = module == "allocations_spec" || module == "collector_spec" ||
                          module == "heights_spec" || module == "overflow_spec";
  return module == "modules_spec" || (module == "doubles_spec" && board.numbers[0] == 'i') ||
         (takes_long && board.name == std::string("lx106_stress") &&
          std::getenv("FLASHSTORE_DEEP") == nullptr);
}

TEST_P(Everything, SuitePassesFrozen) {
  const Board& board = GetParam().board;
  Device device(board);
  device.add_file("init.lua", read_text(FIRMWARE_TESTS "/frozen.lua"));
  std::vector<std::string> modules;
  for (const auto& entry : std::filesystem::directory_iterator(SUITE_SOURCES)) {
    const std::string module = entry.path().stem();
    device.add_file(module + ".src", read_text(entry.path()));
    if (module.ends_with("_spec") && !is_left_out(module, board)) {
      modules.push_back(module);
    }
  }
  std::vector<std::string> options = {"--heap", "4M"};
  if (GetParam().stale_cache) {
    options.push_back("--stale-cache");
  }
  device.boot("");
  const std::string before = device.flash();
  for (const std::string& module : modules) {
    device.set_flash(before);
    const std::string program = "node.flashindex '" + module + "'() print 'passed'";
    const ProcessResult run = device.boot(program + "\n", options);
    EXPECT_EQ(printed_by(program, run.out), "passed\n") << module << run.err;
    EXPECT_EQ(run.exit_status, kEnded);
    EXPECT_FALSE(region_of(device).functions.empty());
  }
  EXPECT_GE(modules.size(), 8u);
}

INSTANTIATE_TEST_SUITE_P(Ways, Everything, ::testing::ValuesIn(ways()), [](const auto& way) {
  return way.param.board.name + std::string(way.param.stale_cache ? "_stale" : "");
});

// --- one region, several boards ---

TEST(FreezerOnBoards, WhatOneWroteTheOthersUse) {
  for (const std::string numbers : {"float", "int"}) {
    for (const Board& writer : boards(numbers)) {
      Device first(writer);
      first.add_file("thing.lua", kThing);
      const std::string typed = "print('f', freezer.freeze(loadfile 'thing.lua')().f(1))\n";
      EXPECT_THAT(first.boot(typed).out, HasSubstr("f\tvalue 1\n"));
      for (const Board& reader : boards(numbers)) {
        Device second(reader);
        second.add_file("thing.lua", kThing);
        second.boot("");
        std::string flash = second.flash();
        flash.replace(kAddress, kBytes, freezer_of(first));
        second.set_flash(flash);
        EXPECT_THAT(second.boot(typed).out, HasSubstr("f\tvalue 1\n"));
        EXPECT_EQ(freezer_of(second), freezer_of(first)) << writer.name << " " << reader.name;
      }
    }
  }
}

// --- power ---

// Of the whole device, a small function; the sweep of lib/luaflash has all the rest.
TEST(FreezerPower, CutAnywhereLeavesAFreezerThatWorks) {
  Device device({"sim", FLASHSTORE_SIM});
  device.boot("");
  const std::string freeze = "print('f ' .. freezer.freeze(loadstring('return 1', '='))())\n";
  int cuts = 0;
  // The last of them begins with a boot that clears.
  for (const std::string& typed : {freeze, std::string("freezer.defrost()\n"), freeze}) {
    const std::string before = device.flash();
    for (int operation = 0;; operation++, cuts++) {
      device.set_flash(before);
      const ProcessResult run = device.boot(typed, {"--cut-after", std::to_string(operation)});
      if (run.exit_status == kEnded) {
        break;
      }
      ASSERT_EQ(run.exit_status, kPowerCut) << run.out << run.err;
      const ProcessResult next = device.boot(freeze);
      EXPECT_THAT(next.out, HasSubstr("\nf 1\n")) << typed << operation << next.err;
      EXPECT_EQ(region_of(device).functions.size(), 1u) << typed << operation;
    }
  }
  EXPECT_GT(cuts, 25);
}

// --- what it is worth ---

// Six modules of Penlight, as Debian packages it, frozen before they run.
class SixModules : public ::testing::TestWithParam<Board> {};

TEST_P(SixModules, LeaveNoHundredthOfTheirRamAndGrowNoMore) {
  Device device(GetParam());
  for (const char* module : {"Map", "OrderedMap", "func", "operator", "pretty", "seq"}) {
    device.add_file(module + std::string(".lua"),
                    read_text("/usr/share/lua/5.1/pl/" + std::string(module) + ".lua"));
  }
  device.add_file("measure.lua", R"(
local names = { "Map", "OrderedMap", "func", "operator", "pretty", "seq" }
local functions = { 1, 2, 3, 4, 5, 6 }
local function left() collectgarbage() return node.heap() end
local before = left()
for i = 1, 6 do functions[i] = assert(loadfile(names[i] .. ".lua")) end
local loaded = left()
for i = 1, 6 do functions[i] = freezer.freeze(functions[i]) end
local frozen = left()
for i = 1, 6 do assert(type(functions[i]) == "function") end
print("RAM " .. before - loaded .. " " .. before - frozen)
)");
  const auto measure = [&](long& loaded, long& frozen) {
    const ProcessResult run = device.boot("dofile 'measure.lua'\n", {"--heap", "256K"});
    const size_t at = run.out.find("\nRAM ");
    ASSERT_NE(at, std::string::npos) << run.out;
    ASSERT_EQ(std::sscanf(run.out.c_str() + at, "\nRAM %ld %ld", &loaded, &frozen), 2);
  };
  long loaded = 0;
  long frozen = 0;
  measure(loaded, frozen);
  EXPECT_GT(loaded, 60000);
  EXPECT_LE(frozen * 100, loaded);
  const size_t flash = used(device);
  RecordProperty("ram", std::to_string(loaded) + " to " + std::to_string(frozen));
  RecordProperty("flash", std::to_string(flash));
  std::cout << loaded << " bytes of RAM become " << frozen << ", and " << flash << " of flash\n";
  measure(loaded, frozen);
  EXPECT_LE(frozen * 100, loaded);
  EXPECT_EQ(used(device), flash);
  EXPECT_EQ(device.reported("flash-programs"), 0u);
}

INSTANTIATE_TEST_SUITE_P(Penlight, SixModules, ::testing::ValuesIn(boards("float")), board_name);

}  // namespace
}  // namespace flashstore::test
