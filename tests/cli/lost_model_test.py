"""A model file that is cut short under a running program, and answers that come too late."""
import os
import subprocess
import unittest

from harness import BINARY, RUN, TIMEOUT, CliTest


class LostModel(CliTest):
    def test_cut_short_during_the_answer(self):
        model = self.make_model("lost.gguf", "llama.context_length=1000000")
        process = subprocess.Popen([BINARY, "run", model, "-p", "hello", *RUN, "-c", "60000"], stdout=subprocess.PIPE,
                                   stderr=subprocess.PIPE, env=self.environment())
        try:
            process.stdout.read(5)  # the answer has begun
            os.truncate(model, 4096)
            _, err = process.communicate(timeout=TIMEOUT)
        finally:
            process.kill()
        self.assertEqual(process.returncode, 1, err)
        self.assertIn(b"model_io_error", err)
        self.assertIn(model.encode(), err)

    def test_deadline(self):
        done = self.tenon("run", self.model, "-p", "hello", *RUN, "-c", 65536, "--deadline", "0.05")
        self.assertEqual(done.returncode, 5, done.err)
        self.assertIn("needed more than 50 ms, available 50 ms", done.err)
        self.ok("run", self.model, "-p", "hello", "-n", 3, *RUN, "--deadline", "600")
        for value in ("0", "-1", "nan", "x"):
            self.refused(2, "run", self.model, "-p", "x", f"--deadline={value}", says="deadline")


if __name__ == "__main__":
    unittest.main()
