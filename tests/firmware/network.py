#!/usr/bin/env python3
"""Programs of the host talk to programs of a simulated device: network.py FLASHSTORE-SIM

Exit status 1 if what arrives is not what was sent, or a socket is not what it should be.
"""

import argparse
import os
import pathlib
import random
import socket
import struct
import subprocess
import sys
import tempfile

import update

ECHO = """
s = net.createServer(net.TCP, 60)
s:listen(7, function(c)
  c:on("receive", function(c, d) c:hold() c:send(d, function() c:unhold() end) end)
  c:on("disconnection", function(_, e) print("lost " .. e) end)
end)
"""


def connect(port):
    return socket.create_connection((update.HOST, port), update.PATIENCE)


def receive(connection, count):
    data = b""
    while len(data) < count:
        more = connection.recv(65536)
        if not more:
            sys.exit(f"network: only {len(data)} of {count} bytes came")
        data += more
    return data


def expect(what, found, wanted):
    if found != wanted:
        sys.exit(f"network: {what}: {found!r}, not {wanted!r}")


def echo_in_pieces(port):
    with connect(port) as connection:
        rest = sent = random.Random(1).randbytes(100_000)
        back = b""
        while rest:
            connection.sendall(rest[:3001])
            rest = rest[3001:]
            back += receive(connection, min(3001, len(sent) - len(back)))
        expect("echo", back, sent)


def more_than_there_are_sockets(port):
    """15 beside the listening one; the next waits until one is free."""
    connections = [connect(port) for _ in range(16)]
    for number, connection in enumerate(connections[:15]):
        connection.sendall(b"%d" % number)
    for number, connection in enumerate(connections[:15]):
        expect("one of many", receive(connection, len(b"%d" % number)), b"%d" % number)
    connections[15].sendall(b"at last")
    connections[0].close()
    expect("the last of many", receive(connections[15], 7), b"at last")
    for connection in connections:
        connection.close()


def leave_early(port):
    with connect(port) as connection:
        connection.sendall(b"x" * 5000)  # and nobody reads what comes back
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    with connect(port) as connection:
        connection.sendall(b"alive")
        connection.shutdown(socket.SHUT_WR)
        receive(connection, 1)


def be_called(device):
    with socket.create_server((update.HOST, 0)) as server:
        port = server.getsockname()[1]
        device.type(f"c = net.createConnection() c:connect({port}, '127.0.0.1', function(c) "
                    "c:send(c:getpeer() .. ' called') end)")
        connection, _ = server.accept()
        with connection:
            expect("a call", receive(connection, len(f"{port} called")), f"{port} called".encode())
            device.type("c:close()")
            expect("the end of a call", connection.recv(1), b"")
    # Nobody is there any more, and nothing but this machine can be reached.
    device.type(f"c = net.createConnection() c:on('disconnection', function(_, e) s:close() "
                f"net.createServer():listen(100 - e, print) end) c:connect({port})")
    expect("nobody there", device.port(109) is not None, True)
    device.type("c = net.createConnection() c:on('reconnection', function(_, e) "
                "net.createServer():listen(200 - e, print) end) c:connect(80, '10.0.0.1')")
    expect("another machine", device.port(204) is not None, True)


def restart(device):
    device.type(ECHO.replace("listen(7", "listen(8").replace("\n", " "))
    with connect(device.port(8)) as connection:
        connection.sendall(b"x")
        receive(connection, 1)
        device.type("node.restart()")
        expect("a restart", connection.recv(1), b"")
    expect("a restart", device.wait(), update.RESTART)


def refused_options(sim):
    done = subprocess.run([sim, "--flash", "unused", "--net=64513"], stderr=subprocess.PIPE,
                          text=True, check=False)
    expect("an offset", (done.returncode, "--net=64513: at most 64512" in done.stderr), (2, True))


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("sim")
    options = parser.parse_args()
    options.sim, options.heap = os.path.abspath(options.sim), "44K"
    refused_options(options.sim)
    with tempfile.TemporaryDirectory() as folder:
        device = update.Device(options, pathlib.Path(folder) / "flash")
        device.type(ECHO.replace("\n", " "))
        port = device.port(7)
        for test in echo_in_pieces, more_than_there_are_sockets, leave_early:
            test(port)
        be_called(device)
        restart(device)
        expect("what the device lost", "lost -9\n" in device.said(), True)
        expect("what the device said", "traceback" in device.said(), False)
    return 0


if __name__ == "__main__":
    sys.exit(main())
