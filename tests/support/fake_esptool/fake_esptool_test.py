#!/usr/bin/env python3
"""The esptool without a board is as strict as the real one, and does as it was told beforehand."""

import json
import pathlib
import subprocess
import tempfile
import unittest

FAKE = pathlib.Path(__file__).resolve().with_name("fake_esptool")
CONTENT = b"\x5a" * 5000


class FakeTest(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)
        self.port = self.folder / "port"
        self.port.touch()
        self.file = self.folder / "file"
        self.file.write_bytes(CONTENT)

    def call(self, version, *arguments, **environment):
        done = subprocess.run([FAKE, *map(str, arguments)], capture_output=True, text=True, timeout=20,
                              env={"PATH": "/usr/local/bin:/usr/bin:/bin", "FAKE_ESPTOOL_VERSION": version,
                                   "FAKE_ESPTOOL_FOLDER": str(self.folder)} | environment)
        return done.returncode, done.stdout, done.stderr

    def status(self, version, *arguments):
        return self.call(version, "--port", self.port, *arguments)[0]

    def plan(self, *lines):
        (self.folder / "plan").write_text("".join(f"{line}\n" for line in lines))

    def flash(self, address, size):
        return (self.folder / "flash").read_bytes()[address:address + size]

    def test_tells_its_version_as_the_real_one(self):
        self.assertEqual(self.call("4.8.1", "version"), (0, "esptool.py v4.8.1\n4.8.1\n", ""))
        self.assertEqual(self.call("5.3.1", "version"), (0, "esptool v5.3.1\n5.3.1\n", ""))
        self.assertEqual([json.loads(line) for line in (self.folder / "calls").read_text().splitlines()],
                         [["version"], ["version"]])

    def test_4_knows_no_dashes_and_5_knows_both(self):
        underscores = ("write_flash", "--flash_size", "keep", "0x1000", self.file)
        dashes = ("write-flash", "--flash-size", "keep", "0x1000", self.file)
        self.assertEqual(self.status("4.8.1", *underscores), 0)
        self.assertEqual(self.status("4.8.1", *dashes), 2)
        self.assertEqual(self.status("4.8.1", "write_flash", *dashes[1:]), 2)
        self.assertEqual(self.status("5.3.1", *underscores), 0)
        self.assertEqual(self.status("5.3.1", *dashes), 0)

    def test_only_5_2_and_later_compare_before_they_write(self):
        self.assertEqual(self.status("4.8.1", "write_flash", "--skip-flashed", "0x1000", self.file), 2)
        self.assertEqual(self.status("5.3.1", "write-flash", "--skip-flashed", "0x1000", self.file), 0)
        self.assertEqual(self.status("5.3.1", "write-flash", "0x1000", self.file, "--diff-with", self.file), 0)
        # As the real one, it takes all the words behind it for files to compare with.
        self.assertEqual(self.status("5.3.1", "write-flash", "--diff-with", self.file, "0x1000", self.file), 2)

    def writes(self):
        path = self.folder / "writes"
        lines = path.read_text().splitlines() if path.exists() else []
        path.unlink(missing_ok=True)
        return lines

    def test_leaves_alone_what_is_there_if_it_is_told(self):
        write = ("write-flash", "0x1000", self.file, "0x8000", self.file)
        self.assertEqual(self.status("5.3.1", *write), 0)
        self.assertEqual(self.writes(), ["0x1000 5000", "0x8000 5000"])
        self.assertEqual(self.status("5.3.1", *write, "--skip-flashed"), 0)
        self.assertEqual(self.writes(), [])
        self.assertEqual(self.status("5.3.1", "erase-region", "0x8000", "0x1000"), 0)
        self.assertEqual(self.status("5.3.1", *write, "--skip-flashed"), 0)
        self.assertEqual(self.writes(), ["0x8000 5000"])
        self.assertEqual(self.status("5.3.1", *write, "--skip-flashed", "--diff-with", self.file), 2)

    def test_knows_what_chips_can_do_without_the_stub(self):
        erase = ("--no-stub", "erase_region", "0x1000", "0x1000")
        for version, esp8266, esp32 in (("4.8.1", 2, 2), ("5.3.1", 2, 0)):
            self.assertEqual(self.status(version, *erase), esp8266)
            done = self.call(version, "--port", self.port, *erase, FAKE_ESPTOOL_CHIP="esp32")
            self.assertEqual(done[0], esp32, done)
            self.assertEqual(self.status(version, "--no-stub", "verify_flash", "0", self.file), 2)

    def test_is_the_chip_it_is_told(self):
        self.assertEqual(self.status("5.3.1", "--chip", "esp32", "flash-id"), 2)
        status, output, _ = self.call("5.3.1", "--chip", "esp32", "--port", self.port, "flash-id",
                                      FAKE_ESPTOOL_CHIP="esp32")
        self.assertEqual(status, 0)
        self.assertIn("ESP32-", output)

    def test_does_to_a_file_what_is_done_to_flash(self):
        self.assertEqual(self.status("5.3.1", "write-flash", "0x1000", self.file), 0)
        self.assertEqual(self.flash(0x1000, 5001), CONTENT + b"\xff")
        self.assertEqual(self.status("5.3.1", "verify-flash", "0x1000", self.file), 0)
        self.assertEqual(self.status("5.3.1", "erase-region", "0x2000", "0x1000"), 0)
        self.assertEqual(self.flash(0x1000, 5000), CONTENT[:0x1000] + b"\xff" * (5000 - 0x1000))
        self.assertEqual(self.status("5.3.1", "verify-flash", "0x1000", self.file), 2)
        self.assertEqual(self.status("5.3.1", "read-flash", "0x1ffe", "4", self.folder / "back"), 0)
        self.assertEqual((self.folder / "back").read_bytes(), b"\x5a\x5a\xff\xff")

    def test_what_was_planned_happens_once(self):
        self.plan("write-flash lost-reply", "* crash")
        write = ("write_flash", "0x1000", self.file)
        status, output, _ = self.call("4.8.1", "--port", self.port, *write)
        self.assertEqual(status, 2)
        self.assertTrue(output.endswith("\nA fatal error occurred: The chip stopped responding.\n"), output)
        self.assertEqual(self.flash(0x1000, 5000), CONTENT[:2500] + b"\xff" * 2500)
        self.assertEqual(self.status("4.8.1", "flash_id"), 1)
        self.assertEqual(self.status("4.8.1", *write), 0)
        self.assertEqual(self.flash(0x1000, 5000), CONTENT)

    def test_a_line_may_be_too_fast(self):
        self.plan("max-baud 460800")
        for baud, status in (("921600", 2), ("460800", 0), ("921600", 2)):
            self.assertEqual(self.status("5.3.1", "--baud", baud, "flash-id"), status)

    def test_there_may_be_no_port(self):
        self.port.unlink()
        status, _, errors = self.call("5.3.1", "--port", self.port, "flash-id")
        self.assertEqual(status, 2)
        self.assertIn(f"A fatal error occurred: Could not open {self.port}, the port is busy", errors)

    def test_5_is_plain_where_no_color_is_wanted(self):
        arguments = ("5.3.1", "--port", self.port, "write-flash", "0", self.file)
        self.assertIn("\x1b[", self.call(*arguments)[1])
        self.assertNotIn("\x1b", self.call(*arguments, NO_COLOR="1")[1])

    def test_all_recorded_outcomes_can_be_planned(self):
        for version in ("4.8.1", "5.3.1"):
            for outcome in ("busy", "no-sync", "wrong-chip", "refused", "power-cut", "bad-digest", "beyond-end"):
                self.plan(f"* {outcome}")
                status, output, errors = self.call(version, "--port", self.port, "write_flash", "0", self.file)
                self.assertEqual(status, 2)
                self.assertIn("\nA fatal error occurred: ", output if version == "4.8.1" else errors)


if __name__ == "__main__":
    unittest.main()
