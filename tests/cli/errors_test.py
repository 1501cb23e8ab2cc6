"""Wrong requests: the exit code of each, and a message that says what is wrong."""
import os
import pathlib
import struct
import unittest

from harness import RUN, CliTest

P = ["-p", "x", "-n", "1"]


class Usage(CliTest):
    def test_commands(self):
        self.refused(2, says="tenon help")
        self.refused(2, "rnu", says="did you mean run?")
        self.refused(2, "tokenise", says="did you mean tokenize?")
        self.refused(2, "help", "rnu", says="rnu")
        self.refused(2, "frobnicate-the-whole-thing", says="there is no command")

    def test_flags(self):
        self.refused(2, "run", self.model, *P, "--tmep", 0, says=["--tmep", "did you mean --temp?", "usage: tenon run"])
        self.refused(2, "run", self.model, *P, "--tem", 0, says="--tem")
        self.refused(2, "plugins", "--modle", says="there is no flag --modle")
        self.refused(2, "run", self.model, *P, "-Z", says="-Z")

    def test_what_is_missing_or_too_much(self):
        self.refused(2, "run", *P, says="MODEL")
        self.refused(2, "run", self.model, says="-p TEXT or -f FILE")
        self.refused(2, "run", self.model, "-p", "x", "-f", self.model, says="-p TEXT or -f FILE")
        self.refused(2, "run", self.model, "extra", *P)
        self.refused(2, "run", self.model, "-p", "", "--raw", says="prompt is empty")
        self.refused(2, "run", self.model, "-f", self.folder / "no-such-file", says="no-such-file")
        self.refused(2, "run", self.model, "-f", self.folder)
        self.refused(2, "logits", self.model, "--tokens", "1", says="--output")
        self.refused(2, "logits", self.model, "--output", "x.npy", says="--tokens or --prompt")
        self.refused(2, "logits", self.model, "--tokens", "1", "--prompt", "x", "--output", "x.npy")
        self.refused(2, "tokenize", self.model, says="TEXT or --stdin")
        self.refused(2, "tokenize", self.model, "x", "--stdin", says="TEXT or --stdin")
        for command in ("logits", "tokenize", "detokenize", "inspect", "plan"):
            self.refused(2, command, says="MODEL")

    def test_the_last_of_two_flags_counts(self):
        """People's aliases give flags that they then give again."""
        once = self.json("run", self.model, "-p", "hello", "-n", 3, *RUN)
        twice = self.json("run", self.model, "-p", "x", "--raw", "-n", 9, "--temp", "2", "--json", "-p", "hello", "-n", 3, *RUN)
        self.assertEqual(twice["tokens"], once["tokens"])
        self.ok("plugins", "--color", "never", "--json", "--color", "auto")
        self.refused(2, "plugins", "--color", "never", "--color", "sometimes", says="--color sometimes")

    def test_an_empty_value_is_a_value(self):
        for prompt in (["--prompt="], ["--prompt", ""], ["-p", ""]):
            self.assertEqual(self.json("run", self.model, *prompt, "-n", 1, "--temp", 0)["completion_tokens"], 1)
        self.ok("run", self.model, "-p", "--system=", "--system=", "-n", 1)  # the first one is a prompt
        self.refused(2, "run", self.model, "--prompt=", "--raw", says="prompt is empty")
        self.refused(2, "run", self.model, *P, "--json=", says="json")

    def test_messages_name_the_flag_and_what_it_takes(self):
        self.refused(2, "run", self.model, *P, "-t", "-1", says="--threads -1: must be a whole number, 0 or more")
        self.refused(2, "run", self.model, *P, "--temp", "warm", says="--temp warm: must be a number")
        self.refused(2, "run", self.model, *P, "--top-k", "9" * 20, says="--top-k " + "9" * 20 + ": is out of range")

    def test_messages_add_the_flag_that_would_help(self):
        self.refused(5, "run", self.model, "-p", "x" * 200, "--raw", "-c", 100, says="available 100 (-c sets the context)")
        self.refused(4, "run", self.model, *P, "--backend", "abacus", says=["backend abacus", "\n(--backend, "])
        self.refused(2, "run", self.model, *P, "--kernel", "garbage", says=["kernel rule \"garbage\"", "(--kernel sets"])
        self.refused(4, "run", self.model, *P, "--cache-type", "q4_0", says="(--cache-type takes f16, f32 or q8_0)")
        self.refused(3, "run", self.make_model("plain.gguf", "without=tokenizer.chat_template"), *P, says="(--raw sends")

    def test_a_context_above_that_of_the_training_is_a_warning(self):
        model = self.make_model("short.gguf", "llama.context_length=64")
        self.assertIn("a context of 128 positions is above the 64", self.ok("run", model, *P, "--raw", "-c", 128).err)
        self.assertNotIn("above", self.ok("run", model, *P, "--raw", "-c", 64).err)

    def test_numbers(self):
        for flag, values in {
            "-n": ["x", "1.5", "99999999999999999999"],
            "-t": ["-1", "x", "4294967296", "100000"],
            "-c": ["-1", "x", "99999999"],
            "-b": ["0", "-1", "100000"],
            "--seed": ["-1", "x", "18446744073709551616"],
            "--temp": ["x", "nan", "inf", "-1"],
            "--top-k": ["-1", "x"],
            "--top-p": ["nan", "-0.1", "1.5"],
            "--min-p": ["nan", "-0.1", "1.5"],
            "--typical": ["nan", "-0.1", "1.5"],
            "--repeat-penalty": ["nan", "0", "-1", "inf"],
            "--repeat-last-n": ["-2", "x"],
            "--presence-penalty": ["nan", "inf"],
            "--frequency-penalty": ["nan", "inf"],
            "--logit-bias": ["x", "1", "=1", "1=", "1=x", "99999=1", "-1=1", "1=nan"],
        }.items():
            for value in values:
                with self.subTest(flag=flag, value=value):
                    self.refused(2, "run", self.model, "-p", "x", f"{flag}={value}" if flag.startswith("--") else f"{flag}{value}")

    def test_names(self):
        for flag, value in [("--cache-type", "f17"), ("--color", "sometimes"), ("--backend", ""), ("--backend", "cpu/"),
                            ("--backend", "/avx2"), ("--kernel", "garbage"), ("--kernel", "=x"), ("--kernel", "matmul="),
                            ("--kernel", "no_such_op=x"), ("--kernel", "matmul[q4_1=x"), ("--log-file", self.model + "/log")]:
            with self.subTest(flag=flag, value=value):
                done = self.refused(2, "run", self.model, *P, flag, value)
                self.assertTrue(flag in done.err or value in done.err, done.err)

    def test_tokens(self):
        out = str(self.folder / "never.npy")
        for tokens in ("", "x", "1,,2", "1,", ",1", "1 2", "-1", "263", "99999999999", "1,2,263"):
            with self.subTest(tokens=tokens):
                self.refused(2, "logits", self.model, "--tokens", tokens, "--output", out)
                self.assertFalse(os.path.exists(out))
        self.refused(2, "logits", self.model, "--tokens", "1", "--chunk=-1", "--output", out)


class ModelFile(CliTest):
    def bad(self, path, *says, code=3):
        for command in (["run", path, *P], ["plan", path], ["logits", path, "--tokens", "1", "--output", "/dev/null"]):
            self.refused(code, *command, says=says)

    def test_missing(self):
        self.bad(self.folder / "no-such.gguf", "no-such.gguf")
        self.refused(3, "inspect", self.folder / "no-such.gguf", says="no-such.gguf")

    def test_not_a_model(self):
        garbage = self.folder / "garbage.gguf"
        for data in (b"", b"G", b"GGUF", b"\0" * 4096, b"GGUF" + b"\xff" * 4096, b"#!/bin/sh\n", os.urandom(9999)):
            garbage.write_bytes(data)
            self.bad(garbage, "garbage.gguf")
            self.refused(3, "inspect", garbage, says="garbage.gguf")
            self.refused(3, "tokenize", garbage, "x", says="garbage.gguf")
        self.bad(self.folder, str(self.folder))

    def test_truncated(self):
        data = pathlib.Path(self.model).read_bytes()
        cut = self.folder / "cut.gguf"
        for size in [1, 7, 8, 23, 24, 25, 100, 1000, 4000, 8000, len(data) // 4, len(data) // 2, len(data) - 33, len(data) - 1]:
            with self.subTest(size=size):
                cut.write_bytes(data[:size])
                self.refused(3, "run", cut, *P, says="cut.gguf")
                self.refused(3, "inspect", cut, says="cut.gguf")

    def test_tensor_is_missing(self):
        for name in ("token_embd.weight", "blk.0.attn_norm.weight", "blk.1.ffn_down.weight", "output_norm.weight"):
            self.bad(self.make_model("bad.gguf", "without=" + name), name)

    def test_key_is_missing(self):
        for key in ("llama.block_count", "llama.embedding_length", "llama.attention.head_count", "llama.feed_forward_length",
                    "llama.context_length", "llama.attention.layer_norm_rms_epsilon"):
            self.bad(self.make_model("bad.gguf", "without=" + key), key)
        self.bad(self.make_model("bad.gguf", "without=tokenizer.ggml.model"), "tokenizer.ggml.model")

    def test_hyper_parameters_that_disagree(self):
        for option in ("llama.block_count=0", "llama.block_count=3", "llama.block_count=4294967295",
                       "llama.embedding_length=0", "llama.embedding_length=256", "llama.embedding_length=4294967295",
                       "llama.attention.head_count=0", "llama.attention.head_count=3", "llama.attention.head_count=65536",
                       "llama.attention.head_count_kv=0", "llama.attention.head_count_kv=3",
                       "llama.attention.head_count_kv=8", "llama.feed_forward_length=0", "llama.feed_forward_length=512",
                       "llama.context_length=0", "llama.attention.layer_norm_rms_epsilon=0",
                       "llama.attention.layer_norm_rms_epsilon=nan", "llama.attention.layer_norm_rms_epsilon=-1",
                       "llama.rope.freq_base=nan", "llama.rope.freq_base=0", "llama.rope.freq_base=-1",
                       "llama.rope.freq_base=inf", "llama.attention.key_length=31", "llama.rope.dimension_count=7",
                       "llama.rope.dimension_count=64"):
            with self.subTest(option=option):
                self.bad(self.make_model("bad.gguf", option), "bad.gguf")

    def test_special_ids_out_of_range(self):
        for option in ("tokenizer.ggml.eos_token_id=263", "tokenizer.ggml.bos_token_id=4294967295"):
            with self.subTest(option=option):
                warned = self.ok("run", self.make_model("bad.gguf", option), *P, "-n", "1")
                self.assertIn("token id", warned.err)

    def test_without_a_vocabulary_only_token_ids_work(self):
        data, model = pathlib.Path(self.model).read_bytes(), self.folder / "ids.gguf"
        before = b"tokenizer.ggml.model" + struct.pack("<IQ", 8, 4)
        self.assertEqual(data.count(before), 1)
        at = data.index(before) + len(before)
        model.write_bytes(data[:at] + b"none" + data[at + 4:])
        self.ok("plan", model)
        npy = self.folder / "ids.npy"
        self.ok("logits", model, "--tokens", "1,2,3", "--output", npy)
        self.assertGreater(npy.stat().st_size, 1000)
        self.refused(3, "run", model, *P, "--raw", says="token ids only")

    def test_without_a_template_only_raw_prompts_work(self):
        model = self.make_model("plain.gguf", "without=tokenizer.chat_template")
        self.refused(3, "run", model, *P, says="chat_template")
        self.ok("run", model, *P, "--raw")

    def test_weights_that_are_not_finite(self):
        model = self.make_model("nan.gguf", "nan=blk.1.ffn_norm.weight")
        self.refused(1, "run", model, *P, *RUN, says="non_finite_logits")


class Unavailable(CliTest):
    def test_backends(self):
        for backend, says in [("abacus", "abacus"), ("cpu/abacus", "abacus"), ("cpu/7", "cpu/7"), ("abacus/0", "abacus")]:
            for command in (["run", self.model, *P], ["plan", self.model]):
                self.refused(4, *command, "--backend", backend, says=[says, "cpu/0"])

    def test_architecture(self):
        self.refused(4, "run", self.make_model("elephant.gguf", "arch=elephant"), *P, says=["elephant", "llama"])

    def test_plugins_that_the_user_names(self):
        for command in (["run", self.model, *P], ["plugins"], ["devices"]):
            self.refused(4, *command, "--plugin", self.model, says="tiny.gguf")
            self.refused(4, *command, "--plugin", self.folder / "no-such.tenon.so", says="no-such.tenon.so")
            self.refused(4, *command, "--plugin", "/dev/null", says="/dev/null")

    def test_kernels(self):
        self.refused(4, "run", self.model, *P, "--kernel", "matmul=no.such.kernel", says="no.such.kernel")

    def test_no_plugins_at_all(self):
        program = self.folder / "elsewhere" / "bin"
        program.mkdir(parents=True, exist_ok=True)
        lonely = program / "tenon"
        if not lonely.exists():
            os.link(os.environ["TENON_BINARY"], lonely) if same_disk(program) else copy(lonely)
        self.refused(4, "run", self.model, *P, binary=str(lonely), says="llama")
        self.assertIn("no plugin", self.ok("plugins", binary=str(lonely)).out)


def same_disk(folder):
    return os.stat(folder).st_dev == os.stat(os.environ["TENON_BINARY"]).st_dev


def copy(target):
    target.write_bytes(pathlib.Path(os.environ["TENON_BINARY"]).read_bytes())
    target.chmod(0o755)


class Limits(CliTest):
    def test_prompt_longer_than_the_context(self):
        self.refused(5, "run", self.model, "-p", "x" * 200, "--raw", "-c", 100, says=["needed 201", "available 100"])
        tokens = ",".join(["1"] * 65)
        out = self.folder / "never.npy"
        self.refused(5, "logits", self.model, "--tokens", tokens, "-c", 64, "--output", out, says=["needed", "available 64"])
        self.assertFalse(out.exists())

    def test_context_that_fills_up_ends_the_answer(self):
        d = self.json("run", self.model, "-p", "hello", "-c", 32, *RUN)
        self.assertEqual((d["finish_reason"], d["prompt_tokens"] + d["completion_tokens"]), ("length", 32))

    def test_prompt_that_just_fits(self):
        self.assertEqual(self.json("run", self.model, "-p", "x" * 31, "-c", 32, *RUN)["completion_tokens"], 1)
        self.refused(5, "run", self.model, "-p", "x" * 32, "-c", 32, *RUN)

    def test_memory(self):
        model = self.make_model("long.gguf", "llama.context_length=2147483647")
        self.refused(5, "run", model, *P, "-c", 2147483647, says=["needed", "available"])
        self.ok("run", model, *P, "--raw")  # the default context shrinks to what there is


class Outputs(CliTest):
    def test_place_that_cannot_be_written(self):
        for place in ("/no/such/folder/out.npy", self.folder):
            self.refused(1, "logits", self.model, "--tokens", "1", "--output", place, says=str(place))


if __name__ == "__main__":
    unittest.main()
