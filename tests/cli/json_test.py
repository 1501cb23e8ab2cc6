"""What every command prints: the keys of each --json document, and stdout that is the answer only."""
import os
import pathlib
import resource
import signal
import struct
import subprocess
import unittest

import npy
from harness import BINARY, RUN, CliTest

LOAD = {"open_ms", "header_ms", "tokenizer_ms", "map_ms", "touch_ms", "repack_ms", "upload_ms", "compile_ms",
        "warmup_ms", "ready_ms", "bytes_mapped", "bytes_borrowed", "bytes_packed", "bytes_uploaded"}


class Run(CliTest):
    def test_document(self):
        d = self.json("run", self.model, "-p", "hello", "-n", 5, "--seed", 7, *RUN)
        self.assertLessEqual({"text", "tokens", "finish_reason", "prompt_tokens", "completion_tokens", "seed", "timings",
                              "memory", "backend", "kernels"}, d.keys())
        self.assertEqual((len(d["tokens"]), d["completion_tokens"], d["prompt_tokens"]), (5, 5, 4))
        self.assertEqual((d["finish_reason"], d["seed"], d["backend"]), ("length", 7, "cpu"))
        self.assertLessEqual({"load", "ttft_ms", "prefill_tps", "decode_tps", "sampling_us_per_token"}, d["timings"].keys())
        self.assertLessEqual(LOAD, d["timings"]["load"].keys())
        self.assertGreater(d["timings"]["load"]["ready_ms"], 0)
        self.assertGreater(d["timings"]["decode_tps"], 0)
        self.assertLessEqual({"planned", "allocated", "peak_rss"}, d["memory"].keys())
        self.assertGreater(d["memory"]["peak_rss"], 1 << 20)
        self.assertTrue(d["kernels"])

    def test_stdout_is_the_answer(self):
        done = self.ok("run", self.model, "-p", "hello", "-n", 9, *RUN)
        text = self.json("run", self.model, "-p", "hello", "-n", 9, *RUN)["text"]
        self.assertEqual(done.out, text + "\n")
        for word in ("load", "prefill", "decode", "tokens/s", "memory"):
            self.assertIn(word, done.err)
        self.assertRegex(done.err, r"(?m)^backend  cpu/reference$")  # what ran
        self.assertNotIn("kernel", done.err)
        self.assertRegex(self.ok("run", self.model, "-p", "hello", "-n", 1, "--verbose", *RUN).err, r"(?m)^kernels  tenon\.\S+")

    def test_quiet_says_nothing_else(self):
        self.assertEqual(self.ok("run", self.model, "-p", "hello", "-n", 3, "--quiet", *RUN).err, "")

    def test_prompt_from_file_and_stdin(self):
        file = self.folder / "prompt.txt"
        file.write_text("hello")
        expected = self.json("run", self.model, "-p", "hello", "-n", 5, *RUN)["tokens"]
        self.assertEqual(self.json("run", self.model, "-f", file, "-n", 5, *RUN)["tokens"], expected)
        self.assertEqual(self.json("run", self.model, "-f", "-", "-n", 5, *RUN, stdin=b"hello")["tokens"], expected)

    def test_seed_gives_the_same_answer(self):
        draw = ["run", self.model, "-p", "hello", "-n", 20, "--ignore-eos", "--seed"]
        self.assertEqual(self.json(*draw, 3)["tokens"], self.json(*draw, 3)["tokens"])
        self.assertNotEqual(self.json(*draw, 3)["tokens"], self.json(*draw, 4)["tokens"])

    def test_reported_seed_repeats_a_random_answer(self):
        first = self.json("run", self.model, "-p", "hello", "-n", 20, "--ignore-eos")
        again = self.json("run", self.model, "-p", "hello", "-n", 20, "--ignore-eos", "--seed", first["seed"])
        self.assertEqual(first["tokens"], again["tokens"])

    def test_a_raw_prompt_that_begins_with_bos_gets_no_second_one(self):
        key, model, bos = b"tokenizer.ggml.add_bos_token\x07\0\0\0", self.folder / "bos.gguf", "<|start|>"
        model.write_bytes(pathlib.Path(self.model).read_bytes().replace(key + b"\0", key + b"\1"))
        self.assertEqual(self.json("tokenize", model, "x")["pieces"][0], bos)
        count = lambda prompt: self.json("run", model, "-p", prompt, "-n", 1, *RUN)["prompt_tokens"]
        self.assertEqual(count(bos + "hello"), count("hello"))
        self.assertEqual(count("h" + bos), count("h") + 1)

    def test_stop_string_ends_the_answer(self):
        whole = self.json("run", self.model, "-p", "hello", "-n", 20, *RUN)
        tokens = self.json("run", self.model, "-p", "hello", "-n", 20, *RUN, "--logit-bias", "97=50", "--stop", "aaa")
        self.assertNotIn("aaa", tokens["text"])
        self.assertEqual(tokens["finish_reason"], "stop")
        self.assertEqual(whole["finish_reason"], "length")

    def test_system_message_lengthens_the_prompt(self):
        flags = ["-n", 1, "--temp", 0, "-t", 1]
        short = self.json("run", self.model, "-p", "x", *flags)["prompt_tokens"]
        self.assertGreater(self.json("run", self.model, "-p", "x", "--system", "Be brief.", *flags)["prompt_tokens"], short + 9)


class Logits(CliTest):
    def logits(self, *arguments, model=None):
        out = self.folder / "out.npy"
        out.unlink(missing_ok=True)
        self.ok("logits", model or self.model, "--output", out, *arguments)
        return npy.read(out)

    def test_shape_and_document(self):
        out = self.folder / "logits.npy"
        d = self.json("logits", self.model, "--tokens", "1,2,3", "--output", out)
        self.assertEqual((d["rows"], d["n_vocab"], d["output"]), (3, 263, str(out)))
        self.assertEqual(npy.read(out)[0], (3, 263))

    def test_last_is_the_last_row(self):
        shape, rows = self.logits("--tokens", "1,2,3,4,5")
        last_shape, last = self.logits("--tokens", "1,2,3,4,5", "--last")
        self.assertEqual((shape, last_shape), ((5, 263), (1, 263)))
        self.assertEqual(last, rows[-4 * 263:])

    def test_bits_do_not_depend_on_chunk_and_threads(self):
        tokens = ",".join(str(i * 7 % 263) for i in range(200))
        for backend in ("cpu/reference", "cpu"):
            _, whole = self.logits("--tokens", tokens, "--backend", backend, "-t", 1)
            for flags in (["--chunk", 1], ["--chunk", 7, "-t", 3], ["--chunk", 200, "-t", 2]):
                self.assertEqual(self.logits("--tokens", tokens, "--backend", backend, *flags)[1], whole, flags)

    def test_prompt_is_tokenised_as_it_is(self):
        ids = self.json("tokenize", self.model, "hello there")["ids"]
        self.assertEqual(self.logits("--prompt", "hello there"), self.logits("--tokens", ",".join(map(str, ids))))

    def test_stdout_stays_empty(self):
        self.assertEqual(self.ok("logits", self.model, "--tokens", "1", "--output", self.folder / "x.npy").out, "")


class Tokenize(CliTest):
    def test_document(self):
        d = self.json("tokenize", self.model, "he<|end|>")
        self.assertEqual(d["ids"], [256, 258])
        self.assertEqual(d["pieces"], ["he", "<|end|>"])

    def test_no_special(self):
        ids = self.json("tokenize", self.model, "he<|end|>", "--no-special")["ids"]
        self.assertEqual((ids[0], 258 in ids), (256, False))

    def test_stdin(self):
        self.assertEqual(self.json("tokenize", self.model, "--stdin", stdin="hé".encode())["ids"],
                         self.json("tokenize", self.model, "hé")["ids"])

    def test_empty_text(self):
        self.assertEqual(self.json("tokenize", self.model, "")["ids"], [])

    def test_any_bytes(self):
        self.json("tokenize", self.model, "--stdin", stdin=bytes(range(256)) * 20)


class Describe(CliTest):
    def test_inspect(self):
        d = self.json("inspect", self.model)
        self.assertEqual((d["format"], d["version"], len(d["tensors"])), ("gguf", 3, 20))
        self.assertEqual(d["metadata"]["llama.block_count"], 2)
        self.assertEqual(d["metadata"]["general.architecture"], "llama")
        self.assertEqual(set(d["types"]), {"f16", "f32", "q4_1", "q8_0"})
        self.assertEqual(d["findings"], [])
        self.assertEqual({"name", "dtype", "dims", "bytes", "part", "offset"}, d["tensors"][0].keys())

    def test_many_keys_are_linear(self):
        data = pathlib.Path(self.model).read_bytes()
        (keys,) = struct.unpack_from("<Q", data, 16)
        more = b"".join(struct.pack("<Q8sIB", 8, b"k%07d" % i, 0, 1) for i in range(200000))  # 32 divides its length
        many = self.folder / "many.gguf"
        many.write_bytes(data[:16] + struct.pack("<Q", keys + 200000) + more + data[24:])
        before = resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime
        self.assertEqual(self.json("inspect", many)["metadata"]["k0199999"], 1)
        self.ok("inspect", many)
        self.json("plan", many)
        self.json("tokenize", many, "x")
        self.ok("run", many, "--raw", "-p", "x", "-n", "1")
        self.assertLess(resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime - before, 15)

    def test_inspect_shows_names_that_steer_terminals_as_they_are_spelt(self):
        data, hostile = pathlib.Path(self.model).read_bytes(), self.folder / "hostile.gguf"
        name, key, words = b"blk.1.ffn_down.weight", b"tokenizer.ggml.model", b"<|start|>{{ m['role'] }}: {{ m['content'] }}<|end|>"
        self.assertEqual([data.count(text) for text in (name, key, words)], [1, 1, 1])
        hostile.write_bytes(data.replace(name, b"blk.1.\x1b[31mdwn.weight").replace(key, b"tokenizer.\xc2\x9bml.modes")
                            .replace(words, b"x" + "é".encode() * ((len(words) - 1) // 2)))
        out = self.ok("inspect", hostile).stdout.decode()  # strictly: no character is cut in half
        self.assertIn(r'"blk.1.\x1b[31mdwn.weight"', out)
        self.assertIn(r'"tokenizer.\x9bml.modes"', out)
        self.assertNotRegex(out, "[\x00-\x09\x0b-\x1f\x7f-\x9f]")
        self.assertRegex(out, r'chat_template = "\{.*xééé.*…\n')

    def test_names_without_an_end_are_cut(self):
        model = self.make_model("long.gguf", "arch=" + "x" * 100000)
        for done in (self.tenon("run", model, "-p", "x"), self.tenon("plan", model), self.ok("inspect", model)):
            self.assertIn("xxx…", done.out + done.err)
            self.assertNotIn("x" * 2000, done.out + done.err)

    def test_plugins(self):
        d = self.json("plugins")
        rows = {row["id"]: row for row in d["plugins"]}
        self.assertTrue(all(row["loaded"] or row["reason"] for row in rows.values()))
        backend = next(row for row in rows.values() if "backend" in row["kinds"])
        self.assertEqual((backend["loaded"], backend["reason"], backend["offers"]), (True, "", ["cpu"]))
        self.assertLessEqual({"path", "id", "version", "vendor", "abi", "kinds", "offers"}, backend.keys())

    def cpu(self):
        (device,) = [d for d in self.json("devices")["devices"] if d["backend"] == "cpu"]
        return device

    def test_devices(self):
        device = self.cpu()
        self.assertEqual((device["device"], device["unusable"]), ("cpu/0", ""))
        self.assertGreater(device["memory_total"], device["memory_free"])
        self.assertLessEqual({"backend", "name", "features"}, device.keys())

    def test_features_have_the_names_that_plugins_ask_for(self):
        device = self.cpu()
        here = device["features"].split()
        rows = self.json("plugins")["plugins"]
        for row in rows:  # avx2, avx512vnni, …: "needs the CPU feature avx512vnni, which is not here"
            if "the CPU feature" in row["reason"]:
                self.assertNotIn(row["reason"].split("feature ")[1].split(",")[0], here)
        with open("/proc/cpuinfo") as file:
            flags = next(line for line in file if line.startswith("flags")).split()
        kernels = {f"avx512_{name}" for name in ("vnni", "bf16", "vbmi2", "bitalg", "fp16")} & {*flags}
        self.assertLessEqual({name.replace("_", "") for name in kernels} | {"sse2"}, {*here})

    def test_plan(self):
        d = self.json("plan", self.model, "--explain", "--backend", "cpu/reference", "-c", 128)
        self.assertEqual(d["n_ctx"], 128)
        self.assertTrue(d["memory"]["planned"]["total"] > 0)
        (group,) = d["memory"]["kv_groups"]
        self.assertEqual((group["window"], group["positions"]), (0, 128))
        self.assertEqual(group["bytes"], d["memory"]["planned"]["kv"])
        self.assertGreater(group["layers"], 1)
        self.assertTrue(all(node["kernel"] and node["reason"] and node["device"] for node in d["nodes"]))
        self.assertTrue(all({"name", "dtype", "device", "layout"} == w.keys() for w in d["weights"]))
        self.assertNotIn("nodes", self.json("plan", self.model))

    def test_planned_is_taken(self):
        # allocated is by how much the process grew, not the sum of the same pools once more
        for flags in (["-c", 65536, "--backend", "cpu/reference"], ["-c", 65536, "-b", 2048]):
            memory = self.json("run", self.model, "-p", "x", "-n", 1, "-t", 1, *flags)["memory"]
            planned, taken = memory["planned"]["total"], memory["allocated"]["total"]
            self.assertNotEqual(planned, taken)
            self.assertLess(abs(planned - taken), planned * 0.1 + (2 << 20), f"{flags}: {memory}")
            pools = sum(n for pool, n in memory["planned"].items() if pool not in ("total", "weights_mapped"))
            self.assertEqual(pools, planned, flags)

    def test_plain_text_of_every_command(self):
        for command in (["inspect", self.model], ["plugins"], ["devices"], ["plan", self.model, "--explain"],
                        ["tokenize", self.model, "x"], ["help"], ["help", "run"], ["--version"]):
            done = self.ok(*command)
            self.assertTrue(done.out, command)
            self.assertEqual(done.err, "", command)

    def test_every_command_has_help(self):
        for command in ("run", "logits", "tokenize", "inspect", "plugins", "devices", "plan"):
            self.assertEqual(self.ok("help", command).out, self.ok(command, "--help").out)
            self.assertIn("usage: tenon " + command, self.ok("help", command).out)


class Stdout(CliTest):
    COMMANDS = [["run", "-p", "hello", "-n", "5", *RUN], ["inspect", "--json"], ["plan", "--explain"], ["tokenize", "x"]]

    def test_full_disk_is_a_failure(self):
        for command, *flags in self.COMMANDS:
            with open("/dev/full", "wb") as full:
                done = self.tenon(command, self.model, *flags, stdout=full)
            self.assertEqual(done.returncode, 1, f"{command}: {done.err}")
            self.assertIn("stdout", done.err)

    def test_a_reader_that_went_away_ends_every_command_without_a_word(self):
        messages, turns = self.folder / "messages.json", self.folder / "turns.txt"
        turns.write_text("hello\n")
        messages.write_text('[{"role": "user", "content": "x"}]')
        for command in (["--version"], ["help"], ["help", "run"], ["completions", "bash"], ["plugins"], ["devices", "--json"],
                        ["detokenize", self.model, "1"], ["template", self.model, "--messages", messages],
                        ["chat", self.model, "-n", "3", "-c", "512"],
                        *([command, self.model, *flags] for command, *flags in self.COMMANDS)):
            with open(turns, "rb") as stdin:
                nobody, stdout = os.pipe()
                os.close(nobody)  # before the first word is written
                process = subprocess.Popen([BINARY, *map(str, command)], stdin=stdin, stdout=stdout,
                                           stderr=subprocess.PIPE, env=self.environment())
            os.close(stdout)
            error = process.stderr.read().decode()
            process.stderr.close()
            self.assertEqual((process.wait(60), error), (-signal.SIGPIPE, ""), command)

    def test_reader_that_has_enough_ends_a_long_answer(self):
        process = subprocess.Popen([BINARY, "run", self.model, "-p", "hello", "-c", "32768", *RUN], stdin=subprocess.DEVNULL,
                                   stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=self.environment())
        self.assertTrue(process.stdout.read(1))
        process.stdout.close()
        process.stderr.read()
        process.stderr.close()
        self.assertEqual(process.wait(10), -signal.SIGPIPE)


if __name__ == "__main__":
    unittest.main()
