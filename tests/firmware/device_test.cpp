// The device as its user meets it: partitions, files, timers, tasks, and the prompt.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "device.h"

namespace flashstore::test {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

class OnDevice : public ::testing::TestWithParam<Board> {
 protected:
  // What the device says when these lines are typed, each answered before the next.
  std::string typed(const std::string& lines) {
    const ProcessResult run = device_.boot(lines);
    EXPECT_EQ(run.exit_status, kEnded) << run.out << run.err;
    return run.out;
  }
  // The output of a program that is typed as one line.
  std::string output_of(const std::string& program) {
    return printed_by(program, typed(program + "\n"));
  }
  void expect_restart(const std::string& line) {
    const ProcessResult run = device_.boot(line + "\n");
    EXPECT_EQ(run.exit_status, kRestarted) << run.out << run.err;
  }

  Device device_{GetParam()};
};

// --- prompt ---

TEST_P(OnDevice, PromptPrintsValuesAndTakesChunksOfSeveralLines) {
  const std::string out = typed("=1+1, 'two'\nfor i = 1, 2 do\nprint(i)\nend\nx = = 1\n=nil\n");
  EXPECT_THAT(out, HasSubstr("> =1+1, 'two'\n2\ttwo\n"));
  EXPECT_THAT(out, HasSubstr(">> print(i)\n>> end\n1\n2\n> "));
  EXPECT_THAT(out, HasSubstr("stdin:1: unexpected symbol near '='\n"));
  EXPECT_THAT(out, HasSubstr("> =nil\nnil\n"));
}

TEST_P(OnDevice, ErrorsAtThePromptHaveATraceback) {
  EXPECT_THAT(output_of("local function f() error 'on purpose' end f()"),
              HasSubstr("stdin:1: on purpose\nstack traceback:\n"));
  EXPECT_THAT(output_of("error {}"), HasSubstr("(error object is a table value)"));
}

TEST_P(OnDevice, BackspaceTakesBackAndLongLinesAreDropped) {
  const std::string out = typed("=12\b\b34\n" + std::string(300, 'x') + "\n='still here'\n");
  EXPECT_THAT(out, HasSubstr("\n34\n"));
  EXPECT_THAT(out, HasSubstr("line too long: at most 256 bytes; it was dropped\n"));
  EXPECT_THAT(out, HasSubstr("\nstill here\n"));
}

TEST_P(OnDevice, PromptPrintsManyResultsAndForgetsAChunkThatFailed) {
  EXPECT_EQ(output_of("=select('#', unpack({}, 1, 300))"), "300\n");
  EXPECT_THAT(output_of("=unpack({}, 1, 300)"), HasSubstr("nil\tnil\n"));
  // A chunk of several lines that no memory is left for does not keep what it had.
  std::string lines = "function f()\n";
  for (int i = 0; i < 120; i++) {
    lines += "--" + std::string(200, 'x') + "\n";
  }
  EXPECT_THAT(typed(lines + "=collectgarbage() == 0 and node.heap() > 20000\n"),
              AllOf(HasSubstr("not enough memory\n"), HasSubstr("\ntrue\n")));
}

// --- memory ---

TEST_P(OnDevice, OutOfMemoryIsALuaErrorAndTheDeviceLives) {
  const std::string out = typed(
      "local t = {} while true do t[#t + 1] = ('x'):rep(100) .. #t end\n"
      "collectgarbage()\n=node.heap() > 20000, pcall(string.rep, 'x', 60000)\n"
      "tmr.create():alarm(10, 0, function() local t = {} while true do t = {t} end end)\n"
      "#wait 20\n='alive'\n");
  EXPECT_THAT(out, HasSubstr("not enough memory\n"));
  EXPECT_THAT(out, HasSubstr("true\tfalse\tnot enough memory\n"));
  EXPECT_THAT(out, HasSubstr("\nalive\n"));
}

TEST_P(OnDevice, LibrariesHaveAllTheirFunctionsWhoeverLooks) {
  EXPECT_EQ(output_of("local n = 0 for k, f in pairs(string) do n = n + (type(f) == 'function' and "
                      "1 or 0) end print(n, next(table) ~= nil, rawget(coroutine, 'wrap') ~= nil)"),
            "15\ttrue\ttrue\n");
  EXPECT_EQ(output_of("local f = math.max print(f == math.max, getmetatable(math), "
                      "rawget(math, 'max') == f, math.nothing, string.x)"),
            "true\tnil\ttrue\tnil\tnil\n");
  EXPECT_EQ(output_of("setmetatable(table, {__index = function(_, k) return k end}) "
                      "print(table.concat({1, 2}), table.absent, ('x'):rep(3))"),
            "12\tabsent\txxx\n");
  EXPECT_EQ(output_of("math.floor = 'mine' print(math.floor, require 'net' == net, "
                      "package.loaded.file == file)"),
            "mine\ttrue\ttrue\n");
}

// --- init.lua ---

TEST_P(OnDevice, InitRunsAndAnErrorThereLeadsToThePrompt) {
  device_.add_file("init.lua", "print 'from init'\nerror 'broken'\n");
  const std::string out = typed("='prompt'\n");
  EXPECT_THAT(out, HasSubstr("from init\ninit.lua:2: broken\nstack traceback:\n"));
  EXPECT_THAT(out, HasSubstr("\nprompt\n"));
}

TEST_P(OnDevice, InitThatDoesNotCompileLeadsToThePrompt) {
  device_.add_file("init.lua", "print 'from init'\nx = = 1\n");
  EXPECT_THAT(typed("='prompt'\n"), HasSubstr("init.lua:2: unexpected symbol near '='\n"));
}

TEST_P(OnDevice, InitMayBeBytecode) {
  const TemporaryFolder folder;
  write_text(folder / "init.lua", "print('binary', ...)");
  ASSERT_EQ(run_process({LUAC_CROSS, "--target", GetParam().numbers, "-s", "-o", folder / "init.lc",
                         folder / "init.lua"})
                .exit_status,
            0);
  device_.add_file("init.lua", read_text(folder / "init.lc"));
  EXPECT_THAT(typed(""), HasSubstr("\nbinary\n"));
}

// Names and nested functions put code and line maps at all distances from a multiple of 4.
TEST_P(OnDevice, BytecodeOfTheCompilerHasItsLinesAndIsDumpedAgain) {
  std::string source = "local t = {}\n";
  for (size_t i = 0; i < 8; ++i) {
    source += "t." + std::string(i + 1, 'a') + " = function(x)\n  return function()\n" +
              std::string(90 * i, '\n') + "    if x then error 'here' end\n    return '" +
              std::string(i, 'y') + "'\n  end\nend\n";
  }
  source += "return t\n";
  const TemporaryFolder folder;
  write_text(folder / "m.lua", source);
  ProcessOptions there;
  there.directory = folder.path().string();
  ASSERT_EQ(run_process({LUAC_CROSS, "--target", GetParam().numbers, "-o", "m.lc", "m.lua"}, there)
                .exit_status,
            0);
  device_.add_file("m.lua", source);
  device_.add_file("m.lc", read_text(folder / "m.lc"));
  device_.add_file("check.lua", R"(
    local function lines(f)
      local all = {}
      for _, g in pairs(f()) do
        local _, why = pcall(g(true))
        all[#all + 1] = why .. "|" .. g(false)()
      end
      table.sort(all)
      return table.concat(all, " ")
    end
    local text = lines(loadfile 'm.lua')
    local _, errors = string.gsub(text, "m.lua:%d+: here|y*", "")
    print(errors, lines(loadfile 'm.lc') == text, lines(loadstring(string.dump(loadfile 'm.lc'))) == text,
          lines(loadstring(string.dump(loadfile 'm.lua'))) == text)
  )");
  EXPECT_EQ(output_of("dofile 'check.lua'"), "8\ttrue\ttrue\ttrue\n");
}

TEST_P(OnDevice, BytecodeWithALineMapThatDoesNotEndIsRefused) {
  const TemporaryFolder folder;
  write_text(folder / "m.lua", "return 1");
  ASSERT_EQ(run_process({LUAC_CROSS, "--target", GetParam().numbers, "-o", folder / "m.lc",
                         folder / "m.lua"})
                .exit_status,
            0);
  std::string chunk = read_text(folder / "m.lc");
  const size_t map = chunk.rfind(std::string("\x02\0\0\0", 4));
  ASSERT_NE(map, std::string::npos);
  chunk[chunk.find_first_not_of('\0', map + 4) + 1] = 1;
  device_.add_file("m.lc", chunk);
  EXPECT_EQ(output_of("=loadfile 'm.lc'"), "nil\tm.lc: bad line map in precompiled chunk\n");
}

TEST_P(OnDevice, ASecondOfDelayLeavesTimeToTakeInitAway) {
  device_.add_file(
      "init.lua", "tmr.create():alarm(1000, tmr.ALARM_SINGLE, function() print 'application' end)");
  EXPECT_THAT(typed("#wait 1500\n"), HasSubstr("application\n"));
  const ProcessResult taken = device_.boot("#wait 300\nfile.remove'init.lua'\nnode.restart()\n");
  EXPECT_EQ(taken.exit_status, kRestarted);
  EXPECT_THAT(taken.out, Not(HasSubstr("application\n")));
  EXPECT_THAT(typed("#wait 1500\n"), Not(HasSubstr("application\n")));
}

// --- node ---

TEST_P(OnDevice, BootReasonTellsPowerFromRestart) {
  EXPECT_EQ(output_of("=node.bootreason()"), "1\t0\n");
  expect_restart("node.restart()");
  EXPECT_EQ(output_of("=node.bootreason()"), "2\t4\n");
  EXPECT_EQ(output_of("=node.bootreason()"), "1\t0\n");
}

TEST_P(OnDevice, TasksRunInTurnByPriority) {
  EXPECT_THAT(typed("p = node.task.post p(0, function() print 'low' end) "
                    "p(function() print 'medium' p(function() print 'posted' end) end) "
                    "p(2, function() print 'high' end) print 'first'\n"),
              HasSubstr("\nfirst\n> high\nmedium\nposted\nlow\n"));
}

TEST_P(OnDevice, ErrorInATaskIsShownAndTheNextRuns) {
  EXPECT_THAT(typed("node.task.post(function() error 'bad' end) "
                    "node.task.post(function() print 'next' end)\n"),
              AllOf(HasSubstr("stdin:1: bad\nstack traceback:\n"), HasSubstr("\nnext\n")));
}

TEST_P(OnDevice, EventsWithoutEndLeaveTurnsToTasksTimersAndTheConsole) {
  const std::string out = typed(
      "function again() if not stop then node.task.post(again) end end again()\n"
      "tmr.create():alarm(1, tmr.ALARM_AUTO, function(t) if stop then t:unregister() else "
      "tmr.delay(1500) end end)\n"
      "node.task.post(0, function() print 'task' end)\n"
      "stop = true\n='console'\n");
  EXPECT_THAT(out, AllOf(HasSubstr("task\n"), HasSubstr("console\n")));
}

TEST_P(OnDevice, InfoTellsWhatItIs) {
  const std::string numbers = GetParam().numbers == std::string("int") ? "integer" : "float";
  EXPECT_EQ(output_of("=node.info('hw').flash_size, node.info('build_config').number_type"),
            "4194304\t" + numbers + "\n");
  EXPECT_THAT(output_of("=pcall(node.info, 'nothing')"), HasSubstr("invalid option 'nothing'"));
}

TEST_P(OnDevice, WithoutAnImageFlashIndexTellsThePlace) {
  EXPECT_EQ(output_of("=node.flashindex 'x'"), "nil\t1076494336\t655360\n");
  EXPECT_EQ(output_of("=node.LFS.get 'x', node.LFS.list(), node.LFS.time, node.LFS.x"),
            "nil\tnil\tnil\tnil\n");
  EXPECT_EQ(output_of("print(node.LFS.get(), node.LFS[1], node.LFS[true], node.LFS[node])"),
            "nil\tnil\tnil\tnil\n");
  EXPECT_EQ(output_of("local c = node.LFS.config print(c.lfs_base, c.lfs_size, c.lfs_used)"),
            "655360\t262144\t0\n");
}

// --- LFS, as the sample application's _init.lua offers it ---

class WithLfs : public OnDevice {
 protected:
  void SetUp() override {
    device_.add_file("luac.out", make_image({{"_init", read_text(APPLICATION "/_init.lua")},
                                             {"greet", "return 'greet', ..."},
                                             {"both", "return 'both from flash'"}},
                                            GetParam().numbers));
    device_.add_file("both.lua", "return 'both from the file'");
    expect_restart("node.flashreload 'luac.out'");
  }
  std::string with_init(const std::string& program) {
    return output_of("node.flashindex '_init'() " + program);
  }
};

TEST_P(WithLfs, FlashIndexFindsModulesAndTellsAboutTheImage) {
  EXPECT_EQ(output_of("print(node.flashindex 'greet'(1, nil, 'x'))"), "greet\t1\tnil\tx\n");
  EXPECT_EQ(
      output_of("local time, mapped, flash, size, list = node.flashindex 'absent' "
                "print(time == node.LFS.time, mapped, flash, size == node.LFS.config.lfs_used, "
                "#list)"),
      "true\t1076494336\t655360\ttrue\t3\n");
  EXPECT_EQ(output_of("print(node.LFS.get 'greet'(1), node.LFS.greet(2))"), "greet\tgreet\t2\n");
  EXPECT_EQ(output_of("print(node.LFS.get 'absent', node.LFS.get(1), table.concat(node.LFS.list(), "
                      "' '))"),
            "nil\tnil\t_init both greet\n");
}

TEST_P(WithLfs, LfsTableCallsModulesAndCannotBeWritten) {
  EXPECT_EQ(with_init("print(LFS.greet(7), LFS.absent, #LFS._list, LFS._time > 1000000000)"),
            "greet\tnil\t3\ttrue\n");
  EXPECT_EQ(with_init("local c = LFS._config print(c[1], c[2], c[3], c[5])"),
            "1076494336\t655360\t1048576\t3133440\n");
  EXPECT_THAT(with_init("LFS.x = 1"), HasSubstr("LFS is read-only, cannot set x"));
}

TEST_P(WithLfs, RequireSearchesFilesThenFlashAndTheOtherWayRoundOnceSwapped) {
  EXPECT_EQ(with_init("print(require 'both', #package.loaders >= 5)"),
            "both from the file\ttrue\n");
  EXPECT_EQ(with_init("local l = package.loaders l[2], l[5] = l[5], l[2] print(require 'both')"),
            "both from flash\n");
  EXPECT_EQ(with_init("print(require 'greet')"), "greet\n");
  EXPECT_THAT(with_init("require 'absent'"), HasSubstr("no file 'absent.lua'"));
}

TEST_P(WithLfs, StringsOfTheImageAreInRomAndNotInRam) {
  EXPECT_EQ(
      output_of("local rom = {} for _, s in ipairs(debug.getstrings 'ROM') do rom[s] = true "
                "end local n = 0 for _, s in ipairs(debug.getstrings()) do if rom[s] then n = n "
                "+ 1 end end print(rom.greet, n)"),
      "true\t0\n");
}

// --- partitions ---

TEST_P(OnDevice, PartitionTableIsKeptAndWrongOnesAreRefused) {
  EXPECT_EQ(output_of("local t = node.getpartitiontable() "
                      "print(t.lfs_addr, t.lfs_size, t.spiffs_addr, t.spiffs_size)"),
            "655360\t262144\t1048576\t3133440\n");
  std::vector<std::string> all_wrong = {
      "lfs_addr = 655361",      "lfs_size = 400000", "lfs_addr = 0x110000", "spiffs_addr = 0xB0000",
      "spiffs_size = 0x400000", "lfs_size = -1",     "lfs_size = 'much'"};
  if (GetParam().numbers == std::string("float")) {
    for (const char* number : {"1e20", "0/0", "0.5", "2 ^ 32"}) {
      all_wrong.push_back(std::string("lfs_size = ") + number);
    }
  }
  for (const std::string& wrong : all_wrong) {
    const std::string out = output_of("=pcall(node.setpartitiontable, {" + wrong + "})");
    EXPECT_THAT(out, HasSubstr("false\t")) << wrong;
    EXPECT_THAT(out, HasSubstr("nothing was changed")) << wrong;
  }
  expect_restart("node.setpartitiontable {lfs_size = 0x20000}");
  EXPECT_EQ(output_of("local t = node.getpartitiontable() print(t.lfs_addr, t.lfs_size)"),
            "655360\t131072\n");
}

TEST_P(OnDevice, PartitionsOverThePageAreNotUsed) {
  typed("");
  std::string content = device_.flash();
  // A table of one entry: LFS, 64 KiB from where the page itself lies.
  const std::string table("\x03\x01\0\0\x67\0\0\0\0\0\x01\0\0\0\x01\0", 16);
  content.replace(0x10000, table.size(), table);
  device_.set_flash(content);
  EXPECT_THAT(
      typed("=node.getpartitiontable().lfs_addr\n"),
      AllOf(HasSubstr("over-firmware in entry 0: using the default\n"), HasSubstr("\n655360\n")));
}

TEST_P(OnDevice, DamagedPartitionPageMeansTheDefaultsAndIsSaid) {
  typed("");
  std::string content = device_.flash();
  content.replace(0x10000, 4, std::string("\xF0\x01\0\0", 4));
  device_.set_flash(content);
  const std::string out = typed("=node.getpartitiontable().lfs_size\n");
  EXPECT_THAT(out, HasSubstr("partition table: "));
  EXPECT_THAT(out, HasSubstr("using the default\n"));
  EXPECT_THAT(out, HasSubstr("\n262144\n"));
}

// --- file ---

TEST_P(OnDevice, FilesAreWrittenReadAndKept) {
  EXPECT_EQ(output_of("print(file.putcontents('a.txt', 'one\\ntwo\\nthree'))"), "true\n");
  EXPECT_EQ(output_of("local f = file.open 'a.txt' print(f:readline(), f:read(2), f:read('h'), "
                      "f:read(), f:read()) f:close()"),
            "one\n\ttw\to\nth\tree\tnil\n");
  EXPECT_EQ(output_of("file.open('a.txt', 'a') file.writeline '!' file.write 'end' file.close() "
                      "print(file.getcontents 'a.txt')"),
            "one\ntwo\nthree!\nend\n");
  EXPECT_EQ(output_of("local f = file.open('a.txt', 'r+') f:seek('set', 4) f:write 'TWO' f:close() "
                      "print(file.getcontents 'a.txt')"),
            "one\nTWO\nthree!\nend\n");
  EXPECT_EQ(output_of("print(file.rename('a.txt', 'b.txt'), file.exists 'a.txt', file.exists "
                      "'b.txt', file.stat('b.txt').size, file.list()['b.txt'])"),
            "true\tfalse\ttrue\t18\t18\n");
  EXPECT_EQ(output_of("file.remove 'b.txt' print(file.exists 'b.txt', file.open 'b.txt')"),
            "false\tnil\tno such file or directory\n");
}

TEST_P(OnDevice, WhatIsFlushedSurvivesAndWhatIsNotClosedDoesNot) {
  expect_restart("f = file.open('a', 'w') f:write 'kept' f:flush() f:write ' lost' node.restart()");
  EXPECT_EQ(output_of("print(file.getcontents 'a')"), "kept\n");
}

TEST_P(OnDevice, AfterAFlushOrARefusedWriteThePositionIsWhereItWas) {
  output_of("file.putcontents('a', 'abcdefgh')");
  EXPECT_EQ(output_of("local f = file.open('a', 'r+') print(f:seek('set', 2), f:write 'XX', "
                      "f:flush(), f:read(2), f:seek(), f:write 'Y') f:close() "
                      "print(file.getcontents 'a')"),
            "2\ttrue\ttrue\tef\t6\ttrue\nabXXefYh\n");
  EXPECT_EQ(output_of("local f = file.open('b', 'w+') print(f:write 'abc', f:flush(), f:read(), "
                      "f:seek('set', 1), f:read()) f:close()"),
            "true\ttrue\tnil\t1\tbc\n");
  EXPECT_EQ(output_of("local w, f = file.open('c', 'w'), file.open('a', 'r+') "
                      "print(f:read(2), f:write 'z', f:read(2)) f:close() w:close() "
                      "print(file.getcontents 'a')"),
            "ab\tnil\tXX\nabXXefYh\n");
}

TEST_P(OnDevice, FilesNobodyCanUseAnyMoreAreNotInTheWay) {
  EXPECT_EQ(output_of("file.open('a', 'w') file.write 'kept' print(file.open('b', 'w') ~= nil, "
                      "file.getcontents 'a') file.close() file.open('c', 'w') "
                      "print(file.open('absent'), file.putcontents('d', 'x'))"),
            "true\tkept\nnil\ttrue\n");
  EXPECT_EQ(
      output_of("for _ = 1, 8 do file.open 'a' end print(type(loadfile 'b'), file.rename('a', "
                "'e'), file.getcontents 'e')"),
      "function\ttrue\tkept\n");
}

TEST_P(OnDevice, FileErrorsAreNilAndAReason) {
  EXPECT_EQ(output_of("print(file.getcontents 'absent')"), "nil\tno such file or directory\n");
  EXPECT_EQ(output_of("f = file.open('a', 'w') print(file.open('b', 'w')) f:close()"),
            "nil\tanother file is open for writing\n");
  EXPECT_THAT(output_of("print(file.putcontents('big', ('x'):rep(100)), file.rename('x', 'y'))"),
              HasSubstr("true\tfalse\tno such file or directory"));
  EXPECT_THAT(output_of("=pcall(file.open, ('x'):rep(64))"), HasSubstr("filename invalid"));
  EXPECT_THAT(output_of("=pcall(file.read)"), HasSubstr("open a file first"));
}

TEST_P(OnDevice, ListTakesAPatternAndFsinfoAddsUp) {
  EXPECT_EQ(output_of("file.putcontents('a.lua', 'x') file.putcontents('b.txt', 'yy') "
                      "for name, size in pairs(file.list '%.lua$') do print(name, size) end"),
            "a.lua\t1\n");
  EXPECT_EQ(output_of("local free, used, total = file.fsinfo() "
                      "print(total, used > 0, free > 0, free + used < total, file.fscfg())"),
            "3133440\ttrue\ttrue\ttrue\t1048576\t3133440\n");
}

TEST_P(OnDevice, LuaFilesLoadFromTheFileSystem) {
  device_.add_file("mod.lua",
                   "#!shebang\nlocal M = {} function M.f() return 'f of mod' end return M");
  device_.add_file("prog.lua", "return 6 * 7");
  device_.add_file("bad.lua", "x = = 1");
  EXPECT_EQ(output_of("print(require('mod').f(), dofile 'prog.lua', loadfile 'prog.lua' ~= nil)"),
            "f of mod\t42\ttrue\n");
  EXPECT_EQ(output_of("print(loadfile 'bad.lua')"), "nil\tbad.lua:1: unexpected symbol near '='\n");
  EXPECT_EQ(output_of("print(loadfile 'absent.lua')"),
            "nil\tcannot open absent.lua: no such file or directory\n");
}

// --- tmr ---

TEST_P(OnDevice, TimersFireInOrderOnceOrAgain) {
  const std::string out = typed(
      "function say(w) return function() print(w) end end\n"
      "tmr.create():alarm(300, tmr.ALARM_SINGLE, say 'is late')\n"
      "tmr.create():alarm(100, tmr.ALARM_SINGLE, say 'is early')\n"
      "n = 0 t = tmr.create() t:alarm(200, tmr.ALARM_AUTO, "
      "function(x) n = n + 1 if n == 3 then x:unregister() end end)\n"
      "#wait 350\n=n, t:state()\n#wait 1000\n=n, t:state()\n");
  EXPECT_LT(out.rfind("is early\n"), out.rfind("is late\n"));
  EXPECT_THAT(out, HasSubstr("\n1\ttrue\t1\n"));
  EXPECT_THAT(out, HasSubstr("\n3\tnil\n"));
}

TEST_P(OnDevice, SemiAutomaticTimersWaitForTheirStart) {
  const std::string out = typed(
      "n = 0 t = tmr.create() t:register(100, tmr.ALARM_SEMI, function() n = n + 1 end)\n"
      "=t:start(), t:start(), t:start(true)\n#wait 500\n=n, t:start()\n#wait 500\n=n, t:stop()\n"
      "=pcall(t.register, t, 0, 0, print)\n");
  EXPECT_THAT(out, HasSubstr("\ntrue\tfalse\ttrue\n"));
  EXPECT_THAT(out, HasSubstr("\n1\ttrue\n"));
  EXPECT_THAT(out, HasSubstr("\n2\tfalse\n"));
  EXPECT_THAT(out, HasSubstr("interval out of range"));
}

// --- faults ---

// A firmware without one of the guards, so that a program can make it store into flash.
TEST(Faults, ThreeInARowLeaveInitOut) {
  Device device({"unguarded", SIM_MARKS_WEAK});
  device.add_file("luac.out", make_image({{"words", "return 'quincunx'"}}));
  ASSERT_EQ(device.boot("node.flashreload 'luac.out'\n").exit_status, kRestarted);
  ASSERT_EQ(device
                .boot("file.putcontents('init.lua', [[weak = setmetatable({'quincunx'}, "
                      "{__mode = 'v'}) collectgarbage() print 'init ran']])\n")
                .exit_status,
            kEnded);
  for (int fault = 0; fault < 3; fault++) {
    const ProcessResult run = device.boot("");
    EXPECT_EQ(run.exit_status, 88) << fault << run.out;
  }
  const ProcessResult last = device.boot("='prompt', node.bootreason()\n");
  EXPECT_EQ(last.exit_status, kEnded);
  EXPECT_THAT(last.out, HasSubstr("3 faults in a row: init.lua is not run\n"));
  EXPECT_THAT(last.out, HasSubstr("prompt\t2\t2\n"));
}

INSTANTIATE_TEST_SUITE_P(Boards, WithLfs, ::testing::ValuesIn(boards()), board_name);
INSTANTIATE_TEST_SUITE_P(Boards, OnDevice, ::testing::ValuesIn(boards()), board_name);

}  // namespace
}  // namespace flashstore::test
