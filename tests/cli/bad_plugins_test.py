"""A normal run beside every plugin that breaks the contract; each is refused with one line."""
import json
import pathlib
import shutil
import unittest

from harness import BINARY, FIXTURES, PLUGINS, RUN, CliTest

GOOD = {"good", "good_again", "good_backend", "newer_but_willing", "other_slot", "stripped"}
# Good plugins too, but one writes to stdout and the other's child keeps it open for half a minute.
NOISY = {"print_on_load", "spawn_on_load"}
SLOW = {"hang_on_load"}  # costs each start the probe's time limit: a test of its own


class BadPlugins(CliTest):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.plugins = cls.folder / "plugins"
        cls.plugins.mkdir(mode=0o755)
        for file in [*FIXTURES.glob("*.tenon.so"), *PLUGINS.glob("*.tenon.so")]:
            if file.name.split(".")[0] not in NOISY | SLOW:
                shutil.copy(file, cls.plugins)
        (cls.plugins / "text.tenon.so").write_text("not ELF\n")
        (cls.plugins / "empty.tenon.so").touch()
        (cls.plugins / "gone.tenon.so").symlink_to(cls.folder / "nowhere")
        wrong = bytearray((cls.plugins / "good.tenon.so").read_bytes())
        wrong[18:20] = b"\xb7\x00"  # e_machine: AArch64
        (cls.plugins / "wrong_machine.tenon.so").write_bytes(wrong)
        cls.path = {"TENON_PLUGIN_PATH": str(cls.plugins)}

    def candidates(self):
        rows = self.json("plugins", env=self.path)["plugins"]
        return {row["path"].rsplit("/", 1)[1].removesuffix(".tenon.so"): row for row in rows
                if row["path"].startswith(str(self.plugins))}

    def test_a_device_has_the_packs_of_its_own_slots(self):
        files = [FIXTURES / f"{name}.tenon.so" for name in ("good", "other_slot")]
        devices = self.json("devices", "--plugin", files[0], "--plugin", files[1])["devices"]
        (cpu,) = [row for row in devices if row["device"] == "cpu/0"]
        self.assertEqual(cpu["slots"], "tenon.cpu/1")
        self.assertIn("test.good.pack", cpu["packs"].split())
        self.assertNotIn("test.other_slot.pack", cpu["packs"].split())

    def test_each_has_its_reason_on_one_line(self):
        rows = self.candidates()
        bad = {name for name in rows if (FIXTURES / f"{name}.tenon.so").exists()} - GOOD
        bad |= {"text", "empty", "wrong_machine"}
        self.assertGreaterEqual(len(bad), 28)
        self.assertLessEqual({"crash_on_load", "exit_on_load", "wrong_major", "unresolved"}, bad)
        for name in sorted(bad):
            with self.subTest(name=name):
                self.assertFalse(rows[name]["loaded"])
                self.assertTrue(rows[name]["reason"])
                self.assertNotIn("\n", rows[name]["reason"])
                print(f"{name}: {rows[name]['reason']}")

    def test_one_that_hangs_is_refused_within_the_time_limit(self):
        done = self.refused(4, "plugins", "--plugin", FIXTURES / "hang_on_load.tenon.so")
        self.assertIn("did not answer within 5 s while loading", done.err)

    def test_plain_text_has_a_line_for_each(self):
        lines = self.ok("plugins", env=self.path).out.splitlines()
        for name, row in self.candidates().items():
            if not row["loaded"]:
                self.assertIn(f"refused  {row['path']}: {row['reason']}", lines)

    def test_the_real_ones_beside_them_load(self):
        rows = self.candidates()
        for file in PLUGINS.glob("*.tenon.so"):
            row = rows[file.name.removesuffix(".tenon.so")]
            self.assertTrue(row["loaded"] or "needs" in row["reason"], row)

    def test_a_run_goes_on_as_if_they_were_not_there(self):
        alone = self.json("run", self.model, "-p", "hello", "-n", 20, *RUN)
        beside = self.json("run", self.model, "-p", "hello", "-n", 20, *RUN, env=self.path)
        for key in ("text", "tokens", "finish_reason", "backend", "kernels"):
            self.assertEqual(beside[key], alone[key], key)

    def test_the_default_backend_runs_too(self):
        self.json("run", self.model, "-p", "hello", "-n", 20, env=self.path)


class NoUsablePlugin(CliTest):
    """An installation of which every plugin is refused: each command says why, file by file."""

    def installed(self, name, spoil):
        """A copy of the program whose plugins went through `spoil`: the CPU's and the models', as no other
        device would do on every machine."""
        prefix = self.folder / name
        plugins = prefix / "lib/tenon/plugins/1"
        (prefix / "bin").mkdir(parents=True)
        plugins.mkdir(parents=True)
        shutil.copy(BINARY, prefix / "bin/tenon")
        for file in [*PLUGINS.glob("cpu*.tenon.so"), *PLUGINS.glob("model_*.tenon.so")]:
            spoil(pathlib.Path(shutil.copy(file, plugins)))
        return prefix / "bin/tenon", plugins

    def commands(self):
        tokens = ["--tokens", "1,2"]
        return {"run": ["run", self.model, "-p", "hi"], "chat": ["chat", self.model],
                "plan": ["plan", self.model],
                "logits": ["logits", self.model, *tokens, "--output", self.folder / "x.npy"]}

    def refused_everywhere(self, program, says):
        for name, command in self.commands().items():
            with self.subTest(command=name):
                self.refused(4, *command, says=says, binary=str(program))

    def test_group_writable_copies(self):
        program, plugins = self.installed("group", lambda file: file.chmod(0o664))
        names = [f"\n  {file}: writable by its group (chmod go-w it)" for file in plugins.glob("*")]
        self.assertGreater(len(names), 4)
        self.refused_everywhere(program, ["no plugin offers the architecture", *names])

    def test_no_backend_though_the_architecture_is_there(self):
        def spoil(file):
            if file.name.startswith("cpu"):
                file.write_bytes(b"not a plugin any more")
        program, plugins = self.installed("backend", spoil)
        names = sorted(file.name for file in plugins.glob("cpu*"))
        self.assertGreater(len(names), 1)
        self.refused_everywhere(program, ["no device for backend auto", *(
            f"\n  {plugins / name}: not an ELF file" for name in names)])
        self.assertIn("no backend plugin is loaded",
                      self.ok("devices", binary=str(program)).out)

    def test_no_pack_though_the_backend_is_there(self):
        def spoil(file):
            if file.name.startswith("cpu_") and file.name != "cpu_device.tenon.so":
                file.chmod(0o666)
        program, plugins = self.installed("packs", spoil)
        self.refused_everywhere(program, ["no kernel pack for tenon.cpu/1",
                                          "_avx2.tenon.so: writable by everybody"])

    def test_no_plugin_at_all_names_the_folders(self):
        program, plugins = self.installed("nothing", lambda file: file.unlink())
        self.refused_everywhere(program, ["there are: none", "no plugin is in ", str(plugins)])

    def test_of_many_files_some_are_named(self):
        def spoil(file):
            file.unlink()
            for i in range(20):
                (file.parent / f"{file.name}{i}.tenon.so").write_bytes(b"nothing")
        program, plugins = self.installed("many", spoil)
        done = self.refused(4, "run", self.model, "-p", "hi", binary=str(program))
        self.assertEqual(done.err.count(str(plugins)), 32)
        self.assertIn(f"and {len(list(plugins.iterdir())) - 32} more", done.err)


class ProbeProgram(CliTest):
    """A copy of the program somewhere, with a stand-in for tenon-probe that says that it ran."""

    def program_with_probe(self, name, probe, mode=0o755):
        prefix = self.folder / name
        for folder in ("bin", "lib/tenon/plugins/1"):
            (prefix / folder).mkdir(parents=True)
        shutil.copy(BINARY, prefix / "bin" / "tenon")
        shutil.copy(FIXTURES / "good.tenon.so", prefix / "lib/tenon/plugins/1")
        (prefix / probe).write_text(f"#!/bin/sh\ntouch {prefix}/ran\nexec {BINARY}-probe \"$@\"\n")
        (prefix / probe).chmod(0o755)
        (prefix / "bin").chmod(mode)
        return prefix

    def plugins_of(self, prefix, program="bin/tenon"):
        rows = self.json("plugins", binary=str(prefix / program),
                         env={"XDG_CACHE_HOME": str(prefix / "cache")})["plugins"]
        return {pathlib.Path(row["path"]).name: row for row in rows}

    def test_it_is_run_where_the_installation_puts_it(self):
        prefix = self.program_with_probe("whole", "bin/tenon-probe")
        self.assertTrue(self.plugins_of(prefix)["good.tenon.so"]["loaded"])
        self.assertTrue((prefix / "ran").exists())

    def test_it_is_not_run_from_where_the_program_happens_to_lie(self):
        prefix = self.program_with_probe("loose", "bin/tenon-probe")
        (prefix / "moved").mkdir()
        for file in ("tenon", "tenon-probe"):
            (prefix / "bin" / file).rename(prefix / "moved" / file)
        self.plugins_of(prefix, "moved/tenon")
        self.assertFalse((prefix / "ran").exists())

    def test_it_is_not_run_from_a_folder_that_others_may_write_to(self):
        for name, mode in (("open", 0o777), ("sticky", 0o1777), ("group", 0o775)):
            with self.subTest(name=name):
                prefix = self.program_with_probe(name, "bin/tenon-probe", mode)
                good = self.plugins_of(prefix)["good.tenon.so"]
                self.assertFalse(good["loaded"])
                self.assertIn("tenon-probe: its folder is writable by others", good["reason"])
                self.assertFalse((prefix / "ran").exists())

    def test_an_old_refusal_is_told_until_it_is_tried_again(self):
        prefix = self.program_with_probe("retry", "bin/tenon-probe")
        shutil.copy(FIXTURES / "crash_on_load.tenon.so", prefix / "lib/tenon/plugins/1")
        self.plugins_of(prefix)
        cache = prefix / "cache/tenon/probe.json"
        remembered = json.loads(cache.read_text())
        for result in remembered["results"].values():
            result["reason"] = result["reason"] and "as remembered"
        cache.write_text(json.dumps(remembered))
        (prefix / "ran").unlink()
        self.assertEqual(self.plugins_of(prefix)["crash_on_load.tenon.so"]["reason"], "as remembered")
        self.assertFalse((prefix / "ran").exists())
        again = self.json("plugins", "--retry", binary=str(prefix / "bin/tenon"),
                          env={"XDG_CACHE_HOME": str(prefix / "cache")})
        self.assertIn("SIGSEGV", json.dumps(again))
        self.assertTrue((prefix / "ran").exists())


if __name__ == "__main__":
    unittest.main()
