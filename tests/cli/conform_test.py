"""tenon conform: backends judged group by group; what is listed, what is not, crashes and time limits."""
import unittest

from harness import EXAMPLES, PLUGINS, CliTest

FOREIGN = EXAMPLES / "foreign.tenon.so"
ONLY = ["--only", "SiluTest"]


class Conform(CliTest):
    def conform(self, *flags, code=0, **options):
        done = self.tenon("conform", *flags, **options)
        self.assertEqual(done.returncode, code, done.err or done.out)
        return done

    def expect(self, *lines):
        path = self.folder / "expect.txt"
        path.write_text("# a list\n" + "".join(line + "\n" for line in lines))
        return ["--expect", path]

    def test_a_device_with_ops_of_its_own(self):
        d = self.json("conform", FOREIGN, *ONLY, *self.expect())
        self.assertEqual((d["backend"], d["index"], d["seed"], d["problems"]), ("foreign", 0, 0, []))
        group, = d["groups"]
        self.assertEqual((group["group"], group["failed"], group["ended"]), ("SiluTest", 0, ""))
        self.assertGreater(group["passed"], 0)
        self.assertTrue(all(case["result"] == "passed" for case in group["cases"]))
        text = self.conform(FOREIGN, *ONLY, "--seed", "7", *self.expect()).out
        self.assertIn("seed 7", text)
        self.assertIn("ok      SiluTest", text)

    def test_a_device_that_is_judged_through_its_slot(self):
        pack = PLUGINS / "cpu_reference.tenon.so"
        d = self.json("conform", PLUGINS / "cpu.tenon.so", "--plugin", pack, *ONLY, "--only", "KvWriteTest", *self.expect())
        for group in d["groups"]:
            self.assertGreater(group["passed"], 0, group)
            self.assertTrue(all("cpu_reference" in case["name"] for case in group["cases"]), group)

    def test_failures_that_are_not_listed_and_passes_that_are(self):
        lost = {"TENON_FOREIGN_LOSE_AT": "2"}
        failed = self.conform(FOREIGN, *ONLY, *self.expect(), "--json", env=lost, code=6)
        self.assertIn("SiluTest", failed.err)
        done = self.conform(FOREIGN, *ONLY, *self.expect("fails Packs/SiluTest.*: it is lost"), env=lost)
        self.assertIn("expected failure", done.out)
        done = self.conform(FOREIGN, *ONLY, *self.expect("fails Packs/SiluTest.*: it is lost"), code=6)
        self.assertIn("unexpected pass", done.out)

    def test_the_committed_list_of_a_backend_is_used_by_itself(self):
        only = [flag for group in ("GeluTanhTest", "RowGatherTest", "MulTest") for flag in ("--only", group)]
        d = self.json("conform", FOREIGN, *only)
        self.assertTrue(d["expectations"].endswith("share/tenon/conformance/foreign.txt"))
        self.assertEqual([group["expected failure"] for group in d["groups"]], [1, 1, 0])
        reasons = [case["reason"] for group in d["groups"] for case in group["cases"] if "reason" in case]
        self.assertTrue(all(reasons), d["groups"])

    def test_a_device_that_takes_too_long_to_open_cannot_be_judged(self):
        done = self.conform(FOREIGN, "--only", "MatmulTest", "--limit", "0", code=4)
        self.assertIn("took more than 0 s", done.err)

    def test_what_cannot_be_judged(self):
        self.refused(4, "conform", self.folder / "absent.tenon.so", says="absent.tenon.so")
        self.refused(4, "conform", PLUGINS / "cpu_reference.tenon.so", says="is no backend")
        self.refused(4, "conform", FOREIGN, "--device", "7", says="has 2 devices")
        self.refused(2, "conform", FOREIGN, "--only", "NoSuchTest", says="no group NoSuchTest")
        self.refused(2, "conform", FOREIGN, *self.expect("fails it"), says="no expectation: fails it")
        self.refused(2, "conform")


if __name__ == "__main__":
    unittest.main()
