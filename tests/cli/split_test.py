"""Models that are split into several files (NAME-00001-of-00003.gguf): any part stands for all."""
import os
import pathlib
import struct
import subprocess
import unittest

from harness import BINARY, RUN, TIMEOUT, CliTest

SIZES = {0: 1, 1: 1, 2: 2, 3: 2, 4: 4, 5: 4, 6: 4, 7: 1, 10: 8, 11: 8, 12: 8}  # of value types
STRING, ARRAY, ALIGNMENT = 8, 9, 32


class Gguf:
    """The pieces of a file: its entries as bytes, its tensors as (row of the table, data)."""

    def __init__(self, path):
        self.bytes, self.at = pathlib.Path(path).read_bytes(), 24
        n_tensors, self.n_entries = struct.unpack_from("<QQ", self.bytes, 8)
        for _ in range(self.n_entries):
            self.skip_string()
            self.skip_value(*self.take("<I"))
        self.entries = self.bytes[24:self.at]
        rows = [self.row() for _ in range(n_tensors)]
        start = self.at + -self.at % ALIGNMENT
        ends = sorted(offset for _, offset in rows)[1:] + [len(self.bytes) - start]
        data = dict(zip(sorted(offset for _, offset in rows), ends))
        self.tensors = [(row, self.bytes[start + offset:start + data[offset]]) for row, offset in rows]

    def take(self, form):
        values = struct.unpack_from(form, self.bytes, self.at)
        self.at += struct.calcsize(form)
        return values

    def skip_string(self):
        length, = self.take("<Q")
        self.at += length

    def skip_value(self, kind):
        if kind == STRING:
            self.skip_string()
        elif kind == ARRAY:
            element, count = self.take("<IQ")
            for _ in range(count):
                self.skip_value(element)
        else:
            self.at += SIZES[kind]

    def row(self):
        start = self.at
        self.skip_string()
        rank, = self.take("<I")
        self.at += 8 * rank + 4
        row = self.bytes[start:self.at]
        return row, *self.take("<Q")


def entry(key, form, kind, value):
    return struct.pack("<Q", len(key)) + key.encode() + struct.pack("<I" + form, kind, value)


def write_part(path, entries, n_entries, tensors):
    rows, data = b"", b""
    for row, values in tensors:
        rows += row + struct.pack("<Q", len(data))
        data += values + bytes(-len(values) % ALIGNMENT)
    head = b"GGUF" + struct.pack("<IQQ", 3, len(tensors), n_entries) + entries + rows
    path.write_bytes(head + bytes(-len(head) % ALIGNMENT) + data)


def split(model, prefix, *counts):
    """Parts with so many tensors each, the last with the rest; returns their paths."""
    whole, paths, at = Gguf(model), [], 0
    for index, count in enumerate([*counts, len(whole.tensors)]):
        keys = (entry("split.no", "H", 2, index) + entry("split.count", "H", 2, len(counts) + 1)
                + entry("split.tensors.count", "i", 5, len(whole.tensors)))
        first = index == 0
        paths.append(pathlib.Path(f"{prefix}-{index + 1:05}-of-{len(counts) + 1:05}.gguf"))
        write_part(paths[-1], (whole.entries if first else b"") + keys,
                   whole.n_entries * first + 3, whole.tensors[at:at + count])
        at += count
    return paths


class SplitModel(CliTest):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.parts = split(cls.model, cls.folder / "tiny", 3, 9)

    def lonely(self, name, *kept):
        """A folder with some of the parts."""
        folder = self.folder / name
        folder.mkdir()
        return [(folder / self.parts[i].name, (folder / self.parts[i].name).write_bytes(
            self.parts[i].read_bytes()))[0] for i in kept]

    def test_any_part_runs_as_the_whole(self):
        command = ("run", "-p", "hello", "-n", 12, *RUN)
        alone = self.json(*command, self.model)
        for part in self.parts:
            with self.subTest(part=part.name):
                split_up = self.json(*command, part)
                for key in ("text", "tokens", "kernels"):
                    self.assertEqual(split_up[key], alone[key], key)
                self.assertEqual(split_up["timings"]["load"]["bytes_mapped"], alone["timings"]["load"]["bytes_mapped"])

    def test_every_command_takes_any_part(self):
        whole = self.json("inspect", self.model)
        for part in self.parts:
            with self.subTest(part=part.name):
                shown = self.json("inspect", part)
                self.assertEqual(shown["parts"], [str(path) for path in self.parts])
                self.assertEqual(shown["parameters"], whole["parameters"])
                self.assertEqual([t["name"] for t in shown["tensors"]],
                                 [t["name"] for t in whole["tensors"]])
                self.assertEqual({t["part"] for t in shown["tensors"]}, {0, 1, 2})
                self.assertEqual(shown["findings"], whole["findings"])
                self.assertIn(self.parts[2].name, self.ok("inspect", part).out)
                self.assertEqual(self.json("plan", part)["n_ctx"], self.json("plan", self.model)["n_ctx"])
                self.assertEqual(self.ok("tokenize", part, "hello").out,
                                 self.ok("tokenize", self.model, "hello").out)
                rows = [self.folder / "a.npy", self.folder / "b.npy"]
                for file, path in zip((part, self.model), rows):
                    self.ok("logits", file, "--tokens", "1,2,3", "--output", path)
                self.assertEqual(rows[0].read_bytes(), rows[1].read_bytes())

    def test_a_missing_part_is_named(self):
        first, third = self.lonely("without-second", 0, 2)
        second = self.parts[1].name
        for part in (first, third):
            for command in (("run", part, "-p", "x"), ("plan", part), ("chat", part),
                            ("logits", part, "--tokens", "1", "--output", self.folder / "x.npy")):
                self.refused(3, *command, says=f"of which {second} is missing")
        self.assertIn(f"of which {second} is missing", self.ok("inspect", first).out)
        self.ok("tokenize", first, "hello")
        self.ok("tokenize", third, "hello")  # the first part is beside it

    def test_without_the_first_part_there_is_no_text(self):
        part, = self.lonely("second-alone", 1)
        for command in ("tokenize", "run"):
            options = ["hello"] if command == "tokenize" else ["-p", "hello"]
            self.refused(3, command, part, *options, says=[
                f"of which {self.parts[0].name}, {self.parts[2].name} are missing"])
        self.assertIn("2 of 3", self.ok("inspect", part).out)

    def test_a_part_that_is_cut_short_is_an_error_of_that_file(self):
        first, second, _ = self.lonely("short", 0, 1, 2)
        os.truncate(second, second.stat().st_size - 4096)
        done = self.refused(3, "run", first, "-p", "hello", *RUN)
        self.assertIn(str(second), done.err)

    def test_any_part_cut_short_during_the_answer(self):
        model = self.make_model("long.gguf", "llama.context_length=1000000")
        for index in range(3):
            with self.subTest(part=index):
                parts = split(model, self.folder / f"lost{index}", 3, 9)
                process = subprocess.Popen(
                    [BINARY, "run", parts[0], "-p", "hello", *RUN, "-c", "60000"],
                    stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=self.environment())
                try:
                    process.stdout.read(5)  # the answer has begun
                    os.truncate(parts[index], 256)
                    _, err = process.communicate(timeout=TIMEOUT)
                finally:
                    process.kill()
                self.assertEqual(process.returncode, 1, err)
                self.assertIn(f"{parts[index]}: model_io_error".encode(), err)


if __name__ == "__main__":
    unittest.main()
