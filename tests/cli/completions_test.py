"""The completion scripts know every command and every flag, and bash completes with its own."""
import re
import subprocess
import unittest

from harness import CliTest

SHELLS = ("bash", "zsh", "fish")


class Completions(CliTest):
    def commands(self):
        return re.findall(r"^  ([a-z]+) {2,}", self.ok("help").out, re.M)

    def test_every_command_and_flag_is_there(self):
        scripts = {shell: self.ok("completions", shell).out for shell in SHELLS}
        self.assertGreater(len(self.commands()), 9)
        for command in self.commands():
            flags = set(re.findall(r"--([a-z][a-z0-9-]+)", self.ok("help", command).out.split("examples:")[0]))
            for shell, script in scripts.items():
                part = {"bash": rf"^    {command}\)\n(.*?)^      flags=\"([^\"]*)\"",
                        "zsh": rf"^    {command}\)\n(.*?);;",
                        "fish": rf"^(.*?)\Z"}[shell]
                found = re.search(part, script, re.M | re.S)
                self.assertTrue(found, (shell, command))
                text = found.group(found.lastindex)
                if shell == "fish":
                    text = "\n".join(line for line in script.splitlines() if f"_from {command}'" in line)
                    text = text.replace("-l ", "--")
                self.assertIn("--help", text, (shell, command))
                positional = {"model", "text", "shell", "command", "tokens", "bundle", "path"}
                for flag in flags - positional:
                    self.assertRegex(text, rf"--{flag}\b", (shell, command))

    def complete(self, *words):
        script = self.folder / "tenon.bash"
        script.write_bytes(self.ok("completions", "bash").stdout)
        line = " ".join(f"'{word}'" for word in words)
        done = subprocess.run(["bash", "--norc", "-c", f"source '{script}'; COMP_WORDS=({line}); "
                               f"COMP_CWORD={len(words) - 1}; _tenon; echo \"${{COMPREPLY[@]}}\""],
                              capture_output=True, text=True, check=True, cwd=self.folder)
        self.assertEqual(done.stderr, "")
        return done.stdout.split()

    def test_bash(self):
        self.assertEqual(self.complete("tenon", "to"), ["tokenize"])
        self.assertEqual(self.complete("tenon", "run", "--logi"), ["--logit-bias"])
        self.assertEqual(self.complete("tenon", "run", "--color", "n"), ["never"])
        self.assertEqual(self.complete("tenon", "completions", ""), list(SHELLS))
        self.assertEqual(self.complete("tenon", "run", "tin"), ["tiny.gguf"])
        self.assertEqual(self.complete("tenon", "run", "--temp", "tin"), [])
        self.assertIn("chat", self.complete("tenon", "help", ""))

    def test_backends_are_those_of_the_plugins(self):
        devices = self.json("devices")["devices"]
        expected = {"auto"} | {d["backend"] for d in devices} | {d["device"] for d in devices}
        expected |= {d["backend"] + "/" + pack for d in devices for pack in d["packs"].split()}
        self.assertGreater(len(expected), 4)
        self.assertEqual(set(self.complete("tenon", "run", "--backend", "")), expected)
        named = re.findall(r"\b[a-z0-9]+/[a-z0-9]+", re.search(r"--backend.*", self.ok("help", "run").out).group(0))
        self.assertLessEqual(set(named), expected)

    def test_other_shells_are_refused(self):
        self.refused(2, "completions", says="bash, zsh or fish")
        self.refused(2, "completions", "ksh", says="ksh")


if __name__ == "__main__":
    unittest.main()
