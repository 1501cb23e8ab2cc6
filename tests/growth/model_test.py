"""SmolLM2 says the same in all pairs of old and new host and plugins."""
import os
import pathlib
import unittest

from pairs import PairsTest


class Model(PairsTest):
    def test_the_tokens_are_the_same(self):
        model = pathlib.Path(os.environ["TENON_MODEL_PATH_FILE"]).read_text().strip()
        text = self.same_in_all_pairs(lambda *pair: self.run_pair(
            *pair, "run", model, "--backend", "cpu/reference", "-c", "64", "--temp", "0", "--ignore-eos", "--raw",
            "-p", "The sky is", "-n", "8", "-q").out)
        print(repr(text))
        self.assertGreater(len(text.split()), 4)


if __name__ == "__main__":
    unittest.main()
