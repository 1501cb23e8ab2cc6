"""tenon bisect and tenon replay: what they print, their exit codes, and a bundle that runs again."""
import json
import unittest

from harness import EXAMPLES, FIXTURES, CliTest

PACK = FIXTURES.parents[2] / "fixtures" / "bisect" / "planted_pack.tenon.so"
SIDES = ["--a", "cpu/reference", "--b", "cpu/reference", "--plugin", PACK, "-t", 1]
PROMPT = ["-p", "hello there"]


class Bisect(CliTest):
    def test_sides_that_agree(self):
        bundle = self.folder / "no-bundle"
        done = self.ok("bisect", self.model, *SIDES, *PROMPT, "-o", bundle)
        self.assertIn("every op holds", done.out)
        self.assertFalse(bundle.exists())
        d = self.json("bisect", self.model, *SIDES, *PROMPT, "-o", bundle)
        self.assertEqual((d["holds"], d["lockstep"], d["free_running"], d["bundle"]), (True, [], None, None))

    def test_another_backend(self):
        d = self.json("bisect", self.model, "--b", "foreign", "--plugin", EXAMPLES / "foreign.tenon.so", *PROMPT)
        self.assertTrue(d["holds"], d)

    def test_a_planted_bug_is_named_and_runs_again(self):
        bundle = self.folder / "bundle"
        arguments = ["bisect", self.model, *SIDES, *PROMPT, "--kernel", "swiglu@cpu=tenon.test.lane", "-o", bundle]
        done = self.tenon(*arguments)
        self.assertEqual(done.returncode, 6, done.err)
        for text in ("blk.0.swiglu", "tn.swiglu/1", "layer 0", "1 row", "columns 251 to 251", "tenon.test.lane"):
            self.assertIn(text, done.out)
        self.assertIn("blk.0.swiglu", done.err)
        d = json.loads(self.tenon(*arguments, "--json").out)
        self.assertEqual(d["lockstep"][0]["elements"]["columns"], [251, 251])
        manifest = json.loads((bundle / "manifest.json").read_text())
        self.assertEqual((manifest["op"], manifest["node"]), ("tn.swiglu/1", "blk.0.swiglu"))
        again = self.tenon("replay", bundle, "--plugin", PACK, "--json")
        self.assertEqual(again.returncode, 6, again.err)
        self.assertTrue(json.loads(again.out)["same_bits_as_b"])
        right = self.json("replay", bundle, "--backend", "cpu/reference")
        self.assertEqual((right["holds"], right["nmse"], right["same_bits_as_b"]), (True, 0, False))
        self.refused(4, "replay", bundle, says="tenon.test.lane is not loaded")

    def test_refusals(self):
        self.refused(2, "replay", self.folder / "nothing", says="manifest.json")
        self.refused(2, "bisect", self.model, *SIDES, "--tokens", "999999", says="999999")
        self.refused(4, "bisect", self.model, "--b", "nothing", *PROMPT, says="nothing")
        self.refused(3, "bisect", self.folder / "absent.gguf", *SIDES, says="absent.gguf")


if __name__ == "__main__":
    unittest.main()
