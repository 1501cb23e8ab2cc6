"""tenon make-model: files of published shapes, what is refused, and that nothing half done stays."""
import unittest

from harness import CliTest

SMALL = ["--shape", "smollm2-135m", "--layers", 1]


class MakeModel(CliTest):
    def test_document_and_file(self):
        out = self.folder / "made.gguf"
        d = self.json("make-model", *SMALL, "--mix", "q8_0", out)
        self.assertEqual((d["arch"], d["shape"], d["mix"], d["layers"]), ("llama", "smollm2-135m", "Q8_0", 1))
        self.assertEqual((d["bytes"], d["tensors"], d["vocabulary"]), (out.stat().st_size, 11, 49152))
        file = self.json("inspect", out)
        self.assertEqual((file["size"], len(file["tensors"]), file["parameters"]), (d["bytes"], d["tensors"], d["parameters"]))
        self.assertEqual(file["findings"], [])
        self.assertIn("synthetic weights", file["metadata"]["general.name"])
        self.assertEqual({t["dtype"] for t in file["tensors"] if len(t["dims"]) > 1}, {"q8_0"})

    def test_architecture_and_the_end_of_a_name(self):
        out = self.folder / "end.gguf"
        d = self.json("make-model", "--arch", "llama", "--shape", "135m", "--layers", 1, "--sparse", out)
        self.assertEqual(d["shape"], "smollm2-135m")

    def test_a_made_model_speaks_through_its_chat_template(self):
        out = self.folder / "speaks.gguf"
        self.ok("make-model", *SMALL, "--quiet", out)
        messages = self.folder / "messages.json"
        messages.write_text('[{"role": "user", "content": "hi"}]')
        self.assertEqual(self.ok("template", out, "--messages", messages).out,
                         "<|im_start|>user\nhi<|im_end|>\n<|im_start|>assistant\n")
        d = self.json("tokenize", out, "<|im_start|>abcd", "--json")
        self.assertEqual(d["pieces"], ["<|im_start|>", "abcd"])
        self.assertEqual(len(self.json("run", out, "-p", "hi", "-n", 3, "--temp", 0, "-c", 64, "--ignore-eos")["tokens"]), 3)

    def test_sparse_takes_no_room(self):
        out = self.folder / "sparse.gguf"
        self.ok("make-model", "--shape", "qwen3-32b", "--sparse", out)
        self.assertGreater(out.stat().st_size, 19_000_000_000)
        self.assertLess(out.stat().st_blocks * 512, 60_000_000)
        out.unlink()

    def test_refusals(self):
        out = self.folder / "none.gguf"
        self.refused(2, "make-model", out, says="no --shape")
        self.refused(2, "make-model", "--shape", "qwen3-8c", out, says='no shape "qwen3-8c"; did you mean qwen3-8b?')
        self.refused(2, "make-model", "--shape", "gpt-5", out, says=["there is no shape", "smollm2-135m"])
        self.refused(2, "make-model", *SMALL, "--mix", "q4_k_x", out, says="did you mean q4_k")
        self.refused(3, "make-model", *SMALL, "--tokenizer", self.folder / "absent.gguf", out, says="absent.gguf")
        self.refused(1, "make-model", *SMALL, "/dev/full", says="/dev/full: cannot write: No space left on device")
        self.refused(1, "make-model", *SMALL, self.folder / "no" / "such.gguf", says="such.gguf")
        self.assertFalse(out.exists())
        self.assertEqual([p for p in self.folder.iterdir() if p.name.endswith(".tmp")], [])


if __name__ == "__main__":
    unittest.main()
