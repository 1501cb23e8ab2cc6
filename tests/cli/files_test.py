"""Files that commands write: links, modes and devices stay what they are, and a failure leaves nothing behind."""
import json
import os
import resource
import signal
import stat
import subprocess
import threading
import time
import unittest

import npy
from harness import BINARY, CliTest

LOGITS = ["--tokens", "1,2,3", "--backend", "cpu/reference", "-t", 1]


class Written(CliTest):
    def logits(self, out, code=0, says="", **options):
        done = self.tenon("logits", self.model, *LOGITS, "--output", out, **options)
        self.assertEqual(done.returncode, code, done.err)
        self.assertIn(says, done.err)
        return done

    def save(self, path):
        self.ok("chat", self.model, "-c", 512, "-t", 1, stdin=f"/save {path}\n".encode())

    def place(self, name):
        folder = self.folder / name
        folder.mkdir()
        return folder

    def test_links_are_followed(self):
        folder = self.place("links")
        for target in ("there.npy", "new.npy"):
            link = folder / ("to-" + target)
            link.symlink_to(target)
            (folder / "chain").unlink(missing_ok=True)
            (folder / "chain").symlink_to(link)
            (folder / "there.npy").write_text("old")
            self.logits(folder / "chain")
            self.assertTrue(link.is_symlink() and (folder / "chain").is_symlink())
            self.assertEqual(npy.read(folder / target)[0], (3, 263))
        saved = folder / "saved.json"
        saved.symlink_to("real.json")
        self.save(saved)
        self.assertTrue(saved.is_symlink())
        self.assertEqual(json.loads((folder / "real.json").read_text()), [])

    def test_modes_stay_and_conversations_are_private(self):
        folder = self.place("modes")
        for mode in (0o600, 0o640, 0o666):
            out = folder / f"{mode:o}.npy"
            out.touch()
            out.chmod(mode)
            self.logits(out)
            self.assertEqual(stat.S_IMODE(out.stat().st_mode), mode)
            self.save(out)
            self.assertEqual(stat.S_IMODE(out.stat().st_mode), mode)
        self.save(folder / "new.json")
        self.assertEqual(stat.S_IMODE((folder / "new.json").stat().st_mode), 0o600)

    def test_devices_and_pipes_are_written_to(self):
        folder = self.place("devices")
        expected = folder / "expected.npy"
        self.logits(expected)
        for device, code, says in (("null", 0, ""), ("full", 1, "No space left")):
            link = folder / device  # so that only the link is lost where this test fails
            link.symlink_to("/dev/" + device)
            self.logits(link, code, says)
            self.assertTrue(link.is_symlink() and stat.S_ISCHR(link.stat().st_mode))
        fifo = folder / "fifo"
        os.mkfifo(fifo)
        got = []
        reader = threading.Thread(target=lambda: got.append(fifo.read_bytes()), daemon=True)
        reader.start()
        self.logits(fifo)
        self.assertTrue(stat.S_ISFIFO(fifo.stat().st_mode))
        reader.join(10)
        self.assertEqual(got, [expected.read_bytes()])
        self.assertEqual(self.logits("/dev/stdout").stdout, expected.read_bytes())
        with open(folder / "appended", "wb") as file:
            file.write(b"before")
            file.flush()
            self.logits("/dev/fd/1", stdout=file)
        self.assertEqual((folder / "appended").read_bytes(), b"before" + expected.read_bytes())

    def test_a_size_limit_leaves_nothing(self):
        folder = self.place("limit")
        done = subprocess.run([BINARY, "logits", self.model, *map(str, LOGITS), "--output", folder / "out.npy"],
                              stderr=subprocess.PIPE, env=self.environment(), check=False,
                              preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (1000, 1000)))
        self.assertEqual((done.returncode, b"File too large" in done.stderr), (1, True), done.stderr)
        self.assertEqual(list(folder.iterdir()), [])

    def test_a_hang_up_leaves_nothing(self):
        folder = self.place("hang-up")
        process = subprocess.Popen([BINARY, "logits", self.model, "--prompt", "some text " * 6000, "-c", "65536", "-t", "1",
                                    "--backend", "cpu/reference", "--output", folder / "out.npy"],
                                   stderr=subprocess.PIPE, env=self.environment())
        self.addCleanup(process.wait)
        self.addCleanup(process.kill)  # first: whatever fails here does not wait for its end
        while process.poll() is None and not (list(folder.iterdir()) or unnamed_file(process.pid, folder)):
            time.sleep(0.001)
        process.send_signal(signal.SIGHUP)
        error = process.communicate(timeout=60)[1]
        self.assertEqual(process.returncode, 130, error)
        self.assertEqual(list(folder.iterdir()), [])


def unnamed_file(pid, folder):
    def target(link):
        try:
            return os.readlink(link)
        except FileNotFoundError:  # closed meanwhile
            return ""

    return any(target(entry.path).startswith(str(folder.resolve())) for entry in os.scandir(f"/proc/{pid}/fd"))


class LogFile(CliTest):
    def test_no_folder_is_made(self):
        log = self.folder / "no" / "such" / "log"
        self.refused(2, "plugins", "--log-file", log, says=["--log-file", "No such file"])
        self.assertFalse((self.folder / "no").exists())

    def test_a_full_disk_is_told(self):
        done = self.ok("run", self.model, "-p", "x", "-n", 1, "--raw", "--log-file", "/dev/full")
        self.assertEqual(done.err.count("tenon: --log-file /dev/full: cannot be written: No space left"), 1, done.err)


class ClosedDescriptors(CliTest):
    """0 to 2 stay what they are: no file that is opened later may become stdin or stdout."""

    def closed(self, descriptor, *arguments):
        done = subprocess.run([BINARY, *map(str, arguments)], stdout=None if descriptor == 1 else subprocess.PIPE,
                              stderr=subprocess.PIPE, env=self.environment(), check=False, timeout=60,
                              preexec_fn=lambda: os.close(descriptor))
        self.assertEqual(done.returncode, 1, done)
        return done

    def test_stdin(self):
        for command in (["chat", self.model, "-c", 512], ["run", self.model, "-f", "-"], ["tokenize", self.model, "--stdin"],
                        ["template", self.model, "--messages", "-"]):
            done = self.closed(0, *command)
            self.assertEqual(done.stdout, b"", command)
            self.assertIn(b"stdin: cannot be read", done.stderr, command)

    def test_a_read_that_fails_is_an_error(self):
        folder = os.open(self.folder, os.O_RDONLY)
        self.addCleanup(os.close, folder)
        for command in (["chat", self.model, "-c", 512], ["run", self.model, "-f", "-"], ["tokenize", self.model, "--stdin"],
                        ["template", self.model, "--messages", "-"]):
            done = subprocess.run([BINARY, *map(str, command)], stdin=folder, capture_output=True, env=self.environment(),
                                  check=False)
            self.assertEqual((done.returncode, done.stdout), (1, b""), command)
            self.assertIn(b"stdin: cannot be read", done.stderr)

    def test_stdout(self):
        log = self.folder / "log.txt"
        done = self.closed(1, "run", self.model, "-p", "hello", "-n", 3, "--raw", "--log-file", log)
        self.assertIn(b"cannot write to stdout", done.stderr)
        self.assertTrue(all(line.startswith(("debug:", "warning:")) for line in log.read_text().splitlines()))


if __name__ == "__main__":
    unittest.main()
