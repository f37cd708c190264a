"""scripts/check-format finds what it says it finds, on its line, and nothing in a tidy tree."""

import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]
CHECKER = ROOT / "scripts/check-format"

TIDY = {
    "lib/core/a.cpp": "int twice(int x) {\n  return 2 * x;\n}\n",
    "lib/core/CMakeLists.txt": "freestanding_library(core)\n",
    "firmware/app/init.lua": "print('$HOME/work', 'a/home/b', '/workers')\n",
    "scripts/run": "#!/bin/sh\necho \"$root/work/x\"\n",
    "tests/data/bad.cpp": "int  x ;\t \n",  # recorded data may look as it likes
    "lib/lua.patch": " \n-\told\n",          # so must patches
    "README.md": "x\n" * 800,
}

VIOLATIONS = {  # file, text, line, words of the error
    "layout of C++": ("lib/core/b.cpp", "int  x;\n", 1, "code should be clang-formatted"),
    "layout of C": ("firmware/lua/b.c", "\nint f(void) { ; return 1;}\n", 2, "code should be clang-formatted"),
    "layout of a header": ("tests/support/b.h", "int x;\nint * y;\n", 2, "code should be clang-formatted"),
    "tab": ("tools/CMakeLists.txt", "a()\n\tb()\n", 2, "a tab"),
    "trailing blank": ("firmware/app/a.lua", "x = 1 \n", 1, "blanks at the end"),
    "carriage return": ("firmware/app/a.lua", "x = 1\r\n", 1, "blanks at the end"),
    "todo": ("lib/core/b.cpp", "int x;  // " + "TO" + "DO\n", 1, "postponed work"),
    "fixme": ("scripts/run", "\n\n# " + "FIX" + "ME: later\n", 3, "postponed work"),
    "home": ("scripts/run", "cd " + "/ho" + "me/me\n", 1, "a folder of one machine"),
    "work": ("lib/core/b.cpp", "const char* x = \"" + "/wo" + "rk/main\";\n", 1, "a folder of one machine"),
    "root": ("lib/a.cmake", "set(x " + "/ro" + "ot/.cache)\n", 1, "a folder of one machine"),
    "too long": ("lib/core/b.h", "int x;\n" * 801, 801, "801 lines"),
    "no newline": ("tools/a.md", "a\nb", 2, "the last line does not end"),
}


def check(files, git=True, path=os.environ["PATH"]):
    with tempfile.TemporaryDirectory() as folder:
        tree = pathlib.Path(folder, "tree")
        for name, text in files.items():
            (tree / name).parent.mkdir(parents=True, exist_ok=True)
            (tree / name).write_bytes(text.encode())
        shutil.copy(ROOT / ".clang-format", tree)
        # Whatever repository the temporary folder happens to lie in is none of this tree's business.
        environment = os.environ | {"GIT_CEILING_DIRECTORIES": folder, "PATH": path}
        if git:
            subprocess.run(["git", "init", "-q", tree], check=True, env=environment)
        done = subprocess.run([sys.executable, CHECKER, "--root", tree], capture_output=True, text=True,
                              env=environment)
        return done.returncode, done.stderr


class CheckFormat(unittest.TestCase):
    def test_tidy_tree(self):
        self.assertEqual(check(TIDY), (0, ""))

    def test_tidy_tree_without_git(self):
        self.assertEqual(check(TIDY, git=False), (0, ""))

    def test_every_violation_is_found_on_its_line(self):
        for name, (path, text, line, words) in VIOLATIONS.items():
            for git in True, False:
                with self.subTest(name, git=git):
                    status, output = check(TIDY | {path: text}, git)
                    self.assertEqual(status, 1, output)
                    errors = [text for text in output.splitlines() if ": error: " in text]
                    self.assertTrue(all(error.startswith(f"{path}:{line}:") for error in errors), output)
                    self.assertTrue(any(words in error for error in errors), output)

    def test_ignored_files_are_left_alone(self):
        ignored = {".gitignore": "/build*/\n", "build-x/a.cpp": "int  x;\t\n"}
        self.assertEqual(check(TIDY | ignored), (0, ""))

    def test_nothing_to_check_is_not_success(self):
        with tempfile.TemporaryDirectory() as folder:
            done = subprocess.run([sys.executable, CHECKER, "--root", folder], capture_output=True, text=True)
            self.assertEqual(done.returncode, 2)

    def test_without_clang_format(self):
        with tempfile.TemporaryDirectory() as programs:
            pathlib.Path(programs, "git").symlink_to(shutil.which("git"))
            status, output = check(TIDY, path=programs)
        self.assertEqual(status, 2)
        self.assertIn("run scripts/setup", output)


if __name__ == "__main__":
    unittest.main()
