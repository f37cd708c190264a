#!/usr/bin/env python3
"""The scripts of scripts/provisioning, with boards that are virtual: provisioning_test.py BIN

BIN has the programs and esptool-js.
"""

import json
import os
import pathlib
import re
import signal
import subprocess
import sys
import tempfile
import time
import unittest
from xml.etree import ElementTree

BIN = pathlib.Path(sys.argv.pop(1)).resolve()
SCRIPTS = pathlib.Path(__file__).resolve().parents[2] / "scripts" / "provisioning"
PATIENCE = 60  # seconds
MANIFEST = {
    "chip": "esp8266",
    "flash": {"size": "4M"},
    "lfs": {"sources": ["*.lua"]},
    "lilotafs": {"directory": "files"},
    "partitions": {"policy": "default", "lilotafs": {"size": "64K"}},
    "smoke": {"modules": ["main"]},
}


class Provisioning(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)
        (self.folder / "files").mkdir()
        (self.folder / "files" / "init.lua").write_text("print(node.LFS.main())\n")
        (self.folder / "main.lua").write_text("return 'first'\n")
        self.write_manifest(MANIFEST)

    def write_manifest(self, manifest):
        (self.folder / "board.json").write_text(json.dumps(manifest))

    def run_script(self, name, *words):
        environment = {**os.environ, "SOURCE_DATE_EPOCH": "1700000000",
                       "ESPTOOL": str(BIN / "esptool-js"), "XDG_STATE_HOME": str(self.folder)}
        return subprocess.run([SCRIPTS / name, "--tools", BIN, *words], cwd=self.folder,
                              env=environment, capture_output=True, text=True, check=False)

    def add_board(self, number, *options):
        """Its port."""
        port = self.folder / f"board{number}"
        app = f"exec {BIN}/flashstore-sim --flash {self.folder}/flash{number}"
        (self.folder / f"flash{number}").write_bytes(b"\xFF" * (4 << 20))
        chip = subprocess.Popen(
            [BIN / "virtual-chip", "--flash", self.folder / f"flash{number}", "--link", port,
             "--mac", f"5c:cf:7f:00:00:0{number}", "--app", app, *options],
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        self.addCleanup(chip.wait)
        self.addCleanup(chip.send_signal, signal.SIGTERM)
        end = time.monotonic() + PATIENCE
        while not port.exists():
            self.assertLess(time.monotonic(), end, "no virtual chip")
            time.sleep(0.005)
        return str(port)

    def report(self, name="."):
        """The document, and of each suite what failed why."""
        suites = ElementTree.parse(self.folder / name / "report.xml").getroot()
        why = [{case.get("name"): None if case.find("failure") is None
                else case.find("failure").get("type") for case in suite} for suite in suites]
        counted = [sum(reason is not None for reason in suite.values()) for suite in why]
        self.assertEqual([int(suite.get("failures")) for suite in suites], counted)
        self.assertEqual(int(suites.get("failures")), sum(counted))
        self.assertEqual(int(suites.get("tests")), sum(map(len, why)))
        return json.loads((self.folder / name / "report.json").read_text()), why

    def test_build_keeps_all_that_a_board_or_a_reader_needs(self):
        done = self.run_script("build", "board.json", "out")
        self.assertEqual((done.returncode, done.stdout, done.stderr), (0, "", ""))
        out = self.folder / "out"
        self.assertEqual(sorted(file.name for file in out.iterdir()), [
            "chip.bin", "files.txt", "luac.out", "plan.json", "plan.txt", "regions.json", "sizes.csv"])
        self.assertIn("init.lua", (out / "files.txt").read_text())
        self.assertIn('"main"', (out / "sizes.csv").read_text())
        by_hand = [BIN / "luac.cross", "-f", "-o", "by-hand", "main.lua"]
        subprocess.run(by_hand, cwd=self.folder, check=True, capture_output=True,
                       env={**os.environ, "SOURCE_DATE_EPOCH": "1700000000"})
        self.assertEqual((out / "luac.out").read_bytes(), (self.folder / "by-hand").read_bytes())
        (self.folder / "typed").write_text("=node.LFS.main()\n")
        booted = subprocess.run([BIN / "flashstore-sim", "--flash", out / "chip.bin", "typed"],
                                cwd=self.folder, capture_output=True, text=True, check=False)
        self.assertIn("\nfirst\n", booted.stdout)

    def test_build_ends_as_the_program_that_failed(self):
        (self.folder / "main.lua").write_text("return return\n")
        done = self.run_script("build", "board.json", "out")
        self.assertEqual(done.returncode, 1)
        self.assertIn("main.lua:1:", done.stderr)

    def test_programs_that_are_not_there_are_named(self):
        for script, words in ("build", ["board.json", "out"]), ("flash-boards", ["board.json"]):
            done = subprocess.run([SCRIPTS / script, "--tools", "nowhere", *words], cwd=self.folder,
                                  capture_output=True, text=True, check=False)
            self.assertEqual(done.returncode, 3)
            self.assertIn(f"{script}: error: nowhere/nodeflash: ", done.stderr)

    def test_boards_are_flashed_at_once_seen_running_and_reported_each(self):
        self.assertEqual(self.run_script("build", "board.json", "out").returncode, 0)
        ports = [self.add_board(1), self.add_board(2), self.add_board(3, "--fault", "silence=SYNC:1x999")]
        words = [word for port in ports for word in ("--port", port)]
        done = self.run_script("flash-boards", *words, "--tries", "1", "out/plan.json")
        document, why = self.report()
        self.assertNotEqual(done.returncode, 0)
        self.assertEqual([board["ok"] for board in document["devices"]], [True, True, False], done.stderr)
        for suite in why[:2]:
            self.assertIsNone(suite["flash"])
            self.assertIn("modules", suite)
            self.assertEqual(set(suite.values()), {None})
        self.assertEqual(why[2], {"flash": document["devices"][2]["reason"]})
        chip = (self.folder / "out" / "chip.bin").read_bytes()
        for number in 1, 2:
            flash = (self.folder / f"flash{number}").read_bytes()
            self.assertEqual(flash[0x10000:0xE0000], chip[0x10000:0xE0000])

    def test_the_workflow_leads_from_a_commit_to_boards_that_run(self):
        for words in (["init", "-q"], ["add", "."], ["-c", "user.name=t", "-c", "user.email=t",
                                                     "commit", "-qm", "A board"]):
            subprocess.run(["git", *words], cwd=self.folder, check=True)
        tools = self.folder / "flashstore" / "build"
        tools.mkdir(parents=True)
        (tools / "bin").symlink_to(BIN)
        (self.folder / "flashstore" / "scripts").symlink_to(SCRIPTS.parent)
        ports = " ".join(f"--port {self.add_board(number)}" for number in (1, 2))
        environment = {**os.environ, "ESPTOOL": str(BIN / "esptool-js"), "PORTS": ports,
                       "PATH": f"{SCRIPTS}:{BIN}:{os.environ['PATH']}", "XDG_STATE_HOME": str(self.folder)}
        steps = re.findall(r"^( +)run: [|]\n((?:\1  .*\n)+)",
                           (SCRIPTS / "github-workflow.yml").read_text(), re.MULTILINE)
        self.assertEqual(len(steps), 2)
        for _, step in steps:
            done = subprocess.run(["bash", "-e"], input=step, cwd=self.folder, env=environment,
                                  capture_output=True, text=True, check=False)
            self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        _, why = self.report("report")
        self.assertEqual([set(suite.values()) for suite in why], [{None}, {None}])

    def test_a_manifest_that_is_refused_is_reported(self):
        self.write_manifest({**MANIFEST, "lfs": {"sources": ["nothing.lua"]}})
        done = self.run_script("flash-boards", "--port", "nowhere", "board.json")
        document, why = self.report()
        self.assertNotEqual(done.returncode, 0)
        self.assertEqual(list(why[0].values()), [document["reason"]])


if __name__ == "__main__":
    unittest.main()
