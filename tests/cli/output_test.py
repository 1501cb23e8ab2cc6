"""Where messages go: --quiet, --verbose, --color, NO_COLOR, --log-file; and Ctrl-C at every stage."""
import json
import os
import pathlib
import resource
import signal
import subprocess
import time
import unittest

from harness import BINARY, RUN, CliTest

ESCAPE = "\x1b["


class Messages(CliTest):
    run_flags = ["-p", "x", "-n", "1", *RUN]

    def err(self, *flags, **options):
        return self.ok("run", self.model, *self.run_flags, *flags, **options).err

    def test_verbose_tells_what_happens(self):
        self.assertNotIn("debug:", self.err())
        self.assertRegex(self.err("--verbose"), r"debug: plugin .*cpu.*loaded\n(.*\n)*debug: .*ready after \d+ ms on cpu")
        self.assertIn("debug:", self.err("--verbose", "--quiet"))
        self.assertNotIn("decode", self.err("--verbose", "--quiet"))

    def test_colour_is_asked_for(self):
        self.assertNotIn(ESCAPE, self.err("--verbose"))  # not a terminal
        self.assertIn(ESCAPE, self.err("--verbose", "--color", "always"))
        self.assertIn(ESCAPE, self.err("--verbose", "--color", "always", env={"NO_COLOR": "1"}))
        self.assertNotIn(ESCAPE, self.err("--verbose", "--color", "never"))

    def test_log_file(self):
        log = self.folder / "log.txt"
        self.assertEqual(self.err("--log-file", log, "--quiet", "--color", "always"), "")
        text = log.read_text()
        self.assertIn("ready after", text)
        self.assertNotIn(ESCAPE, text)

    def test_every_command_checks_its_output_flags(self):
        for command in (["tokenize", self.model, "x"], ["inspect", self.model], ["plugins"], ["devices"],
                        ["plan", self.model], ["chat", self.model]):
            self.refused(2, *command, "--color", "sometimes", says="sometimes")

    def test_inspect_names_what_is_missing(self):
        self.assertEqual(self.json("inspect", self.model)["findings"], [])
        plain = self.folder / "plain.gguf"
        plain.write_bytes(pathlib.Path(self.model).read_bytes().replace(b"tokenizer.chat_template", b"tokenizer.chat_templaty"))
        (finding,) = self.json("inspect", plain)["findings"]
        self.assertIn("chat_template is missing", finding)


class CtrlC(CliTest):
    """As early as the program listens, and whatever it is doing then: 130, and at once."""

    def test_what_was_ignored_at_the_start_stays_ignored(self):
        """As in a background job of a script, or under nohup."""
        for ignored in (signal.SIGINT, signal.SIGHUP):
            with subprocess.Popen([BINARY, "run", self.model, "-p", "hello", "-n", "100", "--json", *RUN],
                                  stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                                  env=self.environment(), preexec_fn=lambda: signal.signal(ignored, signal.SIG_IGN)) as process:
                while process.poll() is None and not self.listens(process.pid, signal.SIGTERM):
                    time.sleep(0.001)
                process.send_signal(ignored)
                out, error = process.communicate(timeout=60)
                self.assertEqual(process.returncode, 0, error)
                self.assertEqual(json.loads(out)["completion_tokens"], 100)

    def test_a_limit_that_is_reached_is_named(self):
        """No thread can start: its stack does not fit into the address space."""
        def limits():
            resource.setrlimit(resource.RLIMIT_AS, (1 << 45, 1 << 45))
            resource.setrlimit(resource.RLIMIT_STACK, (1 << 46, resource.getrlimit(resource.RLIMIT_STACK)[1]))
        done = subprocess.run([BINARY, "run", self.model, "-p", "x", *RUN], stdin=subprocess.DEVNULL, capture_output=True,
                              env=self.environment(), preexec_fn=limits, check=False)
        self.assertEqual(done.returncode, 5, done.stderr)
        for text in (b"cannot start a thread", b"ulimit -v"):
            self.assertIn(text, done.stderr)
        self.assertNotIn(b"internal error", done.stderr)

    def interrupt(self, ready, *arguments):
        with subprocess.Popen([BINARY, *map(str, arguments)], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                              stderr=subprocess.PIPE, env=self.environment()) as process:
            while process.poll() is None and not ready(process.pid):
                time.sleep(0.001)
            before = time.monotonic()
            process.send_signal(signal.SIGINT)
            out, error = process.communicate(timeout=60)
            self.assertEqual(process.returncode, 130, error)
            self.assertLess(time.monotonic() - before, 10)
            return out.decode(errors="replace")

    @staticmethod
    def listens(pid, to=signal.SIGINT):
        with open(f"/proc/{pid}/status", encoding="utf-8") as status:
            blocked = next(int(line.split()[1], 16) for line in status if line.startswith("SigBlk"))
        return blocked >> (to - 1) & 1

    @staticmethod
    def busy(pid):
        """Until it has used half a second of processor time."""
        with open(f"/proc/{pid}/stat", encoding="utf-8") as stat:
            fields = stat.read().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK") > 0.5

    def test_while_loading(self):
        for _ in range(3):
            self.interrupt(self.listens, "run", self.model, "-p", "x", "-c", 32768, *RUN)
        self.interrupt(self.listens, "chat", self.model)

    def test_while_reading_the_prompt(self):
        prompt = self.folder / "long.txt"
        prompt.write_text("some text " * 6000)
        out = self.interrupt(self.busy, "run", self.model, "-f", prompt, "-c", 65536, "--json", *RUN)
        document = json.loads(out)
        self.assertEqual((document["finish_reason"], document["completion_tokens"]), ("cancelled", 0))

    def test_while_writing_logits(self):
        out = self.folder / "never.npy"
        self.interrupt(self.busy, "logits", self.model, "--prompt", "some text " * 6000, "-c", 65536, "-t", 1,
                       "--backend", "cpu/reference", "--output", out)
        self.assertEqual(list(self.folder.glob("never*")), [])


if __name__ == "__main__":
    unittest.main()
