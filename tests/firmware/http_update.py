#!/usr/bin/env python3
"""A device takes its image from a web server: http_update.py SIM LUAC LILOTAFS-IMG MODULE

MODULE is scripts/provisioning/http_update.lua. The servers are Python's own, which serves files, and
some that answer wrongly. Exit status 1 if the device runs another image than it should.
"""

import argparse
import contextlib
import functools
import http.server
import os
import pathlib
import re
import shutil
import socket
import sys
import tempfile
import threading

import update


class Files(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *_):
        pass


def serve_files(folder):
    server = http.server.ThreadingHTTPServer(
        (update.HOST, 0), functools.partial(Files, directory=folder))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return server.server_address[1]


def serve_once(answer):
    """Says `answer`, whatever it is asked, and hangs up."""
    server = socket.create_server((update.HOST, 0))

    def talk():
        connection, _ = server.accept()
        with connection, server:
            connection.recv(4096)
            with contextlib.suppress(ConnectionResetError):  # the device has heard enough
                connection.sendall(answer)

    threading.Thread(target=talk, daemon=True).start()
    return server.getsockname()[1]


def make_image(options, folder, version):
    sources = folder / version
    sources.mkdir()
    (sources / "version.lua").write_text(f"return '{version}'\n")
    # Not all of it fits into one segment.
    (sources / "filler.lua").write_text(
        "return {" + ",".join(f"'{version} {i * i} {i * 7919 % 1009}'" for i in range(600)) + "}\n")
    shutil.copy(options.module, sources)
    image = folder / f"{version}.img"
    update.run([options.luac, "-f", "-o", image, *sorted(sources.glob("*.lua"))])
    return image


def make_flash(options, folder, image):
    files = folder / "files"
    files.mkdir()
    shutil.copy(image, files / "luac.out")
    packed = folder / "packed"
    update.run([options.lilotafs_img, "-q", "pack", "-s", str(update.FILES_BYTES), "-o", packed, files])
    flash = folder / "flash"
    content = b"\xFF" * update.MIB + packed.read_bytes()
    flash.write_bytes(content + b"\xFF" * (4 * update.MIB - len(content)))
    typed(options, flash, "node.LFS.reload('luac.out')")
    return flash


def typed(options, flash, line):
    """What a device says to a line that ends in a restart."""
    device = update.Device(options, flash)
    device.type(line)
    if device.wait() != update.RESTART:
        sys.exit(f"http_update: no restart: {device.said()}")
    return device.said()


def attempt(options, flash, port):
    """What the device says it is afterwards, and why it is not another."""
    said = typed(options, flash,
                 f"node.LFS.http_update('{update.HOST}', '/', 'new.img', {{ port = {port}, "
                 "done = function(why) print('why', why) node.restart() end })")
    why = re.search("why\t(.*)\n", said.split("\n> ", 2)[-1])
    version = typed(options, flash, "print('runs', node.LFS.version()) node.restart()")
    return version.split("runs\t")[1].split()[0], why and why[1]


def expect(what, found, wanted):
    if found != wanted:
        sys.exit(f"http_update: {what}: {found!r}, not {wanted!r}")


def test(options, folder):
    old, new = (make_image(options, folder, version) for version in ("old", "new"))
    flash = make_flash(options, folder, old)
    image = new.read_bytes()
    head = b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n"
    wrong = {
        "the server says 404 Not Found": b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n",
        "the server does not tell the length": b"HTTP/1.1 200 OK\r\n\r\n" + image,
        "the answer has no end of its header": b"HTTP/1.1 200 OK\r\n" + b"X: y\r\n" * 2000,
        f"{len(image) - 9} of {len(image)} bytes came": head % len(image) + image[:-9],
        "more bytes came than the server told": head % 9 + image,
        "no room for 9999999 bytes": head % 9999999 + bytes(9999999),
        "0 of ? bytes came": b"",
    }
    for why, answer in wrong.items():
        expect(why, attempt(options, flash, serve_once(answer)), ("old", "http_update: " + why))
    # It is the device that knows images.
    said = attempt(options, flash, serve_once(head % 5000 + b"no image " * 555 + b"12345"))
    expect("no image", said, ("old", "not an image for this device: bad-magic"))
    site = folder / "site"
    site.mkdir()
    port = serve_files(site)
    for version, why in ("new", None), ("new", "http_update: the server says 304 Not Modified"), ("old", None):
        if why is None:
            shutil.copy({"old": old, "new": new}[version], site / "new.img")
            served = os.stat(site / "new.img").st_mtime + (version == "old") * 60
            os.utime(site / "new.img", (served, served))
        expect("served", attempt(options, flash, port), (version, why))


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    for name in ("sim", "luac", "lilotafs_img", "module"):
        parser.add_argument(name)
    options = parser.parse_args()
    options.heap = "44K"
    for name in ("sim", "luac", "lilotafs_img"):
        setattr(options, name, os.path.abspath(getattr(options, name)))
    with tempfile.TemporaryDirectory() as name:
        test(options, pathlib.Path(name))
    return 0


if __name__ == "__main__":
    sys.exit(main())
