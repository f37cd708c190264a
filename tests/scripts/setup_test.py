"""scripts/setup: what it says, what it calls, and that only the pinned sources ever reach the cache.

Everything it runs that could change a machine or use the network is a fake that notes its calls; of the
machine's own programs it sees only those that a bare Debian has.
"""

import hashlib
import os
import pathlib
import shutil
import subprocess
import tempfile
import unittest

SCRIPTS = pathlib.Path(__file__).resolve().parents[2] / "scripts"
BARE_PROGRAMS = ("apt-config", "basename", "bash", "cat", "comm", "cp", "cut", "dirname", "env", "grep",
                 "mkdir", "mktemp", "mv", "rm", "sed", "sha256sum", "sort", "timeout", "tr")
CACHE = pathlib.Path(os.environ.get("XDG_CACHE_HOME") or pathlib.Path.home() / ".cache", "flashstore")
PACKAGES = sorted(line.split()[0] for line in (SCRIPTS / "packages").read_text().splitlines()
                  if line and line[0] != "#")
LOCK = SCRIPTS.parent / "tests/support/esptool-js/package-lock.json"
ESPTOOL_JS = f"esptool-js-{hashlib.sha256(LOCK.read_bytes()).hexdigest()[:12]}"
BAD = b"<html>please log in</html>\n"
BAD_SHA256 = hashlib.sha256(BAD).hexdigest()

FAKES = {
    "dpkg-query": """
        status=0
        for name in "$@"; do
          case $name in -*|'$'*) continue ;; esac
          if grep -qx "$name" $STATE/installed; then echo "installed $name"; else status=1; fi
        done
        exit $status""",
    "apt-get": """
        echo "apt-get $*" >>$STATE/calls
        [ ! -e $STATE/apt-fails ] || exit 100
        for word in "$@"; do
          case $word in
            Dir::Etc::sourceparts=*) cp -r "${word#*=}" $STATE/parts ;;
            update) [ ! -e $STATE/update-fails ] || exit 100 ;;
            install) printf '%s\\n' "$@" | grep -vx broken-package >>$STATE/installed ;;
            source) cp $STATE/debian/* . || exit 100 ;;
          esac
        done""",
    "curl": """
        echo "curl $*" >>$STATE/calls
        while [ "$1" != -o ]; do shift; done
        cp $STATE/upstream "$2" 2>/dev/null || exit 28""",
    "npm": """
        echo "npm $*" >>$STATE/calls
        mkdir -p node_modules && touch node_modules/.package-lock.json
        [ ! -e $STATE/npm-fails ] || exit 1""",
    "id": "cat $STATE/uid",
    "sudo": 'echo "sudo $*" >>$STATE/calls; "$@"',
}


class Source:
    """A pinned source: what is to be found out of scripts/sources, said once more."""

    def __init__(self, name, version, sha256, url, package):
        self.file = f"{name}-{version}.tar.gz"
        self.orig = f"{package}_{version}.orig.tar.gz"
        self.title = f"{name.capitalize()} {version}"
        self.variable = f"{name.upper()}_TARBALL"
        self.name, self.version, self.sha256, self.url, self.package = name, version, sha256, url, package

    def tarball(self):
        return (CACHE / self.file).read_bytes()


LUA = Source("lua", "5.1.5", "2640fc56a795f29d28ef15e13c34a47e223960b0240e8cb0a82d9b0738695333",
             "https://www.lua.org/ftp/lua-5.1.5.tar.gz", "lua5.1")
ZOPFLI = Source("zopfli", "1.0.3", "e955a7739f71af37ef3349c4fa141c648e8775bceb2195be07e86f8e638814bd",
                "https://github.com/google/zopfli/archive/refs/tags/zopfli-1.0.3.tar.gz", "zopfli")
SOURCES = (LUA, ZOPFLI)


class Machine:
    """A machine without network, all packages installed, those of npm too, no sources."""

    def __init__(self, folder):
        self.folder = folder
        self.home = folder / "home"
        self.cache = self.home / ".cache/flashstore"
        self.state = folder / "state"
        self.temporary = folder / "tmp"
        self.etc = folder / "etc"
        self.programs = folder / "bin"
        for path in (self.home, self.state, self.temporary, self.etc / "parts", self.programs):
            path.mkdir(parents=True)
        for name in BARE_PROGRAMS:
            (self.programs / name).symlink_to(shutil.which(name))
        for name, text in FAKES.items():
            if name != "sudo":
                self.add_fake(name, text)
        (folder / "apt.conf").write_text(f'Dir::Etc::sourcelist "{self.etc}/sources.list";\n'
                                         f'Dir::Etc::sourceparts "{self.etc}/parts/";\n')
        (self.state / "uid").write_text("0\n")
        self.install(PACKAGES)
        self.npm_mark = self.put(self.cache / ESPTOOL_JS / "node_modules/.package-lock.json", b"")

    def add_fake(self, name, text):
        path = self.programs / name
        # The fakes may use what the script under test may not.
        path.write_text(f"#!/bin/bash\nSTATE={self.state} PATH={self.programs}:/usr/bin:/bin\n{text}\n")
        path.chmod(0o755)

    def install(self, packages):
        (self.state / "installed").write_text("".join(f"{name}\n" for name in packages))

    def put(self, name, data):
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
        return path

    def calls(self):
        """The calls noted since the last time."""
        path = self.state / "calls"
        noted = path.read_text().splitlines() if path.exists() else []
        path.unlink(missing_ok=True)
        return noted

    def setup(self, *arguments, **environment):
        environment |= {"PATH": str(self.programs), "HOME": str(self.home), "TMPDIR": str(self.temporary),
                        "APT_CONFIG": str(self.folder / "apt.conf")}
        done = subprocess.run([SCRIPTS / "setup", *arguments], capture_output=True, text=True,
                              env={name: str(value) for name, value in environment.items()})
        return done.returncode, done.stdout, done.stderr


class MachineTest(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.machine = Machine(pathlib.Path(folder.name))

    def put_in_cache(self, *sources):
        for source in sources:
            self.machine.put(self.machine.cache / source.file, source.tarball())

    def cached(self):
        return {path.name: path.read_bytes() for path in self.machine.cache.glob("*") if path.is_file()}

    def assert_all_cached(self):
        self.assertEqual(self.cached(), {source.file: source.tarball() for source in SOURCES})


class PackagesTest(MachineTest):

    def test_check_says_all_that_is_missing_and_changes_nothing(self):
        self.machine.install([])
        self.machine.npm_mark.unlink()
        status, output, errors = self.machine.setup("--check")
        self.assertEqual((status, errors), (1, ""))
        self.assertIn(f"missing packages: {' '.join(PACKAGES)}", output)
        self.assertIn("\nmissing: Lua 5.1.5 sources\nmissing: Zopfli 1.0.3 sources\nmissing: esptool-js\n", output)
        self.assertEqual(self.machine.calls(), [])
        self.assertEqual(self.cached(), {})

    def test_check_names_only_what_is_missing(self):
        self.machine.install(set(PACKAGES) - {"patch"})
        self.put_in_cache(*SOURCES)
        self.assertEqual(self.machine.setup("--check"), (1, "missing packages: patch \n", ""))

    def test_check_with_nothing_missing(self):
        self.put_in_cache(*SOURCES)
        self.assertEqual(self.machine.setup("--check"), (0, "nothing is missing\n", ""))

    def test_installs_what_is_missing_once(self):
        self.machine.install(set(PACKAGES) - {"cmake", "patch"})
        self.put_in_cache(*SOURCES)
        status, output, errors = self.machine.setup()
        self.assertEqual((status, errors), (0, ""))
        self.assertIn("setup: installing with apt-get: cmake patch", output)
        update, install = self.machine.calls()
        self.assertEqual(update, "apt-get -qq update")
        self.assertTrue(install.endswith(" cmake patch"), install)

        status, output, errors = self.machine.setup()
        self.assertEqual((status, errors), (0, ""))
        self.assertIn("all packages are installed", output)
        self.assertEqual(self.machine.calls(), [])
        self.assertEqual(self.machine.setup("--quiet"), (0, "", ""))
        self.assertEqual(self.machine.calls(), [])
        self.assert_all_cached()

    def test_sudo_when_not_root(self):
        self.machine.install(set(PACKAGES) - {"patch"})
        self.put_in_cache(*SOURCES)
        (self.machine.state / "uid").write_text("1000\n")
        self.machine.add_fake("sudo", FAKES["sudo"])
        self.assertEqual(self.machine.setup()[0], 0)
        calls = self.machine.calls()
        self.assertEqual(len(calls), 4)
        self.assertTrue(calls[0].startswith("sudo apt-get") and calls[2].startswith("sudo env "), calls)

    def test_not_root_and_no_sudo(self):
        self.machine.install(set(PACKAGES) - {"patch"})
        (self.machine.state / "uid").write_text("1000\n")
        status, _, errors = self.machine.setup()
        self.assertEqual(status, 1)
        self.assertEqual(errors, "setup: error: installing packages needs root, and there is no sudo\n"
                                 "setup: note: as root: apt-get install patch \n")
        self.assertEqual(self.machine.calls(), [])

    def test_a_package_list_that_cannot_be_updated_may_still_do(self):
        self.machine.install(set(PACKAGES) - {"patch"})
        self.put_in_cache(*SOURCES)
        self.machine.put("state/update-fails", b"")
        status, _, errors = self.machine.setup()
        self.assertEqual(status, 0)
        self.assertIn("setup: warning: apt-get update failed", errors)

    def test_apt_get_fails(self):
        self.machine.install(set(PACKAGES) - {"patch"})
        self.machine.put("state/apt-fails", b"")
        status, _, errors = self.machine.setup()
        self.assertEqual(status, 1)
        self.assertIn("setup: error: apt-get could not install them\n", errors)

    def test_apt_get_says_it_worked_and_it_did_not(self):
        self.machine.install(set(PACKAGES) - {"patch"})
        self.machine.add_fake("apt-get", "exit 0")
        status, _, errors = self.machine.setup()
        self.assertEqual(status, 1)
        self.assertIn("setup: error: apt-get left these uninstalled: patch", errors)

    def test_not_debian(self):
        (self.machine.programs / "dpkg-query").unlink()
        status, _, errors = self.machine.setup()
        self.assertEqual(status, 1)
        self.assertIn("setup: error: this is not a Debian system", errors)

    def test_a_package_that_another_provides_is_there(self):
        self.put_in_cache(*SOURCES)
        self.machine.add_fake("dpkg-query", f"""echo "installed {' '.join(PACKAGES[:-2])} "
                                                echo "installed {PACKAGES[-2]} other (= 1), {PACKAGES[-1]}\"""")
        self.assertEqual(self.machine.setup("--check"), (0, "nothing is missing\n", ""))

    def test_unknown_argument(self):
        status, _, errors = self.machine.setup("--force")
        self.assertEqual(status, 2)
        self.assertIn("unknown argument '--force'", errors)


class NpmTest(MachineTest):
    def setUp(self):
        super().setUp()
        self.put_in_cache(*SOURCES)
        self.machine.npm_mark.unlink()
        self.machine.npm_mark.parent.rmdir()

    def assert_no_rest(self):
        folders = [path.name for path in self.machine.cache.iterdir() if path.is_dir()]
        self.assertEqual(folders, [ESPTOOL_JS])

    def test_esptool_js_is_fetched_once(self):
        status, output, errors = self.machine.setup()
        self.assertEqual((status, errors), (0, ""))
        self.assertIn("setup: fetching esptool-js with npm\n", output)
        self.assertEqual(self.machine.calls(), ["npm ci"])
        self.assertTrue(self.machine.npm_mark.exists())
        self.assert_no_rest()
        self.assertEqual(self.machine.setup("--quiet"), (0, "", ""))
        self.assertEqual(self.machine.calls(), [])

    def test_without_npm_only_tests_are_skipped(self):
        self.machine.put("state/npm-fails", b"")
        status, _, errors = self.machine.setup()
        self.assertEqual((status, errors), (0, "setup: warning: npm could not fetch esptool-js: "
                                               "the tests with it will be skipped\n"))
        self.assertFalse(self.machine.npm_mark.exists())
        self.assert_no_rest()

    def test_without_npm_continuous_integration_fails(self):
        self.machine.put("state/npm-fails", b"")
        status, _, errors = self.machine.setup(CI="true")
        self.assertEqual((status, errors), (1, "setup: error: npm could not fetch esptool-js\n"))


class TarballTest:
    """Where a tarball comes from: $..._TARBALL, cache, upstream, Debian's source package. The other sources
    are in the cache all along."""

    source = None

    def setUp(self):
        super().setUp()
        self.others = [source for source in SOURCES if source is not self.source]
        self.put_in_cache(*self.others)
        self.good = self.source.tarball()

    def put_in_own_place(self, data):
        self.machine.put(self.machine.cache / self.source.file, data)

    def put_at_debian(self, data):
        self.machine.put(f"state/debian/{self.source.orig}", data)

    def setup_with(self, tarball, *arguments, **environment):
        return self.machine.setup(*arguments, **{self.source.variable: tarball}, **environment)

    def assert_nothing_left_behind(self):
        self.assertEqual(list(self.machine.temporary.iterdir()), [])
        self.assertNotIn(self.source.file, self.cached())

    def assert_wrong_checksum(self, result, origin):
        status, _, errors = result
        self.assertEqual(status, 1)
        self.assertIn(f"setup: error: {origin}: wrong checksum\n", errors)
        self.assertIn(f"wanted sha256 {self.source.sha256}\n", errors)
        self.assertIn(f"found  sha256 {BAD_SHA256}\n", errors)

    def test_check_looks_into_the_cached_file(self):
        self.put_in_own_place(BAD)
        self.assertEqual(self.machine.setup("--check"), (1, f"missing: {self.source.title} sources\n", ""))

    def test_the_variable_comes_first(self):
        tarball = self.machine.put("my.tar.gz", self.good)
        self.machine.put("state/upstream", BAD)
        self.put_in_own_place(BAD)
        self.assertEqual(self.setup_with(tarball, "--quiet"), (0, "", ""))
        self.assertEqual(self.machine.calls(), [])
        self.assert_all_cached()

    def test_a_variable_with_a_wrong_checksum(self):
        tarball = self.machine.put("my.tar.gz", BAD)
        self.machine.put("state/upstream", self.good)
        self.assert_wrong_checksum(self.setup_with(tarball), f"{self.source.variable}={tarball}")
        self.assertEqual(self.machine.calls(), [])
        self.assert_nothing_left_behind()

    def test_a_wrong_variable_is_said_even_when_the_cache_is_good(self):
        tarball = self.machine.put("my.tar.gz", BAD)
        self.put_in_own_place(self.good)
        self.assert_wrong_checksum(self.setup_with(tarball), f"{self.source.variable}={tarball}")
        self.assert_all_cached()

    def test_a_variable_without_its_file(self):
        status, _, errors = self.setup_with("/nowhere/my.tar.gz")
        self.assertEqual((status, errors),
                         (1, f"setup: error: {self.source.variable}=/nowhere/my.tar.gz: no such file\n"))

    def test_the_cache_comes_second(self):
        self.machine.put("state/upstream", BAD)
        self.put_in_own_place(self.good)
        self.assertEqual(self.machine.setup("--quiet"), (0, "", ""))
        self.assertEqual(self.machine.calls(), [])

    def test_the_cache_is_where_xdg_says(self):
        tarball = self.machine.put("my.tar.gz", self.good)
        place = self.machine.folder / "elsewhere"
        for source in self.others:
            self.machine.put(place / "flashstore" / source.file, source.tarball())
        self.assertEqual(self.setup_with(tarball, XDG_CACHE_HOME=place)[0], 0)
        self.assertEqual((place / "flashstore" / self.source.file).read_bytes(), self.good)
        self.assert_nothing_left_behind()

    def test_upstream_comes_third(self):
        self.machine.put("state/upstream", self.good)
        self.put_in_own_place(BAD)
        self.assertEqual(self.machine.setup()[0], 0)
        call, = self.machine.calls()
        self.assertRegex(call, "^curl .*--max-time 5 ")
        self.assertTrue(call.endswith(" " + self.source.url), call)
        self.assert_all_cached()
        self.assertEqual(list(self.machine.temporary.iterdir()), [])

    def test_upstream_with_a_wrong_checksum_is_an_error(self):
        self.machine.put("state/upstream", BAD)
        self.put_at_debian(self.good)
        self.assert_wrong_checksum(self.machine.setup(), self.source.url)
        self.assertEqual(len(self.machine.calls()), 1)
        self.assert_nothing_left_behind()

    def test_debian_comes_last_with_private_source_lists(self):
        self.put_at_debian(self.good)
        self.machine.put("state/update-fails", b"")  # as a third party's list without sources would make it
        self.machine.put("etc/sources.list", b"# deb no\ndeb http://a/ x main\ndeb-src http://b/ x main\n")
        self.machine.put("etc/parts/more.list", b"deb\t[signed-by=/k.gpg] http://c/ x main\n")
        self.machine.put("etc/parts/new.sources", b"Types: deb\nURIs: http://d/\nSuites: x\n")
        self.machine.put("etc/parts/off.sources.disabled", b"Types: deb\nURIs: http://e/\nSuites: x\n")
        before = sorted(path.read_bytes() for path in self.machine.etc.rglob("*") if path.is_file())
        status, output, errors = self.machine.setup()
        self.assertEqual((status, errors), (0, ""))
        self.assertIn(f"setup: {self.source.url.split('/')[2]} does not answer within 5 s; "
                      "taking Debian's source package\n", output)
        curl, update, source = self.machine.calls()
        self.assertTrue(curl.startswith("curl "))
        self.assertTrue(update.endswith(" update"))
        self.assertTrue(source.endswith(f" source --download-only {self.source.package}"))
        for call in (update, source):
            self.assertIn(" Dir::Etc::sourcelist=/dev/null ", call)
            self.assertIn(f" Dir::State::lists={self.machine.temporary}/", call)
        lists = self.machine.state / "parts"
        self.assertEqual((lists / "one-line.list").read_text(),
                         "deb-src http://a/ x main\ndeb-src [signed-by=/k.gpg] http://c/ x main\n")
        self.assertEqual((lists / "new.sources").read_text(), "Types: deb-src\nURIs: http://d/\nSuites: x\n")
        self.assertFalse((lists / "off.sources.disabled").exists())
        after = sorted(path.read_bytes() for path in self.machine.etc.rglob("*") if path.is_file())
        self.assertEqual(before, after)
        self.assert_all_cached()
        self.assertEqual(list(self.machine.temporary.iterdir()), [])

    def test_debian_with_a_wrong_checksum_is_an_error(self):
        self.put_at_debian(BAD)
        self.assert_wrong_checksum(self.machine.setup(), f"Debian's source package {self.source.package}")
        self.assert_nothing_left_behind()

    def test_from_nowhere(self):
        status, _, errors = self.machine.setup()
        self.assertEqual(status, 1)
        self.assertIn(f"setup: error: {self.source.title} could not be fetched\n", errors)
        self.assertIn(f"get {self.source.url} by other means and say {self.source.variable}=FILE scripts/setup",
                      errors)
        self.assert_nothing_left_behind()

    def test_the_pinned_checksum_stands_in_one_place(self):
        named = [path.name for path in SCRIPTS.rglob("*") if path.is_file()
                 and self.source.sha256 in path.read_text(errors="replace")]
        self.assertEqual(named, ["sources"])


class LuaTarballTest(TarballTest, MachineTest):
    source = LUA


class ZopfliTarballTest(TarballTest, MachineTest):
    source = ZOPFLI


class AllTarballsTest(MachineTest):
    def test_all_are_fetched_and_nothing_stays_behind(self):
        for source in SOURCES:
            self.machine.put(f"state/debian/{source.orig}", source.tarball())
        self.assertEqual(self.machine.setup()[0], 0)
        self.assert_all_cached()
        self.assertEqual(list(self.machine.temporary.iterdir()), [])


if __name__ == "__main__":
    unittest.main()
