"""Several devices: layers placed by rules and by what fits, and answers that outlive their device."""
import json
import unittest

from harness import EXAMPLES, CliTest

FOREIGN = ["--plugin", EXAMPLES / "foreign.tenon.so"]
FLAGS = [*FOREIGN, "-t", "1", "-c", "256"]
AFTER_LOADING = "20"  # more submissions than loading makes, fewer than a request


class Placement(CliTest):
    def plan(self, *flags, **options):
        return self.json("plan", self.model, "--explain", *FLAGS, *flags, **options)

    def devices(self, plan):
        return [(node["number"], node["name"], node["device"]) for node in plan["nodes"]]

    def test_the_plan_says_the_device_of_each_node_and_what_repeats_it(self):
        for flags in (["--place", "layers 0=foreign/0, layers 1 = foreign/1,rest=cpu"],
                      ["--backend", "foreign", "--gpu-layers", "1"], ["--backend", "foreign/1"], ["--backend", "cpu/reference"]):
            plan = self.plan(*flags)
            again = self.plan("--place", plan["place"])
            self.assertEqual(self.devices(again), self.devices(plan), flags)
            self.assertEqual(again["place"], plan["place"])
            self.assertEqual(again["nodes"], plan["nodes"])
            self.assertIn(f"--place '{plan['place']}'", self.ok("plan", self.model, *FLAGS, *flags).out)

    def test_layers_are_where_they_were_placed(self):
        plan = self.plan("--place", "layers 0=foreign/0, rest=cpu")
        for node in plan["nodes"]:
            layer = 0 if node["name"].startswith("blk.0.") else None
            self.assertEqual(node["device"], "foreign/0" if layer == 0 else "cpu", node)
        self.assertEqual({w["device"] for w in plan["weights"] if w["name"].startswith("blk.1.")}, {"cpu"})

    def test_gpu_layers_are_the_last(self):
        for count, place in (("1", "layers 1=foreign/0, output=foreign/0, rest=cpu"),
                             ("auto", "rest=foreign/0"), ("0", "rest=cpu")):
            plan = self.plan("--backend", "foreign", "--gpu-layers", count)
            self.assertEqual(plan["place"], place)
        self.assertIn("=foreign/", self.plan("--gpu-layers", "1")["place"])  # the best of all

    def test_what_does_not_fit_is_refused_before_anything_is_taken(self):
        env = {"TENON_FOREIGN_MEMORY": "100000"}
        self.refused(5, "plan", self.model, *FLAGS, "--backend", "foreign", "--gpu-layers", "2", env=env,
                     says=["not enough memory on foreign/0: needed", "available 0 MiB", "--gpu-layers"])
        self.assertEqual(self.plan("--backend", "foreign", "--gpu-layers", "auto", env=env)["place"], "rest=cpu")

    def test_refusals_of_rules_name_the_place(self):
        for rules, says in (("layers 0-1=foreign/0, rset=cpu", "character 23: expected"),
                            ("layers 0-5=foreign/0", "this model has the layers 0 to 1")):
            self.refused(2, "plan", self.model, *FLAGS, "--place", rules, says=[says, "--place"])
        self.refused(4, "plan", self.model, *FLAGS, "--place", "rest=nowhere", says="backend nowhere")
        self.refused(2, "plan", self.model, *FLAGS, "--gpu-layers", "some", says=["not \"some\"", "--gpu-layers"])
        self.refused(2, "plan", self.model, *FLAGS, "--gpu-layers", "1", "--place", "rest=cpu", says="one of the two")

    def test_a_backend_that_nobody_asked_for_is_not_started(self):
        env = {"VK_LOADER_DEBUG": "all"}  # its loader tells what it does
        started = self.ok("devices", env=env)
        if "vulkan/0" in started.out:
            self.assertIn("ICD", started.err)
        for backend in ("cpu", "cpu/reference"):
            err = self.ok("plan", self.model, "--backend", backend, env=env).err
            self.assertNotIn("ICD", err)
            self.assertNotIn("libvulkan", err)

    def test_devices_are_measured_once(self):
        def speeds():
            return {d["device"]: d["weight_bytes_per_second"] for d in self.json("devices", *FOREIGN)["devices"]}
        first = speeds()
        self.assertTrue(first.keys() >= {"cpu/0", "foreign/0", "foreign/1"} and all(first.values()), first)
        self.assertEqual(speeds(), first)
        remembered = json.loads((self.folder / ".cache/tenon/speeds.json").read_text())["speeds"]
        self.assertEqual(sorted(remembered.values()), sorted(first.values()))
        self.assertIn("reads weights at", self.ok("devices").out)


class Fallback(CliTest):
    RUN = [*FLAGS, "--backend", "foreign/1", "--temp", "0", "--ignore-eos", "-n", "30", "-p", "hello"]

    def test_a_lost_device_fails_the_request(self):
        for fault in ("TENON_FOREIGN_LOSE_AT", "TENON_FOREIGN_FAIL_AT"):
            done = self.tenon("run", self.model, *self.RUN, env={fault: AFTER_LOADING})
            self.assertEqual(done.returncode, 1, done.err)
            self.assertIn("foreign/1: the work failed", done.err)

    def test_with_a_fallback_it_goes_on_there_with_a_notice(self):
        env = {"TENON_FOREIGN_LOSE_AT": AFTER_LOADING}
        expected = self.json("run", self.model, *self.RUN, "--backend", "cpu/reference")
        reply = self.json("run", self.model, *self.RUN, "--fallback", "cpu/reference", env=env)
        self.assertEqual(reply["tokens"], expected["tokens"])
        self.assertIn("goes on on cpu/reference", reply["fallback"])
        self.assertEqual((reply["backend"], expected["fallback"]), ("cpu", ""))
        done = self.ok("run", self.model, *self.RUN, "--fallback", "cpu/reference", env=env)
        self.assertIn("the device was lost; open it anew; the answer goes on on cpu/reference", done.err)
        self.assertEqual(done.out, expected["text"] + "\n")

    def test_a_chat_goes_on_after_a_loss_and_after_swaps(self):
        def tokens(script, *flags, **options):
            done = self.ok("chat", self.model, *FLAGS, "--temp", "0", "-n", "6", "--json", *flags,
                           stdin=script.encode(), **options)
            return [json.loads(line)["tokens"] for line in done.out.splitlines()]
        plain = tokens("hello\nagain\n", "--backend", "cpu/reference")
        swapped = tokens("hello\n/backend foreign/1\nagain\n", "--place", "layers 0=foreign/0, rest=cpu/reference")
        lost = tokens("hello\nagain\n", "--backend", "foreign/1", "--fallback", "cpu/reference",
                      env={"TENON_FOREIGN_LOSE_AT": AFTER_LOADING})
        self.assertEqual(swapped, plain)
        self.assertEqual(lost, plain)


if __name__ == "__main__":
    unittest.main()
