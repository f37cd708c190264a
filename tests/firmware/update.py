#!/usr/bin/env python3
"""A person who looks after the application from another machine: update.py SIM LUAC LILOTAFS-IMG APP

Logs into the application's telnet server, asks for the heap, uploads a new image by FTP, and
reloads LFS through it. The device loses its power in between, at --cuts points. Exit status 1 if it
is without an application afterwards.
"""

import argparse
import ftplib
import os
import pathlib
import re
import shutil
import socket
import subprocess
import sys
import tempfile
import threading

PATIENCE = 30  # seconds, for an answer
HOST = "127.0.0.1"
MIB = 1 << 20
FILES_BYTES = 3060 << 10
POWER_CUT, RESTART = 16, 20


class Device:
    """The simulator, with its network and console, until it stops."""

    def __init__(self, options, flash, *more):
        command = [options.sim, "--flash", flash, "--net", "--heap", options.heap, *more]
        self.out = tempfile.TemporaryFile()
        self.process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=self.out, stderr=subprocess.PIPE, text=True)
        self.ports, self.news = {}, threading.Condition()
        threading.Thread(target=self.read_ports, daemon=True).start()

    def read_ports(self):
        for line in self.process.stderr:
            found = re.search(r"port (\d+) is [\d.]+:(\d+)", line)
            with self.news:
                if found:
                    self.ports[int(found[1])] = int(found[2])
                self.news.notify_all()
        with self.news:
            self.ports[None] = None
            self.news.notify_all()

    def port(self, number):
        """The host's port for one of the device, once somebody listens there."""
        with self.news:
            self.news.wait_for(lambda: number in self.ports or None in self.ports, PATIENCE)
            return self.ports.get(number)

    def type(self, line):
        self.process.stdin.write(line + "\n")
        self.process.stdin.flush()

    def wait(self):
        return self.process.wait(PATIENCE)

    def stop(self):
        self.process.stdin.close()
        self.process.kill()
        self.process.wait()

    def said(self):
        self.out.seek(0)
        return self.out.read().decode("latin-1")


class Telnet:
    def __init__(self, device):
        self.socket = socket.create_connection((HOST, device.port(23)), PATIENCE)
        self.expect(b"user: ")
        self.ask(b"grower", b"password: ")
        self.ask(b"tomato", b"> ")

    def expect(self, text):
        seen = b""
        while not seen.endswith(text):
            more = self.socket.recv(4096)
            if not more:
                sys.exit(f"update: the device hung up: {seen!r}")
            seen += more
        return seen

    def ask(self, line, prompt=b"> "):
        self.socket.sendall(line + b"\r\n")
        return self.expect(prompt)[: -len(prompt)].decode("latin-1").strip()

    def close(self):
        self.ask(b".quit", b"bye\r\n")
        self.socket.close()


def log_in(device):
    ftp = ftplib.FTP()
    ftp.connect(HOST, device.port(21), PATIENCE)
    ftp.login("grower", "tomato")
    passive = ftp.makepasv
    ftp.makepasv = lambda: (HOST, device.port(passive()[1]))
    return ftp


def run(command, **options):
    done = subprocess.run(command, capture_output=True, text=True, check=False, **options)
    if done.returncode != 0:
        sys.exit(f"update: {command[0]}: {done.stderr}")


def make_image(options, folder, version):
    """The application with a module that tells its version."""
    sources = folder / "sources"
    shutil.rmtree(sources, ignore_errors=True)
    sources.mkdir()
    for source in pathlib.Path(options.app).glob("*.lua"):
        shutil.copy(source, sources)
    (sources / "hello.lua").write_text(f"return '{version}'\n")
    image = folder / version
    names = sorted(source.name for source in sources.iterdir())
    run([options.luac, "-f", "-o", image, *names], cwd=sources)
    return image


def make_flash(options, folder, image):
    files = folder / "files"
    files.mkdir()
    shutil.copy(image, files / "luac.out")
    shutil.copy(pathlib.Path(options.app) / "fs" / "init.lua", files)
    run([options.lilotafs_img, "-q", "pack", "-s", str(FILES_BYTES), "-o", folder / "img", files])
    flash = folder / "flash"
    content = b"\xFF" * MIB + (folder / "img").read_bytes()
    flash.write_bytes(content + b"\xFF" * (4 * MIB - len(content)))
    return flash


def bring_up(options, flash):
    """A device whose application answers. That it resets on its way there is its own business."""
    for _ in range(4):
        device = Device(options, flash)
        if device.port(23):
            return device
        if device.wait() != RESTART:
            break
    sys.exit(f"update: no application: {device.said()}")


def version_of(options, flash):
    device = bring_up(options, flash)
    telnet = Telnet(device)
    version = telnet.ask(b"=node.LFS.hello()")
    telnet.close()
    device.stop()
    return version


def upload(device, image):
    ftp = log_in(device)
    with open(image, "rb") as file:
        return ftp, ftp.storbinary("STOR luac.out", file)


def lose_power_while_uploading(options, flash, image, cut):
    device = Device(options, flash, "--cut-after", str(cut))
    try:
        upload(device, image)
        sys.exit("update: the power was to go while the image came in")
    except (EOFError, OSError, ftplib.Error):
        pass
    if device.wait() != POWER_CUT:
        sys.exit(f"update: it was not the power: {device.said()}")


def reload_on_the_way_up(options, flash, *more):
    """Boots a device that nobody types to. Returns how its run ended."""
    command = [options.sim, "--flash", flash, "--heap", options.heap, *more]
    return subprocess.run(command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                          timeout=PATIENCE, check=False).returncode


def changes_of_a_reload(options, flash, folder):
    """How often it programs and erases."""
    reload_on_the_way_up(options, flash, "--report", folder / "report")
    counts = dict(line.split() for line in (folder / "report").read_text().splitlines())
    return int(counts["flash-programs"]) + int(counts["flash-erases"])


def update(options, folder, flash, new):
    device = bring_up(options, flash)
    telnet = Telnet(device)
    print("free heap:", telnet.ask(b"=node.heap()"))
    print("the application:", telnet.ask(b"=node.LFS.hello()"))
    telnet.close()
    device.stop()

    trial = folder / "trial"
    for cut in (20, 400)[: options.cuts]:
        shutil.copy(flash, trial)
        lose_power_while_uploading(options, trial, new, cut)
        if version_of(options, trial) != "old":
            sys.exit(f"update: not the old application after cut {cut} of an upload")

    device = bring_up(options, flash)
    ftp, answer = upload(device, new)
    print("uploaded:", answer)
    print("reload:", ftp.sendcmd("SITE RELOAD luac.out"))
    if device.wait() != RESTART:
        sys.exit(f"update: no restart: {device.said()}")

    shutil.copy(flash, trial)
    count = changes_of_a_reload(options, trial, folder)
    seen = {"old": 0, "new": 0}
    for i in range(options.cuts):
        cut = i * count // options.cuts
        shutil.copy(flash, trial)
        if reload_on_the_way_up(options, trial, "--cut-after", str(cut)) != POWER_CUT:
            sys.exit(f"update: the power was to go at {cut} of {count}")
        seen[version_of(options, trial)] += 1
    if options.cuts:
        print(f"after power cuts in it: {seen['old']} times the old, {seen['new']} times the new")

    version = version_of(options, flash)
    print("the application:", version)
    if version != "new":
        sys.exit("update: not the new application")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    for name in ("sim", "luac", "lilotafs_img", "app"):
        parser.add_argument(name)
    parser.add_argument("--heap", default="44K")
    parser.add_argument("--cuts", type=int, default=24 if os.environ.get("FLASHSTORE_DEEP") else 3)
    options = parser.parse_args()
    for name in ("sim", "luac", "lilotafs_img"):
        program = getattr(options, name)
        setattr(options, name, os.path.abspath(shutil.which(program) or program))
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        old, new = (make_image(options, folder, version) for version in ("old", "new"))
        update(options, folder, make_flash(options, folder, old), new)
    return 0


if __name__ == "__main__":
    sys.exit(main())
