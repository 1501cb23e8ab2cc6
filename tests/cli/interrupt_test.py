"""Ctrl-C: once ends the answer after the current token, twice ends the process."""
import json
import os
import signal
import subprocess
import time
import unittest

from harness import BINARY, RUN, CliTest

LONG = ["-p", "hello", "-c", "32768", *RUN]


class Interrupt(CliTest):
    def start(self, *arguments):
        return subprocess.Popen([BINARY, "run", self.model, *LONG, *arguments], stdin=subprocess.DEVNULL,
                                stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=self.environment())

    def test_once_prints_what_there_is(self):
        for stop in (signal.SIGINT, signal.SIGTERM):
            with self.start() as process:
                first = process.stdout.read(1)
                process.send_signal(stop)
                rest, error = process.communicate(timeout=20)
                self.assertEqual(process.returncode, 130, error)
                self.assertTrue((first + rest).endswith(b"\n"))
                for word in (b"decode", b"tokens/s", b"cancelled"):
                    self.assertIn(word, error)

    def test_once_with_json_gives_a_whole_document(self):
        with self.start("--json") as process:
            self.wait_until_busy(process)
            process.send_signal(signal.SIGINT)
            out, error = process.communicate(timeout=20)
            self.assertEqual(process.returncode, 130, error)
            document = json.loads(out)
            self.assertEqual(document["finish_reason"], "cancelled")
            self.assertEqual(document["completion_tokens"], len(document["tokens"]))

    def test_twice_ends_at_once(self):
        with self.start() as process:
            process.stdout.read(1)
            process.send_signal(signal.SIGSTOP)  # both signals are there before it can end
            process.send_signal(signal.SIGINT)
            process.send_signal(signal.SIGTERM)
            process.send_signal(signal.SIGCONT)
            before = time.monotonic()
            process.communicate(timeout=20)
            self.assertEqual(process.returncode, 130)
            self.assertLess(time.monotonic() - before, 5)

    def test_while_loading(self):
        fifo = self.folder / "never-a-model"
        os.mkfifo(fifo)
        with subprocess.Popen([BINARY, "run", str(fifo), *LONG], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                              stderr=subprocess.PIPE, env=self.environment()) as process:
            _, error = process.communicate(timeout=20)  # a fifo is refused, not waited for
            self.assertEqual(process.returncode, 3, error)

    def wait_until_busy(self, process):
        """Until it has used a second of processor time: it generates by then."""
        while process.poll() is None:
            with open(f"/proc/{process.pid}/stat", encoding="utf-8") as stat:
                fields = stat.read().rpartition(")")[2].split()
            if (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK") > 0.5:
                return
            time.sleep(0.01)


if __name__ == "__main__":
    unittest.main()
