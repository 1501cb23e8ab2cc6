"""A pack of one kernel takes the place of a built-in kernel of a running model, where asked to."""
import unittest

import npy
from harness import EXAMPLES, CliTest

PACK = EXAMPLES / "one_kernel.tenon.so"
KERNEL = "tenon.example.matmul-q4_1"
PIN = ["--plugin", PACK, "--kernel", "matmul[q4_1]@cpu=" + KERNEL]
TOKENS = ",".join(str(i * 11 % 263) for i in range(40))


class OneKernel(CliTest):
    def nodes(self, *flags):
        return self.json("plan", self.model, "--explain", "--backend", "cpu/reference", *flags)["nodes"]

    def logits(self, *flags):
        out = self.folder / "out.npy"
        self.ok("logits", self.model, "--tokens", TOKENS, "--output", out, "--cache-type", "f32", "--backend",
                "cpu/reference", *flags)
        return npy.read(out)[1]

    def test_without_a_rule_it_is_not_chosen(self):
        self.assertNotIn(KERNEL, {node["kernel"] for node in self.nodes("--plugin", PACK)})
        self.assertEqual(self.logits("--plugin", PACK), self.logits())

    def test_pinned_it_runs_where_the_rule_says(self):
        before, after = self.nodes(), self.nodes(*PIN)
        pinned = [node for node in after if node["kernel"] == KERNEL]
        self.assertTrue(pinned)
        for node in pinned:
            self.assertIn("pinned", node["reason"])
            self.assertTrue(node["op"].startswith("tn.matmul"))
        self.assertTrue({node["kernel"] for node in before} & {node["kernel"] for node in after})

    def test_the_answer_stays_within_the_gate(self):
        exact, pinned = self.logits(), self.logits(*PIN)
        self.assertNotEqual(pinned, exact, "the kernel did not run")
        distance = npy.nmse(pinned, exact)
        print(f"pinned against reference: NMSE {distance:.2g}")
        self.assertLess(distance, 1e-10)

    def test_run_names_it(self):
        d = self.json("run", self.model, "-p", "hello", "-n", 3, "--backend", "cpu/reference", *PIN)
        self.assertIn(KERNEL, d["kernels"])

    def test_denied_kernels_are_not_chosen(self):
        used = next(node["kernel"] for node in self.nodes(*PIN) if node["kernel"] == KERNEL)
        others = self.nodes("--plugin", PACK, "--kernel", "matmul=!" + used)
        self.assertNotIn(used, {node["kernel"] for node in others})

    def test_rules_that_match_nothing_are_refused(self):
        self.refused(2, "plan", self.model, "--plugin", PACK, "--kernel", "matmul[q6_k]@cpu=" + KERNEL, says="q6_k")


if __name__ == "__main__":
    unittest.main()
