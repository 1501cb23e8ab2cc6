#!/usr/bin/env python3
"""Makes smollm2_tokenizer.json: texts and their ids by SmolLM2's own tokenizer, checked against llama.cpp's.

Usage: make_smollm2_tokenizer.py MODEL.gguf OUT.json [--llama-tokenize PATH]
Needs the packages gguf and tokenizers. With --llama-tokenize every text is also run through llama.cpp as
    llama-tokenize -m MODEL.gguf -f TEXT --ids --no-bos --no-escape --log-disable [--no-parse-special]
and the differences are printed; the committed ids are those of the file's own tokenizer.
"""
import argparse
import json
import pathlib
import subprocess
import tempfile

from smollm2_reference_tokenizer import load_tokenizer

PLAIN = [
    "", " ", "  ", "   ", "    ", "\n", "\n\n", "\n\n\n", "\t", "\t\t", "\r\n", "\r", " \n", "\n ", " \n ", "  \n  ", "\t\n",
    "\n\t\n", " \t ", "a", " a", "a ", " a ", "  a  ", "   a   b   ", "Hello", " Hello", "Hello world", " Hello World",
    "Hello, world!", "Hello, y'all! How are you?", "HELLO WORLD", "hElLo", "I'm", "I'M", "we've", "WE'VE", "you'll", "he'd",
    "they're", "it's", "can't", "IT'S", "'s", " 's", "'S", "don''t", "rock'n'roll", "'tis", "l'eau d'été", "o\u2019clock",
    "isn\u2019t it", "0", "1", "12", "123", "1234", "1234567890", " 1", "  1", "   1", "1 2", "1  2", "1   2", "a1", "1a",
    "a 1", "a  1", "a1b2c3", "v1.2.3", "3.14159", "1,000,000", "-42", "+7", "1e-5", "0x1F", "50%", "$100", "\u00a3\u00a35",
    "\u00bd cup", "x\u00b2+y\u00b3", "\u0661\u0662\u0663", " \u0663\u0664", "\u096a\u0968", "\u2160\u2161\u2162", "\u4e00\u4e8c\u4e09",
    "\u2460\u2461", "\uff11\uff12\uff13", "\U0001d7cf\U0001d7d0", "1\u0661\u00b21", "abc\u00b2", "!", "!!", "!!!", "?!?!", "...", "....",
    " ...", "!!!a", "a!!!", "a ! b", "---", "=======", "(x)", "[y]", "{z}", "<tag>", "</tag>", "a_b", "_a_", "__init__", "a-b",
    "@user", "#tag", "a@b.com", "https://example.com/a?b=1&c=2#d", "C:\\dir\\file.txt", "/usr/lib/x.so.1", "\"quoted\"",
    "`code`", "```python\nprint('hi')\n```", "def f(x):\n    return x * 2\n", "int main() { return 0; }",
    "if (a && b || !c) {\n\treturn;\n}", "for i in range(10):\n        pass", "\t\tx = 1;", "a\tb", "a\t\tb", "a \tb",
    "line one\nline two\nline three", "a\n\nb", "a \n b", "a  \n  b", "a\r\nb", "a\n", "a\n\n", "\na", " \na", "trailing   ",
    "trailing\t", "trailing \n", "\u00a0", "a\u00a0b", "a\u00a0\u00a0b", "\u3000", "a\u3000b", "\u2003a", "a\u200bb", "\ufeffa",
    "a\u2028b", "a\u0085b", "a\u000bb\u000cc", "a\u0000b", "\u0001\u0002\u001f", "\u007f", "\u00e9", "e\u0301", "na\u00efve caf\u00e9",
    "\u00fcber Stra\u00dfe", "\u00c5ngstr\u00f6m", "\u00d1and\u00fa", "\u0130stanbul", "\u01c5", "\ufb01nal \ufb03", "z\u0351\u036b\u0343a\u0321\u034dl",
    "\u041f\u0440\u0438\u0432\u0435\u0442, \u043c\u0438\u0440!", "\u0393\u03b5\u03b9\u03b1 \u03c3\u03bf\u03c5 \u039a\u03cc\u03c3\u03bc\u03b5",
    "\u05e9\u05dc\u05d5\u05dd \u05e2\u05d5\u05dc\u05dd", "\u0645\u0631\u062d\u0628\u0627 \u0628\u0627\u0644\u0639\u0627\u0644\u0645",
    "\u0928\u092e\u0938\u094d\u0924\u0947 \u0926\u0941\u0928\u093f\u092f\u093e", "\u0bb5\u0ba3\u0b95\u0bcd\u0b95\u0bae\u0bcd", "\u0e2a\u0e27\u0e31\u0e2a\u0e14\u0e35\u0e0a\u0e32\u0e27\u0e42\u0e25\u0e01",
    "\u4f60\u597d\uff0c\u4e16\u754c\uff01", "\u3053\u3093\u306b\u3061\u306f\u4e16\u754c", "\u30ab\u30bf\u30ab\u30ca", "\uc548\ub155\ud558\uc138\uc694", "\u1112\u1161\u11ab",
    "\u10d2\u10d0\u10db\u10d0\u10e0\u10ef\u10dd\u10d1\u10d0", "\u0531\u0532\u0533", "\u12a0\u121b\u122d\u129b", "\u1780\u17d2\u1798\u17c2\u179a", "\u0f56\u0f7c\u0f51", "\u13a3\u13b3\u13a9",
    "mixed \u0442\u0435\u043a\u0441\u0442 \u548c \u6587\u5b57 123", "a\u4e2db\u6587c", "\U00020000\U00020001", "\U00010330\U00010331",
    "\U0001f600", " \U0001f600", "\U0001f600\U0001f600\U0001f600", "ok\U0001f44d", "\U0001f44d\U0001f3fd", "\U0001f468\u200d\U0001f469\u200d\U0001f467\u200d\U0001f466",
    "\U0001f3f3\ufe0f\u200d\U0001f308", "\U0001f1e9\U0001f1ea\U0001f1eb\U0001f1f7", "1\ufe0f\u20e3", "\u2764\ufe0f", "\u263a", "\u2122\u00ae\u00a9", "\u20ac \u20b9 \u20bf",
    "\u2192 \u21d2 \u2200x\u2208\u211d", "\u222b\u2080^\u221e e^{-x\u00b2} dx", "\u2588\u2588\u2591\u2591", "\u2014 dash \u2013", "\u201cquotes\u201d \u2018single\u2019", "\u00ab guillemets \u00bb",
    "\u2026", "\uff01\uff1f", "\ufffd", "\ue000", "\u0378", "a\u0378b", "\U000e0041", "\U0010ffff", "a" * 64, "A" * 33, " " * 64, " " * 31 + "x", "\n" * 32, "\t" * 17, "0" * 40,
    "!" * 50, "=" * 70, "ab" * 40, "\u00e9" * 20, "\u4e2d" * 20, "\U0001f600" * 8, "-" * 3 + " " * 5 + "-" * 3,
    "supercalifragilisticexpialidocious", "antidisestablishmentarianism", "pneumonoultramicroscopicsilicovolcanoconiosis",
    "The quick brown fox jumps over the lazy dog.", "In 1998, 40 metres cost 3.50; now it's 7.25!", "\u0120the", "\u010a", "\u00c4\u0142",
    "w\u0338\u0327", "one\u00a0 two", "x  \u00a0y", "a \u3000 b", "  \u0301", "' s", "'re're", " 'll", "'\u0441", "'t1", "'ve_", "\n's",
    # bytes that the vocabulary has no token for: 0x04 0x06 0x13 0xf1
    "\u0004", "a\u0004b", "\u0006\u0013 x", "\U00040000", "a\U00040000b",
    "year  1998", "  42\n  43", "\n1", "\t\t2", "x=  3;  y=  4", "No.1", "...5", "(  6)", "9\u00bd", "abc123def  456", "\u00a0 7",
    "foo.bar()", "it's'll", "end.  Start", "a,  b,   c", "Tab\tand  spaces   here", "  \n\n  x", "x \n\n\n y", "don't   stop",
]
SPECIAL = [
    "<|im_start|>", "<|im_end|>", "<|endoftext|>", "<|im_start|>user", "<|im_start|>user\nHi<|im_end|>\n",
    " <|im_start|> ", "a<|im_end|>b", "a <|im_end|> b", "<|im_end|><|im_end|>", "<|im_start|", "<|im_start|><", "<<|im_end|>>",
    "<|IM_START|>", "<| im_start |>", "<repo_name>x/y<file_sep>a.py\n", "<reponame>", "<filename>1<gh_stars>2",
    "<issue_start><issue_comment>text<issue_closed>", "<jupyter_start><jupyter_code>1+1<jupyter_output>2", "<empty_output>",
    "  <|im_end|>  \n", "12<|im_end|>34", "\u4f60<|im_end|>\U0001f600", "<|im_start|>system\nYou are a helpful AI assistant<|im_end|>\n<|im_start|>assistant\n",
]


def llama_cpp_ids(binary, model, text, parse_special):
    with tempfile.NamedTemporaryFile() as file:
        file.write(text.encode())
        file.flush()
        command = [binary, "-m", model, "-f", file.name, "--ids", "--no-bos", "--no-escape", "--log-disable"]
        out = subprocess.run(command + ([] if parse_special else ["--no-parse-special"]),
                             stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, check=True)
    return json.loads(out.stdout)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("model", type=pathlib.Path)
    parser.add_argument("out", type=pathlib.Path)
    parser.add_argument("--llama-tokenize")
    args = parser.parse_args()

    tokenizers = {flag: load_tokenizer(args.model, parse_special=flag) for flag in (False, True)}
    cases = [(text, False) for text in PLAIN] + [(text, flag) for text in SPECIAL for flag in (False, True)]
    assert len(set(cases)) == len(cases)
    rows, differ = [], 0
    for text, flag in cases:
        ids = tokenizers[flag].encode(text).ids
        rows.append({"text": text, "ids": ids, "parse_special": flag})
        if args.llama_tokenize:
            theirs = llama_cpp_ids(args.llama_tokenize, args.model, text, flag)
            differ += theirs != ids
            if theirs != ids:
                print(f"{text!r} parse_special={flag}: file's own {ids} llama.cpp {theirs}")
    print(f"{len(rows)} texts, llama.cpp differs on {differ}" if args.llama_tokenize else f"{len(rows)} texts")
    args.out.write_text("[\n" + ",\n".join(json.dumps(row) for row in rows) + "\n]\n")


if __name__ == "__main__":
    main()
