#!/usr/bin/env python3
"""virtual-chip as a process: its terminal, its application, its exit status.

    terminal_test.py VIRTUAL-CHIP
"""

import os
import pathlib
import subprocess
import sys
import tempfile
import time
import tty
import unittest

VIRTUAL_CHIP = sys.argv.pop(1)
PATIENCE = 20  # seconds, for an answer
SYNC = b"\xc0\x00\x08\x24\x00\x00\x00\x00\x00\x07\x07\x12\x20" + 32 * b"\x55" + b"\xc0"
SYNC_REPLY = b"\xc0\x01\x08\x02\x00\x07\x07\x12\x20\x00\x00\xc0"
APP = "echo hello; while read -r line; do echo \"<$line>\"; done"


class Terminal:
    def __init__(self, path):
        self.line = os.open(path, os.O_RDWR | os.O_NOCTTY)
        tty.setraw(self.line)
        os.set_blocking(self.line, False)
        self.seen = b""

    def write(self, data):
        os.write(self.line, data)

    def read(self):
        try:
            self.seen += os.read(self.line, 4096)
        except BlockingIOError:
            time.sleep(0.005)

    def expect(self, text):
        """Waits for TEXT and forgets what came up to its end; returns what came before it."""
        end = time.monotonic() + PATIENCE
        while text not in self.seen:
            if time.monotonic() > end:
                raise AssertionError(f"no {text!r} in {self.seen!r}")
            self.read()
        before, self.seen = self.seen.split(text, 1)
        return before

    def close(self):
        os.close(self.line)


class ChipTest(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)
        self.port = self.folder / "port"
        self.log = self.folder / "log"

    def start(self, *arguments):
        chip = subprocess.Popen([VIRTUAL_CHIP, "--link", self.port, "--log", self.log, *arguments],
                                stdout=subprocess.PIPE, text=True)
        self.addCleanup(chip.stdout.close)
        self.addCleanup(chip.wait)
        self.addCleanup(chip.terminate)
        self.assertEqual(chip.stdout.readline().strip(), os.readlink(self.port))
        return chip

    def wait_for_log(self, text, times):
        end = time.monotonic() + PATIENCE
        while self.log.read_text().count(text) < times:
            self.assertLess(time.monotonic(), end, self.log.read_text())
            time.sleep(0.005)

    def test_closing_the_terminal_is_a_power_cycle(self):
        self.start()
        for time_of_opening in (1, 2):
            terminal = Terminal(self.port)
            terminal.write(SYNC)
            self.assertEqual(terminal.expect(8 * SYNC_REPLY), b"")
            terminal.close()
            self.wait_for_log('"state":"on"', 1 + time_of_opening)

    def test_the_application_is_there_until_a_client_wants_the_loader(self):
        self.start("--app", APP)
        terminal = Terminal(self.port)
        self.assertEqual(terminal.expect(b"hello\n"), b"")
        terminal.write(b"one\n")
        self.assertEqual(terminal.expect(b"<one>\n"), b"")
        terminal.close()
        terminal = Terminal(self.port)
        terminal.write(b"two\n")
        self.assertEqual(terminal.expect(b"<two>\n"), b"")  # the same one: no second greeting
        terminal.write(SYNC)
        self.assertEqual(terminal.expect(8 * SYNC_REPLY), b"")
        terminal.close()
        self.wait_for_log('"state":"on"', 2)
        # The next client may be the loader's, too: it is given time.
        terminal = Terminal(self.port)
        time.sleep(0.4)
        terminal.read()
        self.assertEqual(terminal.seen, b"")
        terminal.write(b"three\n")
        self.assertEqual(terminal.expect(b"<three>\n"), b"hello\n")
        terminal.close()

    def test_an_application_that_ends_starts_again(self):
        self.start("--app", "echo hello; read -r line")
        terminal = Terminal(self.port)
        terminal.expect(b"hello\n")
        terminal.write(b"\n")
        terminal.expect(b"hello\n")
        terminal.close()

    def test_the_loader_has_the_flash_as_the_application_left_it(self):
        flash = self.folder / "flash"
        self.start("--flash", flash, "--app",
                   f"printf ABCD | dd of={flash} conv=notrunc status=none; echo done; read -r line")
        terminal = Terminal(self.port)
        terminal.expect(b"done\n")
        terminal.write(SYNC)
        terminal.expect(8 * SYNC_REPLY)
        # MEM_BEGIN and MEM_END make a stub, which sends the first bytes of flash.
        terminal.write(b"\xc0\x00\x06\x08\x00" + 4 * b"\x00" + 8 * b"\x00" + b"\xc0")
        terminal.expect(b"\xc0OHAI\xc0")
        terminal.write(b"\xc0\x00\xd2\x10\x00" + 4 * b"\x00" + b"".join(
            value.to_bytes(4, "little") for value in (0, 4, 4, 1)) + b"\xc0")
        terminal.expect(b"\xc0ABCD\xc0")
        terminal.close()

    def test_a_command_finds_the_terminal_and_gives_its_exit_status(self):
        done = subprocess.run([VIRTUAL_CHIP, "--link", self.port, "--", "sh", "-c",
                               'test -c "$PORT" && echo "$PORT" && exit 7'], capture_output=True, text=True)
        self.assertEqual((done.returncode, done.stdout), (7, f"{self.port}\n"))
        self.assertFalse(self.port.is_symlink())

    def test_it_ends_when_told_to(self):
        chip = self.start()
        chip.terminate()
        self.assertEqual(chip.wait(PATIENCE), 0)
        self.assertFalse(self.port.is_symlink())

    def test_it_says_what_it_does_not_understand(self):
        odd = self.folder / "odd"
        odd.write_bytes(b"123")
        for status, arguments in ((2, ["--chip", "z80"]), (2, ["--mac", "1:2:3"]), (2, ["--fault", "rain"]),
                                  (2, ["--sideways"]), (2, ["--flash"]), (2, ["--flash-size", "3M"]),
                                  (3, ["--flash", odd]), (3, ["--link", odd])):
            done = subprocess.run([VIRTUAL_CHIP, *arguments], capture_output=True, text=True, timeout=PATIENCE)
            self.assertEqual((done.returncode, done.stdout), (status, ""), arguments)
            self.assertTrue(done.stderr.startswith("virtual-chip: error: "), done.stderr)

    def test_breaking_a_rule_of_flash_ends_it(self):
        flash = self.folder / "flash"
        flash.write_bytes(bytes(65536))
        chip = self.start("--flash", flash, "--chip", "esp32")
        terminal = Terminal(self.port)
        terminal.write(SYNC)
        terminal.expect(b"\xc0\x01\x08\x04")
        # Two blocks of 4 KiB, and only one sector erased.
        block = b"\x01" * 4096
        checksum = (0xEF).to_bytes(4, "little")
        terminal.write(b"\xc0\x00\x02\x10\x00" + 4 * b"\x00" + b"".join(
            value.to_bytes(4, "little") for value in (4096, 2, 4096, 0)) + b"\xc0")
        terminal.expect(b"\xc0\x01\x02\x04\x00")
        for number in range(2):
            terminal.write(b"\xc0\x00\x03\x10\x10" + checksum + b"".join(
                value.to_bytes(4, "little") for value in (4096, number, 0, 0)) + block + b"\xc0")
        self.assertEqual(chip.wait(PATIENCE), 87)
        self.assertIn('"event":"violation"', self.log.read_text())
        terminal.close()


if __name__ == "__main__":
    unittest.main()
