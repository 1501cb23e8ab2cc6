"""Hosts and plugins of today ("old") and with every struct 8 bytes longer ("new"), and their four pairs."""
import os
import pathlib
import shutil
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "cli"))
import npy  # noqa: E402, F401: for the tests
from harness import BINARY, EXAMPLES, PLUGINS, CliTest  # noqa: E402

GROWN_PLUGINS = pathlib.Path(os.environ["TENON_GROWN_PLUGINS"])
NEEDS_MINOR_1 = os.environ["TENON_NEEDS_MINOR_1"]
ABI = {"old": "1.0", "new": "1.1"}
PAIRS = [(host, plugins) for host in ABI for plugins in ABI]
NAMES = ["cpu.tenon.so", "cpu_reference.tenon.so", "foreign.tenon.so", "model_llama.tenon.so"]


class PairsTest(CliTest):
    """Each host lies in a folder of its own with its probe, away from any installed plugin."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.hosts, cls.folders = {}, {}
        for age, binary in (("old", BINARY), ("new", os.environ["TENON_GROWN_BINARY"])):
            bin_folder = cls.folder / age / "bin"
            bin_folder.mkdir(parents=True, mode=0o755)
            for name in ("tenon", "tenon-probe"):
                shutil.copy2(pathlib.Path(binary).parent / name, bin_folder)
            cls.hosts[age] = str(bin_folder / "tenon")
        for age, sources in (("old", (PLUGINS, EXAMPLES)), ("new", (GROWN_PLUGINS,))):
            cls.folders[age] = cls.folder / age / "plugins"
            cls.folders[age].mkdir(mode=0o755)
            for name in NAMES:
                shutil.copy2(next(s / name for s in sources if (s / name).is_file()), cls.folders[age])

    def run_pair(self, host, plugins, *arguments):
        return self.ok(*arguments, binary=self.hosts[host], env={"TENON_PLUGIN_PATH": str(self.folders[plugins])})

    def same_in_all_pairs(self, what):
        """what(host, plugins) gives the same, which is returned, whoever is older."""
        answers = {pair: what(*pair) for pair in PAIRS}
        for pair, answer in answers.items():
            self.assertEqual(answer, answers["old", "old"], f"{pair[0]} host, {pair[1]} plugins")
        return answers["old", "old"]
