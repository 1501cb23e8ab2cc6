"""A normal run beside every plugin that breaks the contract; each is refused with one line."""
import shutil
import unittest

from harness import FIXTURES, PLUGINS, RUN, CliTest

GOOD = {"good", "good_again", "good_backend", "newer_but_willing", "stripped"}
# Good plugins too, but one writes to stdout and the other's child keeps it open for half a minute.
NOISY = {"print_on_load", "spawn_on_load"}


class BadPlugins(CliTest):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.plugins = cls.folder / "plugins"
        cls.plugins.mkdir(mode=0o755)
        for file in [*FIXTURES.glob("*.tenon.so"), *PLUGINS.glob("*.tenon.so")]:
            if file.name.split(".")[0] not in NOISY:
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

    def test_each_has_its_reason_on_one_line(self):
        rows = self.candidates()
        bad = {name for name in rows if (FIXTURES / f"{name}.tenon.so").exists()} - GOOD
        bad |= {"text", "empty", "wrong_machine"}
        self.assertGreaterEqual(len(bad), 28)
        self.assertLessEqual({"crash_on_load", "hang_on_load", "exit_on_load", "wrong_major", "unresolved"}, bad)
        for name in sorted(bad):
            with self.subTest(name=name):
                self.assertFalse(rows[name]["loaded"])
                self.assertTrue(rows[name]["reason"])
                self.assertNotIn("\n", rows[name]["reason"])
                print(f"{name}: {rows[name]['reason']}")

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


if __name__ == "__main__":
    unittest.main()
