"""Where /proc is not mounted: plugins load by paths that nobody else can change, memory is still known."""
import os
import shutil
import subprocess
import unittest

from harness import BINARY, PLUGINS, RUN, TIMEOUT, CliTest

# A mount namespace of its own, whose /proc is empty; not for root, also a user namespace.
HIDE = ["unshare", *(["--map-root-user"] if os.geteuid() else []), "--mount", "sh", "-c",
        'mount -t tmpfs none /proc && exec "$@"', "sh"]


def may_hide():
    return subprocess.run([*HIDE, "test", "!", "-e", "/proc/self"], capture_output=True).returncode == 0


@unittest.skipUnless(may_hide(), "this user may not make mount namespaces")
class NoProc(CliTest):
    def tenon(self, *arguments, binary=BINARY, env=None, **_):
        done = subprocess.run([*HIDE, binary, *map(str, arguments)], capture_output=True,
                              timeout=TIMEOUT, env=self.environment(**(env or {})))
        done.out, done.err = done.stdout.decode(), done.stderr.decode()
        self.assertGreaterEqual(done.returncode, 0, done.err)
        return done

    def installed(self, name):
        """A copy of the program with its probe and plugins, in a folder of ours."""
        prefix = self.folder / name
        shutil.copytree(PLUGINS, prefix / "lib/tenon/plugins/1")
        (prefix / "bin").mkdir()
        for program in (BINARY, f"{BINARY}-probe"):
            shutil.copy(program, prefix / "bin")
        return prefix

    def test_plugins_are_found_probed_and_loaded(self):
        prefix = self.installed("whole")
        cache = prefix / "cache"
        rows = self.json("plugins", binary=str(prefix / "bin/tenon"),
                         env={"XDG_CACHE_HOME": str(cache)})["plugins"]
        self.assertGreater(len(rows), 5)
        for row in rows:
            self.assertTrue(row["loaded"] or "needs the CPU feature" in row["reason"], row)
        self.assertTrue((cache / "tenon/probe.json").exists(), "they were probed")

    def test_a_model_runs(self):
        answer = self.json("run", self.model, "-p", "hello", "-n", 8, *RUN)
        self.assertEqual(len(answer["tokens"]), 8)
        self.assertLess(answer["timings"]["load"]["ready_ms"], 1000 * TIMEOUT)

    def test_memory_is_known(self):
        device, = [d for d in self.json("devices")["devices"] if d["backend"] == "cpu"]
        self.assertGreater(device["memory_free"], 1 << 20)
        self.assertGreaterEqual(device["memory_total"], device["memory_free"])

    def test_a_path_that_others_could_change_is_refused(self):
        prefix = self.installed("open")
        (self.folder / "open").chmod(0o777)
        done = self.tenon("run", self.model, "-p", "x", binary=str(prefix / "bin/tenon"))
        self.assertEqual(done.returncode, 4, done.err)
        self.assertIn("there is no /proc to open it through, and the folder "
                      f"{prefix} on its way is writable by others", done.err)


if __name__ == "__main__":
    unittest.main()
