"""Packs of the GPU slots: one kernel of a device is replaced where asked, and one that does not load is not used."""
import json
import os
import pathlib
import unittest

import npy
from harness import EXAMPLES, PLUGINS, CliTest

OUT_OF_TREE = os.environ.get("TENON_GPU_PACKS_OUT_OF_TREE", "")  # where packs are that the SDK built, {} the backend
BAD = os.environ["TENON_BAD_KERNELS"]
TOKENS = ",".join(str(i * 11 % 263) for i in range(20))
DRIVERS = {name: os.environ[name] for name in ("VK_DRIVER_FILES", "VK_ICD_FILENAMES") if name in os.environ}
BACKENDS = os.environ["TENON_GPU_BACKENDS"].split()
REASONS = {"vulkan": {"bad.words": "it is no SPIR-V", "bad.capability": "capability 6022, which nothing grants",
                      "bad.entry": "no entry point main", "bad.needs": "needs vk.coopmat",
                      "bad.writes": "it writes an input", "bad.many": "it has too many words"},
           "opencl": {"bad.source": "its source does not build: ", "bad.arguments": "it has 1 arguments, its launch 4",
                      "bad.cl-needs": "needs cl.no-such-thing"}}


class GpuPacks(CliTest):
    def nodes(self, backend, *flags):
        plan = self.json("plan", self.model, "--explain", "--backend", backend, *flags, env=DRIVERS)
        return [node for node in plan["nodes"] if node["op"] == "tn.swiglu/1"]

    def logits(self, backend, *flags):
        out = self.folder / "out.npy"
        self.ok("logits", self.model, "--tokens", TOKENS, "--output", out, "--backend", backend, *flags, env=DRIVERS)
        return npy.read(out)[1]

    def pin(self, backend):
        kernel = f"tenon.example.{backend}-swiglu"
        folder = pathlib.Path(OUT_OF_TREE.format(backend)) if OUT_OF_TREE else EXAMPLES
        return kernel, ["--plugin", folder / f"{backend}_kernel.tenon.so", "--kernel", f"swiglu@{backend}={kernel}"]

    def test_a_kernel_runs_where_it_is_asked_for(self):
        for backend in BACKENDS:
            kernel, pin = self.pin(backend)
            pinned = self.nodes(backend, *pin)
            self.assertTrue(pinned)
            for node in pinned:
                self.assertEqual(node["kernel"], kernel)
                self.assertTrue(node["device"].startswith(backend), node)
                self.assertEqual(node["reason"], "pinned by a kernel rule, over the device's own 100")
            run = self.json("run", self.model, "-p", "hello", "-n", 2, "--backend", backend, *pin, env=DRIVERS)
            self.assertEqual(run["kernels"], [kernel])

    def test_its_results_are_right(self):
        for backend in BACKENDS:
            _, pin = self.pin(backend)
            own, pinned = self.logits(backend), self.logits(backend, *pin, "--verify-kernels")
            distance = npy.nmse(pinned, own)
            print(f"{backend}: pinned against the device's own: NMSE {distance:.2g}")
            self.assertNotEqual(pinned, own, "the kernel did not run")
            self.assertLess(distance, 1e-10)

    def test_what_does_not_load_is_told_and_not_used(self):
        for backend in BACKENDS:
            good, pin = self.pin(backend)
            nodes = self.nodes(backend, "--plugin", BAD, *pin[:2])
            self.assertTrue(nodes)
            for node in nodes:
                self.assertEqual(node["kernel"], "")
                self.assertTrue(node["reason"].startswith(f"the device's own, over {good} 50; refused: "), node)
                for kernel, reason in REASONS[backend].items():
                    self.assertIn(f"refused: {kernel}: ", node["reason"])
                    self.assertIn(reason, node["reason"])
            kernel = next(iter(REASONS[backend]))
            self.refused(4, "plan", self.model, "--backend", backend, "--plugin", BAD, "--kernel", f"swiglu={kernel}",
                         env=DRIVERS, says=kernel)

    def test_devices_show_packs_and_what_they_lack(self):
        listed = self.json("devices", "--plugin", BAD, env=DRIVERS)["devices"]
        for backend in BACKENDS:
            device = next(d for d in listed if d["backend"] == backend)
            self.assertEqual(device["slots"], f"tenon.{backend}/1")
            self.assertIn("bad_kernels", device["packs"])
            lacking = {k["kernel"]: k["reason"] for k in device["refused_kernels"]}
            self.assertEqual(lacking, {k: r for k, r in REASONS[backend].items() if r.startswith("needs ")})
        self.assertIn("refused: bad.needs, needs vk.coopmat", self.ok("devices", "--plugin", BAD, env=DRIVERS).out)

    def test_conform_judges_the_kernels_of_packs_on_the_device(self):
        expect = self.folder / "expect.txt"
        expect.write_text("")
        flags = ["--only", "SwigluTest", "--expect", expect, "--json"]
        for backend in BACKENDS:
            kernel, pin = self.pin(backend)
            plugin = PLUGINS / f"{backend}.tenon.so"
            d = json.loads(self.ok("conform", plugin, *pin[:2], *flags, env=DRIVERS).stdout)
            names = [case["name"] for case in d["groups"][0]["cases"] if case["result"] == "passed"]
            for part in (kernel.replace(".", "_").replace("-", "_"), f"{backend}_tn_swiglu"):
                self.assertTrue([name for name in names if part in name], (part, names))
            done = self.tenon("conform", plugin, "--plugin", BAD, *flags, env=DRIVERS)
            self.assertEqual(done.returncode, 6, done.err)
            problems = json.loads(done.stdout)["problems"]
            for kernel, reason in REASONS[backend].items():
                self.assertTrue([p for p in problems if p.startswith("declined, and not in the list: tn.swiglu/1: ")
                                 and reason in p], (kernel, problems))

    def test_an_identity_names_a_device(self):
        listed = self.json("devices", env=DRIVERS)["devices"]
        named = [d for d in listed if d.get("identity")]
        self.assertTrue(named, "no device has an identity")
        for device in named:
            name = f"{device['backend']}/{device['identity']}"
            self.assertTrue(self.nodes(name)[0]["device"].startswith(device["backend"]))
            place = self.json("plan", self.model, "--place", f"layers 0={name}, rest=cpu", env=DRIVERS)["place"]
            self.assertIn(f"layers 0={device['backend']}", place)
        self.refused(4, "plan", self.model, "--backend", "vulkan/uuid:00", env=DRIVERS, says="another device")


if __name__ == "__main__":
    unittest.main()
