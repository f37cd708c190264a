"""scripts/check-freestanding refuses what the chip does not have, and nothing else."""

import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import unittest

CHECKER = pathlib.Path(__file__).resolve().parents[2] / "scripts/check-freestanding"
FLAGS = ["-std=c++20", "-Os", "-mlongcalls", "-ffreestanding", "-fno-builtin", "-nostdinc", "-fno-rtti", "-w"]

CLEAN = {
    "core": "int in_core(int a, int b) { return a / b + a % b; }\n"
            "extern const int table[]; const int table[] = {1, 2, 3};\n",
    "luaflash": 'extern "C" void* memcpy(void*, const void*, unsigned); int in_core(int, int);\n'
                "int f(char* to, char* from) { memcpy(to, from, 9); return in_core(to[0], from[1]); }\n"
                "unsigned long long g(unsigned long long a, int by) { return a * 3 << by; }\n",
}

VIOLATIONS = {  # source, words of the error
    "adds doubles": ("double f(double a, double b) { return a + b; }", "needs __adddf3: floating point"),
    "converts floats": ("int f(float a) { return a; }", "needs __fixsfsi: floating point"),
    "news": ("int* f() { return new int; }", "needs operator new(unsigned int): the heap"),
    "deletes": ("void f(int* p) { delete p; }", "the heap"),
    "mallocs": ('extern "C" void* malloc(unsigned); void* f() { return malloc(1); }', "needs malloc: the heap"),
    "throws": ("void f() { throw 1; }", "needs __cxa_throw: exceptions"),
    "throws in the library": ("namespace std { void __throw_bad_optional_access(); }\n"
                              "void f() { std::__throw_bad_optional_access(); }",
                              "needs std::__throw_bad_optional_access(): exceptions"),
    "prints": ('extern "C" int printf(const char*, ...); int f() { return printf("x"); }', "needs printf: printing"),
    "aborts": ('extern "C" void abort(); void f() { abort(); }', "needs abort: an end of the program"),
    "stays virtual": ("struct A { virtual void f() = 0; A(); }; A::A() {}", "needs __cxa_pure_virtual: virtual"),
    "guards": ("int g(); int f() { static int x = g(); return x; } int g() { return 1; }",
               "needs __cxa_guard_acquire: a static variable"),
    "asks for a neighbour that is not there": ("int absent(int); int f() { return absent(1); }",
                                               "needs absent(int): something"),
    "asks weakly": ("__attribute__((weak)) int absent(); int f() { return absent(); }", "needs absent()"),
    "counts": ("int f() { static int n; return ++n; }", "writable data: 4 bytes in .bss"),
    "keeps state": ("int state = 7; int f() { return state; }", "writable data: 4 bytes in .data"),
    "has a common variable": ("__attribute__((common)) int state;", "common variable state"),
    "constructs": ('int g() { int x; asm volatile("" : "=r"(x)); return x; }\n'
                   "static int x = g(); int f() { return x; }",
                   "static constructors (."),
}


def check(libraries, path=os.environ["PATH"]):
    """The checker over archives made of LIBRARIES, laid out as in a build folder."""
    with tempfile.TemporaryDirectory() as folder:
        for name, source in libraries.items():
            place = pathlib.Path(folder, "lx106/lib", name)
            place.mkdir(parents=True)
            (place / "a.cpp").write_text(source + "\n")
            subprocess.run(["xtensa-lx106-elf-g++", *FLAGS, "-c", "a.cpp", "-o", "a.obj"], cwd=place, check=True)
            subprocess.run(["xtensa-lx106-elf-ar", "rc", f"lib{name}.a", "a.obj"], cwd=place, check=True)
        done = subprocess.run([sys.executable, CHECKER, folder], capture_output=True, text=True,
                              env=os.environ | {"PATH": path})
        return done.returncode, done.stdout, done.stderr


class CheckFreestanding(unittest.TestCase):
    def test_clean_libraries_and_their_sizes(self):
        status, table, errors = check(CLEAN)
        self.assertEqual((status, errors), (0, ""))
        heading, *rows = [line.split() for line in table.splitlines()]
        self.assertEqual(heading, ["library", "text", "data", "bss"])
        self.assertEqual([row[0] for row in rows], ["core", "luaflash"])
        for _, text, data, bss in rows:
            self.assertTrue(12 < int(text) < 200, table)
            self.assertEqual((data, bss), ("0", "0"))

    def test_every_violation_is_refused(self):
        for name, (source, words) in VIOLATIONS.items():
            with self.subTest(name):
                status, _, errors = check(CLEAN | {"partition": source})
                self.assertEqual(status, 1)
                self.assertIn("lx106/lib/partition/libpartition.a(a.obj): error: ", errors)
                self.assertIn(words, errors)
                self.assertNotIn("luaflash", errors)

    def test_a_build_without_libraries(self):
        status, _, errors = check({})
        self.assertEqual(status, 2)
        self.assertIn("build the project first", errors)

    def test_without_the_cross_tools(self):
        with tempfile.TemporaryDirectory() as empty:
            status, _, errors = check(CLEAN, path=empty)
        self.assertEqual(status, 2)
        self.assertIn("run scripts/setup", errors)


if __name__ == "__main__":
    unittest.main()
