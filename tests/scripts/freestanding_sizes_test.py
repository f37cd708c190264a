"""scripts/freestanding-sizes adds up what objects take and tells when a purpose takes too much."""

import pathlib
import re
import subprocess
import sys
import tempfile
import unittest

SCRIPT = pathlib.Path(__file__).resolve().parents[2] / "scripts/freestanding-sizes"
FLAGS = ["-std=c++20", "-Os", "-mlongcalls", "-ffreestanding", "-fno-builtin", "-nostdinc", "-ffunction-sections",
         "-w"]

CORE = "namespace flashstore::core { struct Inflater { int gunzip(int); };\n" \
       "extern int table(int); int Inflater::gunzip(int a) { return table(a) + 1; }\n" \
       "int table(int a) { return a * 7; } int unused(int a) { %s return a; } }\n"
LUAFLASH = "namespace flashstore { namespace core { struct Inflater { int gunzip(int); }; }\n" \
           "namespace luaflash { int verify_stream(core::Inflater& i) { return i.gunzip(1); }\n" \
           "int verify_structure(int a) { %s return a; } int map_image(int a) { return a; }\n" \
           "int relocate(int a) { return a + 1; } int reload(int a) { return a; }\n" \
           "int continue_reload(int a) { return a; } } }\n"
READER = ("Reader", "mount", "open", "read", "close", "unmount", "seek", "map", "stat", "opendir", "readdir",
          "closedir")
VOLUME = ("mount", "unmount", "open", "write", "close", "mkdir", "remove", "space")
# On the way down from Reader::read() are low() and lower(); other() is beside them.
LILOTAFS = "namespace flashstore { namespace lilotafs {\n" \
           "void fill(volatile char*);\n" \
           "__attribute__((noinline)) int lower(int a) { %s volatile char frame[40]; fill(frame); return frame[1]; }\n" \
           "static __attribute__((noinline)) int low(int a) { volatile char b[400]; b[1] = a;" \
           " return lower(a) + b[1]; }\n" \
           "int other(int a) { volatile char b[300]; b[1] = a; return b[1]; }\n" \
           "struct Reader { Reader();" + "".join(f" int {name}(int);" for name in READER[1:]) + " };\n" \
           "struct Volume {" + "".join(f" int {name}(int);" for name in VOLUME) + " };\n" \
           "Reader::Reader() {}\nint Reader::read(int a) { return low(a) + other(a); }\n" \
           + "".join(f"int Reader::{name}(int a) {{ return a; }}\n" for name in READER[1:] if name != "read") \
           + "".join(f"int Volume::{name}(int a) {{ return a; }}\n" for name in VOLUME) + "} }\n"
PAGE = ("recover", "read_table", "replace_table", "reload", "begin_reload", "clear_reload_bit")
PARTITION = "namespace flashstore { namespace partition {\n" \
            + "".join(f"int {name}(int a) {{ return a; }}\n" for name in ("allocate", "default_table", "validate")) \
            + "struct PageStore {" + "".join(f" int {name}(int);" for name in PAGE) + " };\n" \
            + "".join(f"int PageStore::{name}(int a) {{ return a; }}\n" for name in PAGE) + "} }\n"
BIG = "asm volatile(\".rept 8000\\n or a2, a2, a2\\n .endr\");"


def sizes(core=CORE % "", luaflash=LUAFLASH % "", lilotafs=LILOTAFS % ""):
    with tempfile.TemporaryDirectory() as folder:
        for name, source in (
                ("core", core), ("luaflash", luaflash), ("lilotafs", lilotafs), ("partition", PARTITION)):
            place = pathlib.Path(folder, "lx106/lib", name)
            place.mkdir(parents=True)
            (place / "a.cpp").write_text(source)
            subprocess.run(["xtensa-lx106-elf-g++", *FLAGS, "-c", "a.cpp", "-o", "a.cpp.obj"], cwd=place, check=True)
            subprocess.run(["xtensa-lx106-elf-ar", "rc", f"lib{name}.a", "a.cpp.obj"], cwd=place, check=True)
        done = subprocess.run([sys.executable, SCRIPT, folder], capture_output=True, text=True)
        return done.returncode, done.stdout, done.stderr


def number(output, row, column=0):
    return int(re.findall(rf"^{re.escape(row)}((?: +\d+)+)$", output, re.M)[-1].split()[column])


class FreestandingSizes(unittest.TestCase):
    def test_objects_add_up(self):
        status, output, errors = sizes()
        self.assertEqual((status, errors), (0, ""))
        self.assertEqual(number(output, "core"), number(output, "core/a.cpp"))
        self.assertGreater(number(output, "core"), 10)

    def test_what_nobody_calls_does_not_count_when_linked(self):
        plain, fat = sizes()[1], sizes(core=CORE % BIG)[1]
        self.assertGreater(number(fat, "core"), number(plain, "core") + 10000)
        self.assertEqual(number(fat, "inflate"), number(plain, "inflate"))

    def test_too_much_is_an_error(self):
        status, output, errors = sizes(luaflash=LUAFLASH % BIG)
        self.assertEqual(status, 1)
        self.assertRegex(errors, r"^inflate, verify_stream, verify_structure, relocate: error: \d+ bytes of at most")
        self.assertEqual(len(errors.splitlines()), 1)

    def test_stack_is_the_sum_over_the_deepest_calls(self):
        status, output, errors = sizes()
        self.assertEqual((status, errors), (0, ""))
        depth = number(output, "lilotafs", 2)
        self.assertEqual(depth, number(output, "lilotafs, mount and read files", 2))
        self.assertGreaterEqual(depth, 400 + 40)
        self.assertLess(depth, 400 + 40 + 4 * 16)
        self.assertLess(number(output, "inflate", 2), 64)

    def test_too_much_stack_is_an_error_and_the_way_down_is_told(self):
        status, _, errors = sizes(lilotafs=LILOTAFS.replace("frame[40]", "frame[180]") % "")
        self.assertEqual(status, 1)
        self.assertRegex(errors, r"(?m)^lilotafs: error: \d+ bytes of stack of at most 512$")
        self.assertRegex(errors, r"(?m)^lilotafs: note: \S+::read > \S+::low > \S+::lower$")

    def test_stack_without_bound_is_refused(self):
        status, _, errors = sizes(lilotafs=LILOTAFS % "if (a > 1) return lower(a - 2) + lower(a - 1);")
        self.assertEqual(status, 2)
        self.assertIn("calls itself", errors)

    def test_a_function_that_is_gone_is_told(self):
        status, _, errors = sizes(luaflash="int nothing;")
        self.assertEqual(status, 2)
        self.assertIn("no function luaflash::verify_stream in the libraries", errors)

    def test_a_folder_without_libraries_is_refused(self):
        with tempfile.TemporaryDirectory() as folder:
            done = subprocess.run([sys.executable, SCRIPT, folder], capture_output=True, text=True)
        self.assertEqual(done.returncode, 2)
        self.assertIn("build the project first", done.stderr)


if __name__ == "__main__":
    unittest.main()
