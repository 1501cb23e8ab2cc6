#!/usr/bin/env python3
"""Writes tokenizer_golden/<family>.txt: what each family's tokenizer makes of nasty_strings.py.
One line per string: FNV-1a (32 bits) of the ids with special tokens parsed, then, where it
differs, of the ids with parsing off. Both with bos and eos as the file says.

  make_tokenizer_golden.py REFERENCE VOCABS [FAMILY…]

REFERENCE is a program linked to llama.cpp, not kept here: `REFERENCE VOCAB.gguf STRINGS ADD` prints two
lines of ids per string of STRINGS (the format of nasty_strings.py): llama_tokenize(…, ADD, true), then
(…, ADD, false). VOCABS is what scripts/fetch-vocabs prints, with a link ggml-vocab-gemma3.gguf to what
`scripts/fetch-model gemma3` prints.

Where a model's own tokenizer differs from llama.cpp, its answer is made from llama.cpp's:
- invalid UTF-8 is read as U+FFFD per byte (SentencePiece, Hugging Face); llama.cpp keeps the bytes
- NFC: the tokenizers of the families below normalise, llama.cpp does not (nor do qwen35's published vectors)
- names: llama.cpp makes control tokens of all that are called `</s>`, `<｜fim▁hole｜>` and the like. For phi-3,
  gemma3 and deepseek-coder these are user-defined, so matched with parsing off too; for qwen2 `</s>` is plain text
- falcon: a byte without a token (such as \\v) is dropped before merging (Hugging Face), so its neighbours may merge
"""
import codecs
import pathlib
import re
import struct
import subprocess
import sys
import tempfile
import unicodedata

from nasty_strings import records, strings

FAMILIES = """gpt-2 llama-bpe qwen2 qwen35 deepseek-llm deepseek-coder command-r starcoder refact falcon mpt gpt-neox
    llama-spm phi-3 baichuan gemma3 gemma-4""".split()
NFC = {"qwen2", "command-r", "mpt"}
QWEN = {"<|endoftext|>": 151643, "<|im_start|>": 151644, "<|im_end|>": 151645}
PARSED = {"qwen2": QWEN, "qwen35": QWEN}  # the tokens that are matched with parsing on, where llama.cpp matches others
PLAIN = {"phi-3": {"</s>": 2}, "gemma3": {"</s>": 212}, "deepseek-coder": {"<｜fim▁hole｜>": 32015}}  # with parsing off
SWALLOW_SPACE = {"phi-3"}  # its special tokens, behind them

codecs.register_error("per_byte", lambda e: ("\ufffd" * (e.end - e.start), e.end))


def tokenize(reference, vocab, texts, add):
    """Ids of every text: (special parsed, not parsed)."""
    with tempfile.NamedTemporaryFile() as file:
        file.write(records(t.encode() for t in texts))
        file.flush()
        done = subprocess.run([reference, vocab, file.name, str(int(add))], capture_output=True, text=True, check=True)
    lines = [[int(i) for i in line.split()] for line in done.stdout.splitlines()]
    return list(zip(lines[0::2], lines[1::2], strict=True))


def match(reference, vocab, texts, tokens, swallow):
    """Ids where `tokens`, and user-defined ones, are what is matched."""
    cut = [re.split("(" + "|".join(map(re.escape, tokens)) + ")", text) for text in texts]
    if swallow:
        cut = [parts[:1] + [part.lstrip(" \t\n\v\f\r") for part in parts[1:]] for parts in cut]
    ids = iter(tokenize(reference, vocab, [part for parts in cut for part in parts[::2]], False))
    start = tokenize(reference, vocab, [""], True)[0][1]
    return [start + [i for part in parts for i in ([tokens[part]] if part in tokens else next(ids)[1])] for parts in cut]


def answers(reference, vocab, family):
    texts = [s.decode(errors="per_byte") for s in strings()]
    if family in NFC:
        texts = [unicodedata.normalize("NFC", t) for t in texts]
    if family == "falcon":
        texts = [re.sub(r"(?<=\s)\v(?=\s)", "", t) for t in texts]
    parsed, plain = zip(*tokenize(reference, vocab, texts, True))
    if family in PARSED:
        parsed = match(reference, vocab, texts, PARSED[family], family in SWALLOW_SPACE)
    if family in PLAIN:
        plain = match(reference, vocab, texts, PLAIN[family], family in SWALLOW_SPACE)
    return zip(parsed, plain)


def fnv1a(ids):
    h = 0x811C9DC5
    for byte in struct.pack(f"<{len(ids)}i", *ids):
        h = (h ^ byte) * 0x01000193 % 2**32
    return f"{h:08x}"


def main(reference, vocabs, *families):
    folder = pathlib.Path(__file__).parent / "tokenizer_golden"
    folder.mkdir(exist_ok=True)
    for family in families or FAMILIES:
        lines = []
        for parsed, plain in answers(reference, f"{vocabs}/ggml-vocab-{family}.gguf", family):
            lines.append(fnv1a(parsed) + (f" {fnv1a(plain)}" if plain != parsed else ""))
        (folder / f"{family}.txt").write_text("\n".join(lines) + "\n")
        print(family, len(lines))


if __name__ == "__main__":
    main(*sys.argv[1:])
