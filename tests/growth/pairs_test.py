"""A host and plugins of another minor work together: the tiny llama gives the same logits in all pairs."""
import json
import unittest

from pairs import ABI, NAMES, NEEDS_MINOR_1, PAIRS, PairsTest, npy

TOKENS = ",".join(str(i * 11 % 263) for i in range(150))  # three pages, and no multiple of one


class Pairs(PairsTest):
    def plugins_of(self, host, plugins, *flags):
        return json.loads(self.run_pair(host, plugins, "plugins", "--json", *flags).stdout)["plugins"]

    def test_each_pair_is_what_it_says(self):
        for host, plugins in PAIRS:
            found = self.plugins_of(host, plugins)
            self.assertEqual(sorted(p["path"].rsplit("/", 1)[1] for p in found), NAMES)
            for plugin in found:
                self.assertEqual((plugin["abi"], plugin["loaded"], plugin["reason"]), (ABI[plugins], True, ""),
                                 f"{host} host: {plugin['path']}")

    def logits(self, host, plugins, *flags):
        out = self.folder / "out.npy"
        done = self.run_pair(host, plugins, "logits", self.model, "--tokens", TOKENS, "--output", out, "--validate", *flags)
        self.assertNotIn("breaks the contract", done.err, f"{host} host, {plugins} plugins")
        return npy.read(out)[1]

    def test_the_logits_are_the_same(self):
        for flags in (("--backend", "cpu/reference", "-t", "2", "--chunk", "37"),
                      ("--backend", "cpu/reference", "-t", "1", "--cache-type", "q8_0"),
                      ("--backend", "foreign", "--cache-type", "f32", "--chunk", "37")):
            with self.subTest(flags=flags):
                logits = self.same_in_all_pairs(lambda *pair: self.logits(*pair, *flags))
                self.assertGreater(len(logits), 150 * 263)

    def test_the_kernels_of_all_pairs_agree_with_the_reference(self):
        for pair in PAIRS:
            self.run_pair(*pair, "logits", self.model, "--tokens", "1,2,3", "--output", self.folder / "out.npy",
                          "--backend", "cpu/reference", "--verify-kernels")

    def test_an_author_can_ask_for_a_newer_host(self):
        self.refused(4, "plugins", "--plugin", NEEDS_MINOR_1, binary=self.hosts["old"],
                     says="needs ABI 1.1, this host has 1.0")
        self.assertIn("test.needs-minor-1", self.ok("plugins", "--plugin", NEEDS_MINOR_1, binary=self.hosts["new"]).out)


if __name__ == "__main__":
    unittest.main()
