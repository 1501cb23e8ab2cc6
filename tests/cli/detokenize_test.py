"""Token ids to text and back, for byte-level BPE and for SentencePiece."""
import struct
import unittest

from harness import CliTest

STRING, ARRAY, F32, I32, U32, BOOL = 8, 9, 6, 5, 4, 7
NORMAL, UNKNOWN, CONTROL, BYTE = 1, 2, 3, 6


def string(text):
    data = text.encode()
    return struct.pack("<Q", len(data)) + data


def array(kind, items):
    return struct.pack("<IQ", kind, len(items)) + b"".join(items)


def vocabulary():
    """A GGUF file of SentencePiece's kind: three special tokens, 256 bytes, a few pieces."""
    words = ["▁", "h", "e", "l", "o", "he", "ll", "▁he", "llo", "▁hello"]
    tokens = ["<unk>", "<s>", "</s>"] + [f"<0x{byte:02X}>" for byte in range(256)] + words
    types = [UNKNOWN, CONTROL, CONTROL] + [BYTE] * 256 + [NORMAL] * len(words)
    scores = [0.0] * 259 + [-float(i) for i in range(len(words))]
    pairs = [("general.architecture", STRING, string("llama")), ("tokenizer.ggml.model", STRING, string("llama")),
             ("tokenizer.ggml.tokens", ARRAY, array(STRING, [string(t) for t in tokens])),
             ("tokenizer.ggml.scores", ARRAY, array(F32, [struct.pack("<f", s) for s in scores])),
             ("tokenizer.ggml.token_type", ARRAY, array(I32, [struct.pack("<i", t) for t in types])),
             ("tokenizer.ggml.bos_token_id", U32, struct.pack("<I", 1)),
             ("tokenizer.ggml.eos_token_id", U32, struct.pack("<I", 2))]
    header = b"GGUF" + struct.pack("<IQQ", 3, 0, len(pairs))
    return header + b"".join(string(key) + struct.pack("<I", kind) + value for key, kind, value in pairs)


class Detokenize(CliTest):
    def test_text(self):
        self.assertEqual(self.ok("detokenize", self.model, "256,258").out, "he<|end|>\n")
        self.assertEqual(self.ok("detokenize", self.model, "256,258", "--no-special").out, "he\n")

    def test_document(self):
        self.assertEqual(self.json("detokenize", self.model, "256,258"), {"text": "he<|end|>", "pieces": ["he", "<|end|>"]})

    def test_parts_of_a_character(self):
        self.assertEqual(self.json("detokenize", self.model, "240,159,152,128")["text"], "😀")
        self.assertEqual(self.json("detokenize", self.model, "240,159")["text"], "\ufffd")

    def test_what_is_refused(self):
        self.refused(2, "detokenize", self.model, says="token ids")
        self.refused(2, "detokenize", "1,2", says="token ids")
        for ids in ("", "x", "1,,2", "1,", "-1", "263", "99999999999"):
            with self.subTest(ids=ids):
                self.refused(2, "detokenize", self.model, ids)
        self.refused(3, "detokenize", self.folder / "no-such.gguf", "1", says="no-such.gguf")


class SentencePiece(CliTest):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.spm = cls.folder / "spm.gguf"
        cls.spm.write_bytes(vocabulary())

    def test_tokenize(self):
        d = self.json("tokenize", self.spm, "hello é</s>")
        self.assertEqual(d["ids"], [1, 268, 259, 3 + 0xC3, 3 + 0xA9, 2])
        self.assertEqual(d["pieces"][:3], ["<s>", " hello", " "])
        self.assertEqual(self.json("tokenize", self.spm, "</s>", "--no-special")["ids"],
                         [1, 259] + [3 + byte for byte in b"</s>"])

    def test_there_and_back(self):
        for text in ("hello", " hello", "  hello  hell", "é\n😀", "", " "):
            with self.subTest(text=text):
                ids = ",".join(map(str, self.json("tokenize", self.spm, text)["ids"]))
                self.assertEqual(self.json("detokenize", self.spm, ids, "--no-special")["text"], text)
                self.assertEqual(self.json("detokenize", self.spm, ids)["text"], "<s>" + text)


if __name__ == "__main__":
    unittest.main()
