#!/usr/bin/env python3
"""A person at the simulator's terminal: terminal.py FLASHSTORE-SIM

Types at the prompt, resets the device, and goes on at the same terminal. Exit status 1 if the
device does not answer as it should.
"""

import os
import re
import subprocess
import sys
import tempfile
import termios
import time
import tty

PATIENCE = 20  # seconds, for an answer


class Terminal:
    def __init__(self, name):
        self.line = os.open(name, os.O_RDWR | os.O_NOCTTY)
        tty.setraw(self.line, termios.TCSANOW)
        os.set_blocking(self.line, False)
        self.seen = b""

    def expect(self, text):
        """Waits for TEXT, and forgets what came up to its end."""
        end = time.monotonic() + PATIENCE
        while text not in self.seen:
            if time.monotonic() > end:
                sys.exit(f"terminal: no {text!r} in {self.seen!r}")
            try:
                self.seen += os.read(self.line, 4096)
            except BlockingIOError:
                time.sleep(0.01)
        self.seen = self.seen[self.seen.index(text) + len(text):]

    def type(self, text):
        os.write(self.line, text)


def main():
    with tempfile.TemporaryDirectory() as folder:
        command = [sys.argv[1], "--flash", os.path.join(folder, "flash"), "--pty"]
        device = subprocess.Popen(command, stderr=subprocess.PIPE, text=True)
        try:
            name = re.search(r"console on (\S+)", device.stderr.readline())[1]
            terminal = Terminal(name)
            terminal.type(b"=1 + 1\r")
            terminal.expect(b"\n2\n> ")
            terminal.type(b"file.putcontents('kept', 'over the reset') node.restart()\r")
            terminal.expect(b"\nFlashstore ")
            terminal.expect(b"> ")
            terminal.type(b"=file.getcontents 'kept', node.bootreason()\r")
            terminal.expect(b"\nover the reset\t2\t4\n> ")
            os.close(terminal.line)
            terminal = Terminal(name)
            terminal.type(b"='again'\r")
            terminal.expect(b"\nagain\n> ")
        finally:
            device.kill()
            device.wait()
    return 0


if __name__ == "__main__":
    sys.exit(main())
