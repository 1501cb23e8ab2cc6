"""Runs the built tenon on tiny models, and says what a process must never do: die of a signal."""
import json
import os
import pathlib
import shutil
import subprocess
import tempfile
import unittest

BINARY = os.environ["TENON_BINARY"]
MAKER = os.environ["TENON_TINY_MAKER"]
PLUGINS = pathlib.Path(os.environ["TENON_PLUGINS"])
EXAMPLES = pathlib.Path(os.environ["TENON_EXAMPLES"])
FIXTURES = pathlib.Path(os.environ.get("TENON_FIXTURES", ""))
TIMEOUT = 120

RUN = ["--backend", "cpu/reference", "-t", "1", "--temp", "0", "--ignore-eos", "--raw"]


class CliTest(unittest.TestCase):
    """A folder of its own per class, which is also home, cache and data folder of every process."""

    maxDiff = None

    @classmethod
    def setUpClass(cls):
        cls.folder = pathlib.Path(tempfile.mkdtemp(prefix="tenon-cli-"))
        cls.addClassCleanup(shutil.rmtree, cls.folder, ignore_errors=True)
        cls.model = cls.make_model("tiny.gguf")

    @classmethod
    def make_model(cls, name, *options):
        path = cls.folder / name
        subprocess.run([MAKER, path, *options], check=True)
        return str(path)

    @classmethod
    def environment(cls, **extra):
        kept = {k: v for k, v in os.environ.items() if not k.startswith(("TENON_", "XDG_"))}
        return {**kept, "HOME": str(cls.folder), "LC_ALL": "C.UTF-8", **extra}

    def tenon(self, *arguments, stdin=b"", env=None, stdout=subprocess.PIPE, binary=BINARY):
        """The finished process; text is decoded with replacement, because answers may be any bytes."""
        done = subprocess.run([binary, *map(str, arguments)], input=stdin, stdout=stdout,
                              stderr=subprocess.PIPE, timeout=TIMEOUT,
                              env=self.environment(**(env or {})))
        done.out = (done.stdout or b"").decode(errors="replace")
        done.err = done.stderr.decode(errors="replace")
        self.assertGreaterEqual(done.returncode, 0, f"{arguments}: signal; {done.err}")
        return done

    def ok(self, *arguments, **options):
        done = self.tenon(*arguments, **options)
        self.assertEqual(done.returncode, 0, f"{arguments}: {done.err}")
        return done

    def json(self, *arguments, **options):
        return json.loads(self.ok(*arguments, "--json", **options).stdout)

    def refused(self, code, *arguments, says=(), **options):
        """Fails with this code, a message on stderr and nothing on stdout."""
        done = self.tenon(*arguments, **options)
        self.assertEqual(done.returncode, code, f"{arguments}: {done.err or done.out}")
        self.assertEqual(done.out, "", arguments)
        messages = [line for line in done.err.splitlines() if line.startswith("tenon: ")]
        self.assertEqual(len(messages), 1, f"{arguments}: {done.err!r}")  # beside lines of progress
        self.assertNotIn("internal error", done.err)
        for text in [says] if isinstance(says, str) else says:
            self.assertIn(text, done.err, arguments)
        return done
