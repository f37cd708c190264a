// An image in a file, attached beside the one in LFS.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <regex>

#include "device.h"

namespace flashstore::test {
namespace {

using ::testing::HasSubstr;
using ::testing::MatchesRegex;

// All of it in mapped flash, with the freezer where it is by default.
constexpr size_t kLfs = 0xF0000;
constexpr size_t kFiles = 0xA0000;
constexpr size_t kFilesBytes = 0x40000;
constexpr size_t kMapped = 0x40200000;
const std::string kPartitions =
    "node.setpartitiontable {lfs_addr = 0xF0000, lfs_size = 0x10000, spiffs_addr = 0xA0000, "
    "spiffs_size = 0x40000}\n";

using Modules = std::map<std::string, std::string>;

std::string hex(size_t number) {
  std::ostringstream text;
  text << "0x" << std::hex << number;
  return text.str();
}

// An image of these modules for luac.cross with these options.
std::string compile(const Modules& modules, const std::vector<std::string>& options,
                    const std::string& base = "") {
  const TemporaryFolder folder;
  std::vector<std::string> words = {LUAC_CROSS, "-q", "-o", folder / "image"};
  words.insert(words.end(), options.begin(), options.end());
  if (!base.empty()) {
    write_text(folder / "base", base);
    words.insert(words.end(), {"--attach-to", folder / "base"});
  }
  for (const auto& [name, source] : modules) {
    write_text(folder / (name + ".lua"), source);
    words.push_back(name + ".lua");
  }
  ProcessOptions process;
  process.directory = folder.path();
  const ProcessResult result = run_process(words, process);
  EXPECT_EQ(result.exit_status, 0) << result.err;
  return read_text(folder / "image");
}

// A partition of these files, and where their contents begin in it.
struct Packed {
  std::string image;
  std::map<std::string, size_t> offsets;
};

Packed pack(const std::map<std::string, std::string>& files) {
  const TemporaryFolder folder;
  std::filesystem::create_directory(folder / "files");
  for (const auto& [name, content] : files) {
    write_text(folder / ("files/" + name), content);
  }
  const ProcessResult made =
      run_process({LILOTAFS_IMG, "-q", "pack", "--compat", "-s", std::to_string(kFilesBytes), "-o",
                   folder / "img", folder / "files"});
  EXPECT_EQ(made.exit_status, 0) << made.err;
  Packed packed{read_text(folder / "img"), {}};
  const std::string listed = run_process({LILOTAFS_IMG, "ls", "--json", folder / "img"}).out;
  const std::regex entry(R"re("path": "([^"]*)"[^}]*"data_offset": ([0-9]+))re");
  for (std::sregex_iterator found(listed.begin(), listed.end(), entry), end; found != end;
       ++found) {
    packed.offsets[(*found)[1]] = std::stoul((*found)[2]);
  }
  return packed;
}

const char* const kBase = R"(local M = {}
function M.text() return 'shared', 'of the base' end
function M.key(t) return t.shared end
function M.both() return 'base' end
return M
)";

const char* const kMine =
    R"(local M = setmetatable({}, {__index = function(_, k) return 'no ' .. k end})
function M.text() return 'shared', 'of mine' end
function M.key(t) return t.shared, t['of mine'], t.word end
function M.fail(x)
  local y = x.field
  return y
end
function M.words() return 'while', 'end', '__add', '__index', 'print', 'of the base' end
function M.counter()
  local n = 0
  return function() n = n + 1 return n end
end
return M
)";

class Attach : public ::testing::TestWithParam<Board> {
 protected:
  // A device with this image in LFS, if it has modules, and one to be attached in a file.
  void make(const Modules& lfs, const Modules& attached) {
    ASSERT_EQ(device_.boot(kPartitions).exit_status, kRestarted);
    lfs_ = lfs.empty() ? "" : compile(lfs, {"--target", numbers(), "-a", hex(kMapped + kLfs)});
    std::string flash = device_.flash();
    device_.set_flash(flash.replace(kLfs, lfs_.size(), lfs_));
    // Its size does not depend on where it lies.
    files_["app.img"] = image_for(attached, kMapped + kFiles);
    address_ = kMapped + kFiles + pack(files_).offsets.at("app.img");
    files_["app.img"] = image_for(attached, address_);
    ASSERT_EQ(kMapped + kFiles + pack(files_).offsets.at("app.img"), address_);
  }
  // The one most tests need, made once for each board.
  void make() {
    struct Made {
      std::string flash;
      std::string lfs;
      std::map<std::string, std::string> files;
      size_t address;
    };
    static std::map<std::string, Made> all;
    Made& made = all[GetParam().name];
    if (made.flash.empty()) {
      make({{"base", kBase}, {"two", "return 'LFS'"}}, attached_);
      made = {device_.flash(), lfs_, files_, address_};
    }
    device_.set_flash(made.flash);
    lfs_ = made.lfs;
    files_ = made.files;
    address_ = made.address;
  }

  std::string image_for(const Modules& modules, size_t address) const {
    std::vector<std::string> options = {"--target", numbers(), "-a", hex(address)};
    if (lfs_.empty()) {
      options.insert(options.end(), {"--attach-to", "none"});
    }
    return compile(modules, options, lfs_);
  }

  // What a program prints that runs after a start, with the files as they were made.
  std::string output_of(const std::string& program, const std::string& option = "--heap=1M") {
    files_["program.lua"] = program;
    std::string flash = device_.flash();
    device_.set_flash(flash.replace(kFiles, kFilesBytes, pack(files_).image));
    const std::string typed = "dofile 'program.lua'";
    const ProcessResult run = device_.boot(typed + "\n", {option});
    EXPECT_EQ(run.exit_status, kEnded) << run.out << run.err;
    EXPECT_EQ(run.err, "");
    return printed_by(typed, run.out);
  }
  static std::string numbers() { return GetParam().numbers; }

  const Modules attached_ = {{"mine", kMine}, {"two", "return 'attached'"}};
  Device device_{GetParam()};
  std::string lfs_;
  std::map<std::string, std::string> files_;
  size_t address_ = 0;
};

const std::string kAttach = "print(node.LFS.attach 'app.img') ";

TEST_P(Attach, ModulesOfBothImagesRunAndLfsComesFirst) {
  make();
  EXPECT_EQ(
      output_of(kAttach + "local b, m = node.LFS.base(), node.flashindex 'mine'() "
                          "print(b.text()) print(m.text()) print(m.nothing, m.counter()()) "
                          "print(node.LFS.two(), node.LFS.get 'two'(), require 'mine' ~= nil) "
                          "print(table.concat(node.LFS.list(), ' ')) "
                          "local t, a, f, n, l = node.flashindex() print(t == node.LFS.time, a == "
                          "node.LFS.config.lfs_mapped, n == node.LFS.config.lfs_used, "
                          "table.concat(l, ' '))"),
      "true\nshared\tof the base\nshared\tof mine\nno nothing\t1\nLFS\tLFS\ttrue\n"
      "base mine two two\ntrue\ttrue\ttrue\tbase two mine two\n");
}

TEST_P(Attach, StringsOfBothImagesAndOfRamAreTheSame) {
  make();
  EXPECT_EQ(
      output_of(
          "local t, up, co, weak = {shared = 1, ['of mine'] = 2, word = 3}, 'of mine', "
          "coroutine.create(function(a) while true do a = coroutine.yield(a == 'of mine', a) end "
          "end), setmetatable({}, {__mode = 'kv'}) weak.word = t coroutine.resume(co, up) " +
          kAttach +
          "local b, m = node.LFS.base(), node.LFS.mine() print(m.key(t)) print(b.key(t)) "
          "local s, mine = m.text() print(s == b.text(), mine == up, mine == 'of ' .. 'mine', "
          "select(6, m.words()) == select(2, b.text()), ({[mine] = 5})[up]) "
          "print(coroutine.resume(co, mine)) print(weak.word == t, rawequal(mine, up)) "
          // Names of events and reserved words, which Lua knows in other ways.
          "local x = setmetatable({}, {__add = function(a, b) return b end, __index = m}) "
          "print(x + 5, x.words()) print(loadstring 'local n = 0 while n < 3 do n = n + 1 end "
          "return n'())"),
      "true\n1\t2\t3\n1\ntrue\ttrue\ttrue\ttrue\t5\ntrue\ttrue\tof "
      "mine\ntrue\ttrue\n5\twhile\tend\t"
      "__add\t__index\tprint\tof the base\n3\n");
}

// Counts what is in RAM though it is in flash, and what is in flash twice.
const std::string kCount =
    "do local seen, twice, both, ram = {}, 0, 0, debug.getstrings() for _, s in "
    "ipairs(debug.getstrings 'ROM') do if seen[s] then twice = twice + 1 end seen[s] = true end "
    "for _, s in ipairs(ram) do if seen[s] then both = both + 1 end end print(twice, both, "
    "seen['of mine'], seen.print) end ";

TEST_P(Attach, NoStringIsThereTwice) {
  make();
  EXPECT_EQ(output_of("s, w = 'of mine', {word = 'of mine'} " + kAttach + kCount +
                      "node.LFS.mine() node.LFS.base() " + kCount),
            "true\n0\t0\ttrue\ttrue\n0\t0\ttrue\ttrue\n");
}

TEST_P(Attach, WithoutAnImageInLfsItIsTheOnlyOne) {
  ASSERT_NO_FATAL_FAILURE(make({}, attached_));
  EXPECT_EQ(output_of(kAttach + kCount +
                      "print(node.LFS.two(), node.LFS.mine().text()) print(node.LFS.time, "
                      "unpack(node.LFS.list())) local t, a, f, n, l = node.flashindex() print(t, "
                      "a == node.LFS.config.lfs_mapped, n, #l)"),
            "true\n0\t0\ttrue\ttrue\nattached\tshared\tof mine\nnil\tmine\ttwo\nnil\ttrue\t0\t2\n");
}

TEST_P(Attach, ErrorsTellTheLine) {
  make();
  const std::string out =
      output_of(kAttach +
                "print(pcall(node.LFS.mine().fail)) print(debug.getinfo(node.LFS.mine, "
                "'S').source, debug.getinfo(node.LFS.mine().words, 'S').linedefined)");
  EXPECT_EQ(out, "true\nfalse\tmine.lua:5: attempt to index a nil value\n@mine.lua\t8\n");
}

TEST_P(Attach, CollectingLeavesItAloneAndItTakesNoMemory) {
  make();
  const std::string out = output_of(
      "local f, g = node.LFS, collectgarbage g() g() local a = node.heap() local ok = f.attach "
      "'app.img' g() print(ok, a - node.heap()) local m = f.mine() for i = 1, 50 do m.counter()() "
      "local t = setmetatable({}, {__mode = 'k'}) t[m.text] = m.text() g() end print(m.text()) "
      "print(loadstring(string.dump(m.text))())");
  int taken = 1 << 20;
  ASSERT_EQ(std::sscanf(out.c_str(), "true\t%d\n", &taken), 1) << out;
  RecordProperty("taken", std::to_string(taken));
  EXPECT_LE(taken, 0);
  EXPECT_THAT(out, HasSubstr("shared\tof mine\nshared\tof mine\n"));
}

TEST_P(Attach, TheFileStaysWhereItIsAndANewStartKnowsNothingOfIt) {
  make();
  EXPECT_EQ(output_of(kAttach +
                      "file.remove 'app.img' for i = 1, 100 do file.putcontents('a', "
                      "('\\0'):rep(5000)) end print(file.exists 'app.img', node.LFS.mine().text()) "
                      "file.putcontents('app.img', 'x') " +
                      kAttach + "print(node.LFS.mine().text())"),
            "true\nfalse\tshared\tof mine\nnil\tanother image is attached until the next start\n"
            "shared\tof mine\n");
  EXPECT_EQ(output_of("print(node.LFS.mine, node.flashindex 'base' ~= nil)"), "nil\ttrue\n");
}

TEST_P(Attach, OnceMoreIsTheSame) {
  make();
  EXPECT_EQ(output_of(kAttach + kAttach + "for i = 1, 20 do node.LFS.attach 'app.img' end " +
                      "local t = {} for i = 1, 7 do t[i] = file.open 'app.img' end print(#t, "
                      "unpack(node.LFS.list()))"),
            "true\ntrue\n7\tbase\tmine\ttwo\ttwo\n");
}

TEST_P(Attach, WhatCannotBeAttachedChangesNothing) {
  make();
  std::string damaged = image_for(attached_, address_);
  damaged[damaged.size() - 40] ^= 1;
  const Modules other = {{"base", "return 'another'"}};
  const std::string base = lfs_;
  const std::string elsewhere = image_for(attached_, address_ + 0x10000);
  const std::string wrong_numbers =
      compile(attached_, {"--target", numbers() == "int" ? "float" : "int", "-a", hex(address_),
                          "--attach-to", "none"});
  lfs_ = compile(other, {"--target", numbers(), "-a", hex(kMapped + kLfs)});
  const std::string wrong_base = image_for(attached_, address_);
  lfs_ = "";
  const std::string no_base = image_for(attached_, address_);
  const std::map<std::string, std::pair<std::string, std::string>> cases = {
      {"damaged", {damaged, "the image is damaged"}},
      {"cut",
       {damaged.substr(0, damaged.size() - 4), "not an image that luac.cross --attach-to made"}},
      {"longer", {image_for(attached_, address_) + "x", "the image "}},
      {"elsewhere", {elsewhere, "the image is for 0x"}},
      {"numbers", {wrong_numbers, "the image has another type of numbers"}},
      {"base", {wrong_base, "the image goes with another one in LFS: compile with --attach-to"}},
      {"none", {no_base, "the image goes with another one in LFS: compile with --attach-to"}},
      {"plain", {base, "not an image that luac.cross --attach-to made"}},
      {"text", {"hello", "not an image that luac.cross --attach-to made"}},
      {"empty", {"", "the file does not lie in mapped flash"}},
  };
  for (const auto& [name, content] : cases) {
    files_[name] = content.first;
  }
  lfs_ = base;
  std::string program =
      "c = #debug.getstrings 'ROM' function try(f) local r, e = node.LFS.attach(f) "
      "print(f, r, e) end ";
  for (const auto& [name, content] : cases) {
    program += "try '" + name + "' ";
  }
  program +=
      "try 'missing' print(#debug.getstrings 'ROM' == c, node.LFS.mine, pcall(node.LFS.attach))"
      " local t = {} for i = 1, 8 do t[i] = file.open 'text' end print(#t)";
  const std::string out = output_of(program);
  for (const auto& [name, content] : cases) {
    EXPECT_THAT(out, HasSubstr(name + "\tnil\t" + content.second));
  }
  EXPECT_THAT(out, HasSubstr("missing\tnil\t"));
  EXPECT_THAT(out, HasSubstr("\ntrue\tnil\tfalse\tbad argument #1 to '?' (string expected, got no "
                             "value)\n8\n"));
}

TEST_P(Attach, TheAddressToCompileForIsTold) {
  make();
  const std::string elsewhere = image_for(attached_, address_ + 0x8000);
  files_["app.img"] = elsewhere;
  const std::string out = output_of("print(node.LFS.attach 'app.img')");
  EXPECT_EQ(out, "nil\tthe image is for " + hex(address_ + 0x8000) + ", the file lies at " +
                     hex(address_) + ": compile with -a " + hex(address_) + "\n");
}

TEST_P(Attach, FilesBehindTheFirstMiBAreNotMapped) {
  device_.add_file("app.img", "something");
  const std::string program = "print(node.LFS.attach 'app.img')";
  EXPECT_EQ(printed_by(program, device_.boot(program + "\n").out),
            "nil\tthe file does not lie in mapped flash\n");
}

TEST_P(Attach, GoesFromAnywhereButFromWithinLoad) {
  make();
  EXPECT_EQ(output_of("print((('a'):gsub('a', function(a) return tostring(node.LFS.attach "
                      "'app.img') end))) print(node.LFS.mine().text())"),
            "true\nshared\tof mine\n");
  EXPECT_EQ(
      output_of("print(coroutine.wrap(function() local s = 'of mine' coroutine.yield(node.LFS."
                "attach 'app.img') end)()) print(node.LFS.mine().text())"),
      "true\nshared\tof mine\n");
  output_of(
      "node.task.post(function() print(node.LFS.attach 'app.img', node.LFS.mine().text()) end)");
  EXPECT_THAT(device_.boot("dofile 'program.lua'\n").out, HasSubstr("> true\tshared\tof mine\n"));
  EXPECT_EQ(output_of("local n = 0 print(load(function() n = n + 1 if n == 1 then print(node.LFS."
                      "attach 'app.img') return 'return 7' end end)()) print(node.LFS.mine)"),
            "nil\ta chunk is being loaded\n7\nnil\n");
}

TEST_P(Attach, WhatTheDeviceReloadedIsAsGoodABaseAsWhatWasFlashed) {
  make();
  const std::string relocatable =
      compile({{"base", kBase}, {"more", "return 'reloaded'"}}, {"--target", numbers(), "-f"});
  const auto attachable = [&](size_t address) {
    return compile(
        attached_,
        {"--target", numbers(), "-a", hex(address), "--lfs-address", hex(kMapped + kLfs)},
        relocatable);
  };
  files_["app.img"] = attachable(kMapped + kFiles);
  files_["luac.out"] = relocatable;
  files_["app.img"] = attachable(kMapped + kFiles + pack(files_).offsets.at("app.img"));
  output_of("print(1)");
  ASSERT_EQ(device_.boot("node.flashreload 'luac.out'\n").exit_status, kRestarted);
  EXPECT_EQ(output_of(kAttach + "print(node.LFS.more(), node.LFS.mine().text())" + kCount),
            "true\nreloaded\tshared\tof mine\n0\t0\ttrue\ttrue\n");
}

// --- the freezer ---

TEST_P(Attach, WhatIsFrozenBesideItIsFoundAgainWithIt) {
  make();
  const std::string program =
      kAttach +
      "local f = freezer.freeze(loadstring([[local word = 'of mine' return word, 'only here', "
      "print "
      "~= nil]], '=f')) print(f()) print(freezer.freeze(node.LFS.mine) ~= nil, "
      "node.LFS.mine().text == freezer.freeze(node.LFS.mine().text))" +
      kCount;
  const std::string wanted = "true\nof mine\tonly here\ttrue\ntrue\tfalse\n0\t0\ttrue\ttrue\n";
  EXPECT_EQ(output_of(program), wanted);
  const std::string flash = device_.flash();
  EXPECT_EQ(output_of(program), wanted);
  EXPECT_EQ(device_.flash(), flash) << "frozen once";
}

TEST_P(Attach, WhatIsFrozenWithoutItIsInItsWayUntilTheFreezerIsCleared) {
  make();
  const std::string frozen =
      "local f = freezer.freeze(loadstring([[return 'of mine', 'only here']], '=f')) print(f()) ";
  EXPECT_EQ(output_of(frozen + kAttach + "print(f())"),
            "of mine\tonly here\nnil\tthe freezer has strings of this image: freezer.defrost(), "
            "restart, and attach it before anything is frozen\nof mine\tonly here\n");
  const std::string again = output_of(kAttach + kAttach + "freezer.defrost()");
  const size_t half = again.size() / 2;
  EXPECT_THAT(again, HasSubstr("nil\tthe freezer has"));
  EXPECT_EQ(again.substr(0, half), again.substr(half));
  EXPECT_EQ(output_of(kAttach + frozen + kCount), "true\nof mine\tonly here\n0\t0\ttrue\ttrue\n");
  // The next start does not attach it: what is frozen now is other than what was frozen with it.
  EXPECT_EQ(output_of(frozen + "collectgarbage() print(f())"),
            "of mine\tonly here\nof mine\tonly here\n");
}

// The same addresses are other strings then.
TEST_P(Attach, WhatIsFrozenBesideOneImageIsNotTakenForSomethingElseBesideAnother) {
  make();
  const auto program = [](const std::string& text) {
    return kAttach + "local f = freezer.freeze(loadstring([[local function g() return '" + text +
           "' end return g(), 'only here']], '=f')) print(f()) " + kCount;
  };
  const std::string wanted = "true\nof mine\tonly here\n0\t0\ttrue\ttrue\n";
  EXPECT_EQ(output_of(program("of mine")), wanted);
  Modules other = attached_;
  std::string& source = other["mine"];
  for (size_t at = 0; (at = source.find("of mine", at)) != std::string::npos;) {
    source.replace(at, 7, "my word");
  }
  const std::string mine = files_["app.img"];
  files_["app.img"] = image_for(other, address_);
  ASSERT_EQ(files_["app.img"].size(), mine.size());
  EXPECT_EQ(output_of(program("my word")), "true\nmy word\tonly here\n0\t0\tnil\ttrue\n");
  files_["app.img"] = mine;
  EXPECT_EQ(output_of(program("of mine")), wanted);
}

// Its place is known once it is written, and the same each time.
TEST_P(Attach, WhatTheDeviceWroteItselfIsAttachedToo) {
  make();
  const auto program = [&](size_t address) {
    files_["source.img"] = image_for(attached_, address);
    return output_of(
        "file.putcontents('own.img', file.getcontents 'source.img') print(node.LFS.attach "
        "'own.img') print(node.LFS.mine and node.LFS.mine().text())",
        "--stale-cache");
  };
  const std::string told = program(0x40300000);
  std::smatch address;
  ASSERT_TRUE(std::regex_search(told, address, std::regex("-a 0x([0-9a-f]{8})"))) << told;
  EXPECT_EQ(program(std::stoul(address[1], nullptr, 16)), "true\nshared\n");
}

// --- all that Lua can do ---

TEST_P(Attach, SuitePassesWithOneHalfAttached) {
  Modules lfs;
  Modules attached;
  for (const auto& entry : std::filesystem::directory_iterator(SUITE_SOURCES)) {
    const std::string name = entry.path().stem();
    (name.ends_with("_spec") ? attached : lfs)[name] = read_text(entry.path());
  }
  if (numbers() == "int") {
    attached.erase("doubles_spec");
  }
  make(lfs, attached);
  for (const auto& [name, source] : attached) {
    if (name != "overflow_spec" && name != "modules_spec") {  // slow; only about LFS
      EXPECT_EQ(
          output_of("node.LFS.attach 'app.img' node.flashindex '" + name + "'() print 'passed'",
                    "--heap=4M"),
          "passed\n")
          << name;
    }
  }
}

// Each kind once: what differs between boards is not what this is about.
std::vector<Board> chosen_boards() {
  std::vector<Board> chosen = boards("float");
  chosen.push_back(boards("int").front());
  chosen.push_back(stress_boards().front());
  return chosen;
}

INSTANTIATE_TEST_SUITE_P(Boards, Attach, ::testing::ValuesIn(chosen_boards()), board_name);

}  // namespace
}  // namespace flashstore::test
