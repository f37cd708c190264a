"""scripts/check-layers finds every kind of violation, on its line, and leaves what is allowed alone."""

import pathlib
import subprocess
import sys
import tempfile
import unittest

CHECKER = pathlib.Path(__file__).resolve().parents[2] / "scripts/check-layers"

# A small tree that uses every edge there is, and names that look like trouble but are not.
CLEAN = {
    "lib/CMakeLists.txt": "function(host_library name)\n  target_link_libraries(${name} PUBLIC ${arg_LINKS})\n"
                          "endfunction()\nadd_subdirectory(luac)\n",
    "lib/core/CMakeLists.txt": "freestanding_library(core)\n",
    "lib/core/bytes.h": "#include <cstdint>\n#include <span>\n",
    "lib/luaflash/CMakeLists.txt": "freestanding_library(luaflash\n  SOURCES view.cpp\n  LINKS core)\n",
    "lib/luaflash/format.h": "// iostream, printf(\n#include <cstdint>\n",
    "lib/luaflash/view.cpp": '#include "luaflash/format.h"\n#include "core/bytes.h"\n',
    "lib/lilotafs/CMakeLists.txt": "freestanding_library(lilotafs SOURCES mount.cpp LINKS core)\n",
    "lib/lilotafs/mount.cpp": '/*\n#include "image/gzip.h"\n*/\n#include "core/bytes.h"\n',
    "lib/lilotafs/mount.h": "",
    "lib/lilotafs/posix/CMakeLists.txt": "host_library(lilotafs_posix SOURCES lilotafs.cpp LINKS lilotafs)\n",
    "lib/lilotafs/posix/lilotafs.cpp": '#include <fcntl.h>\n#include "lilotafs/mount.h"\n',
    "lib/lilotafs/posix/lilotafs.h": "",
    "lib/norsim/CMakeLists.txt": "freestanding_library(norsim LINKS core)\n",
    "lib/norsim/norsim.h": "#include <vector>\n",
    "lib/host/CMakeLists.txt": "host_library(host SOURCES files.cpp LINKS core)\n",
    "lib/host/files.cpp": '#include <cstdio>\nint n = snprintf(text, 9, "printf(\\"puts(\\")");\n',
    "lib/luac/CMakeLists.txt": "add_library(luac_c OBJECT compiler_lua.c)\n"
                               "host_library(luac SOURCES a.cpp $<TARGET_OBJECTS:luac_c>\n"
                               "  LINKS core # not image\n  luaflash m)\n",
    "lib/luac/compiler_lua.c": '#include "lobject.h"\n#include "lvm.c"\n#define lua_writestring(s) fputs(s)\n',
    "lib/luac/a.cpp": '#include "luaflash/format.h"\n',
    "lib/image/CMakeLists.txt": "host_library(image\n  SOURCES gzip.cpp\n  LINKS core luaflash lilotafs\n"
                                "  PRIVATE_LINKS ZLIB::ZLIB)\n",
    "lib/image/gzip.h": "",
    "lib/image/gzip.cpp": '#include "luaflash/format.h"\n#include <zlib.h>\n',
    "lib/image/pack.cpp": '#include "lilotafs/mount.h"\n',
    "lib/image/salvage.cpp": '#include "lilotafs/mount.h"\n',
    "lib/image/attribution.cpp": '#include "luaflash/format.h"\n',
    "lib/image/diff.h": '#include "luaflash/format.h"\n',
    "tools/CMakeLists.txt": "function(tool name)\n  target_link_libraries(${name} PRIVATE ${links} host)\n"
                            "endfunction()\n",
    "tools/lfsimg/CMakeLists.txt": "tool(lfsimg SOURCES main.cpp LINKS image luac CLI11::CLI11)\n",
    "tools/common/command_line.cpp": "#include <CLI/CLI.hpp>\n",
    "tools/lfsimg/main.cpp": '#include <iostream>\n#include "image/gzip.h"\n'
                             '#include "options.h"\nint main() { puts("x"); }\n',
    "tools/lfsimg/options.h": "",
    "firmware/lua/CMakeLists.txt": "firmware_lua_library(firmware_lua)\n"
                                   "target_link_libraries(firmware_lua PUBLIC luaflash_m32 core_m32 m)\n",
    "firmware/lua/rom.c": '#include "lobject.h"\n#include "luaflash/format.h"\n',
    "firmware/lua/rom.h": "",
    "firmware/board/sim/CMakeLists.txt": "simulator(flashstore-sim)\n"
                                         "target_link_libraries(flashstore-sim PRIVATE firmware_lua norsim_m32)\n",
    "firmware/board/sim/main.cpp": '#include "norsim/norsim.h"\n#include "../../lua/rom.h"\n',
    "tests/CMakeLists.txt": "target_link_libraries(t PRIVATE image luac lfsimg)\n",
    "tests/luac/lua_test.cpp": '#include "lua.h"\n#include "luac/helper.h"\n#include "image/gzip.h"\n',
    "tests/luac/helper.h": "",
    "tests/support/chip.h": "",
}

# One change to the clean tree each: the file, its new text, the line, words of the error.
VIOLATIONS = {
    "core uses luaflash": ("lib/core/a.h", '\n#include "luaflash/format.h"\n', 2, "must not use lib/luaflash"),
    "with angle brackets": ("lib/core/a.h", "#include <luaflash/format.h>\n", 1, "must not use lib/luaflash"),
    "by a relative path": ("lib/core/a.h", '#include "../luaflash/format.h"\n', 1, "must not use lib/luaflash"),
    "with blanks": ("lib/core/a.h", '  #  include  "luaflash/format.h"\n', 1, "must not use lib/luaflash"),
    "a header to come": ("lib/core/a.h", '#include "luaflash/later.h"\n', 1, "must not use lib/luaflash"),
    "after comments": ("lib/core/a.h", '/* a\n b */ // c\n#include "luaflash/format.h" // d\n', 3, "lib/luaflash"),
    "siblings on the chip": ("lib/lilotafs/a.cpp", '#include "luaflash/format.h"\n', 1, "must not use lib/luaflash"),
    "luac uses image": ("lib/luac/a.cpp", '\n\n#include "image/gzip.h"\n', 3, "must not use lib/image"),
    "lilotafs uses its C interface": ("lib/lilotafs/a.cpp", '#include "lilotafs/posix/lilotafs.h"\n', 1,
                                      "must not use lib/lilotafs/posix"),
    "luac uses lilotafs": ("lib/luac/a.cpp", '#include "lilotafs/mount.h"\n', 1, "must not use lib/lilotafs"),
    "image uses luac": ("lib/image/a.cpp", '#include "luac/compiler.h"\n', 1, "must not use lib/luac"),
    "image uses luaflash": ("lib/image/a.cpp", '#include "luaflash/format.h"\n', 1, "must not use lib/luaflash"),
    "pack uses luaflash": ("lib/image/pack.h", '#include "luaflash/format.h"\n', 1, "must not use lib/luaflash"),
    "diff uses lilotafs": ("lib/image/diff.h", '#include "lilotafs/mount.h"\n', 1, "must not use lib/lilotafs"),
    "image uses host": ("lib/image/a.cpp", '#include "host/files.h"\n', 1, "must not use lib/host"),
    "lib uses tools": ("lib/host/a.cpp", '#include "tools/lfsimg/options.h"\n', 1, "must not use tools"),
    "lib uses tests": ("lib/host/a.cpp", '#include "support/chip.h"\n', 1, "must not use tests"),
    "lib uses firmware": ("lib/host/a.cpp", '#include "../../firmware/lua/rom.h"\n', 1, "must not use firmware"),
    "tools use firmware": ("tools/lfsimg/a.cpp", '#include "firmware/lua/rom.h"\n', 1, "must not use firmware"),
    "tools use tests": ("tools/lfsimg/a.cpp", '#include "support/chip.h"\n', 1, "must not use tests"),
    "firmware uses image": ("firmware/lua/a.cpp", '#include "image/gzip.h"\n', 1, "must not use lib/image"),
    "firmware uses host": ("firmware/boot.cpp", '#include "host/files.h"\n', 1, "must not use lib/host"),
    "firmware uses norsim": ("firmware/lua/a.cpp", '#include "norsim/norsim.h"\n', 1, "must not use lib/norsim"),
    "a board uses norsim": ("firmware/board/x/a.cpp", '#include "norsim/norsim.h"\n', 1, "must not use lib/norsim"),
    "firmware uses a board": ("firmware/lua/a.cpp", '#include "firmware/board/sim/b.h"\n', 1, "firmware/board/sim"),
    "heap on the chip": ("lib/luaflash/a.h", "#include <cstdint>\n#include <vector>\n", 2, "vector in lib/luaflash"),
    "C header on the chip": ("lib/core/a.h", "#include <string.h>\n", 1, "string.h in lib/core"),
    "printing on the chip": ("lib/partition/a.h", "#include <iostream>\n", 1, "iostream in lib/partition"),
    "lib includes iostream": ("lib/image/a.cpp", "#include <iostream>\n", 1, "iostream in a library"),
    "lib includes fmt": ("lib/image/a.cpp", "#include <fmt/core.h>\n", 1, "fmt/core.h in a library"),
    "lib includes spdlog": ("lib/luac/a.cpp", "#include <spdlog/spdlog.h>\n", 1, "spdlog/spdlog.h in a library"),
    "lib includes CLI11": ("lib/host/a.cpp", "#include <CLI/CLI.hpp>\n", 1, "CLI/CLI.hpp in a library"),
    "a verb includes CLI11": ("tools/lfsimg/ls.cpp", "#include <CLI/CLI.hpp>\n", 1, "CLI/CLI.hpp outside"),
    "lib prints": ("lib/luac/a.cpp", 'void f() {\n  std::printf("");\n}\n', 2, "a library prints: std::printf"),
    "lib prints an error": ("lib/luac/a.cpp", 'void f() {\n\n  fprintf(stderr, "");\n}\n', 3, "prints: fprintf"),
    "Lua in luac": ("lib/luac/a.cpp", '#include "lua.h"\n', 1, "a header of Lua: lua.h"),
    "Lua in tools": ("tools/lfsimg/a.cpp", "#include <lauxlib.h>\n", 1, "a header of Lua: lauxlib.h"),
    "Lua's own in image": ("lib/image/a.cpp", '#include "lopcodes.h"\n', 1, "a header of Lua: lopcodes.h"),
    "core links luaflash": ("lib/core/CMakeLists.txt", "freestanding_library(core\n  LINKS luaflash)\n", 2,
                            "lib/core must not use lib/luaflash"),
    "luac links image": ("lib/luac/CMakeLists.txt", "host_library(luac SOURCES a.cpp\n  LINKS\n    core\n    image)\n",
                         4, "lib/luac must not use lib/image"),
    "privately": ("lib/luac/CMakeLists.txt", "host_library(luac SOURCES a.cpp PRIVATE_LINKS image)\n", 1,
                  "lib/luac must not use lib/image"),
    "in capitals": ("lib/luac/CMakeLists.txt", "add_library(luac a.cpp)\nTARGET_LINK_LIBRARIES(luac PUBLIC image)\n",
                    2, "lib/luac must not use lib/image"),
    "by its objects": ("lib/image/CMakeLists.txt", "host_library(image SOURCES $<TARGET_OBJECTS:luac_c>)\n", 1,
                       "lib/image must not use lib/luac"),
    "to every library": ("lib/CMakeLists.txt", "target_link_libraries(${name} PUBLIC luac)\n", 1,
                         "lib/CMakeLists.txt must not use lib/luac"),
    "to the flags": ("scripts/cmake/Flags.cmake", "\ntarget_link_libraries(flags INTERFACE luac)\n", 2,
                     "scripts/cmake/Flags.cmake must not use lib/luac"),
    "from afar": ("tools/lfsimg/CMakeLists.txt", "\ntarget_link_libraries(luac PUBLIC image)\n", 2,
                  "luac is a target of lib/luac"),
    "lib links a tool's library": ("lib/host/CMakeLists.txt", "host_library(host\n  LINKS spdlog::spdlog)\n", 2,
                                   "spdlog::spdlog linked to a library"),
    "the chip links zlib": ("lib/luaflash/CMakeLists.txt", "freestanding_library(luaflash LINKS core\n  z)\n", 2,
                            "z linked to lib/luaflash"),
    "lib links firmware": ("lib/host/CMakeLists.txt", "host_library(host LINKS firmware_lua)\n", 1,
                           "lib/host must not use firmware"),
    "firmware links image": ("firmware/lua/CMakeLists.txt", "target_link_libraries(${name} PRIVATE\n  image_m32)\n", 2,
                             "firmware must not use lib/image"),
    "tools link firmware": ("tools/lfsimg/CMakeLists.txt", "tool(lfsimg SOURCES main.cpp LINKS flashstore-sim)\n", 1,
                            "tools must not use firmware/board/sim"),
    "a room unheard of": ("lib/attic/a.h", "\n", 1, "not a room the table knows"),
}


def check(files):
    """Exit status and standard error of the checker over a tree of FILES."""
    with tempfile.TemporaryDirectory() as folder:
        for name, text in files.items():
            path = pathlib.Path(folder, name)
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
        done = subprocess.run([sys.executable, CHECKER, "--root", folder], capture_output=True, text=True)
        return done.returncode, done.stderr


class CheckLayers(unittest.TestCase):
    def test_clean_tree(self):
        self.assertEqual(check(CLEAN), (0, ""))

    def test_every_violation_is_found_alone_and_on_its_line(self):
        for name, (path, text, line, words) in VIOLATIONS.items():
            with self.subTest(name):
                status, output = check(CLEAN | {path: text})
                errors = [text for text in output.splitlines() if ": error: " in text]
                self.assertEqual((status, len(errors)), (1, 1), output)
                where = path if name != "a room unheard of" else "lib/attic"
                self.assertTrue(errors[0].startswith(f"{where}:{line}: error: "), output)
                self.assertIn(words, errors[0])
                self.assertIn(f"{where}:{line}: note: ", output)

    def test_the_allowed_headers_are_named(self):
        _, output = check(CLEAN | {"lib/core/a.h": "#include <vector>\n"})
        self.assertIn("<algorithm> <array> <bit> <cstddef> <cstdint> <cstring> <limits> <new> <optional> "
                      "<span> <string_view> <type_traits> <utility> <variant>", output)

    def test_a_folder_that_is_no_tree(self):
        with tempfile.TemporaryDirectory() as folder:
            done = subprocess.run([sys.executable, CHECKER, "--root", folder], capture_output=True, text=True)
            self.assertEqual(done.returncode, 2)


if __name__ == "__main__":
    unittest.main()
