#!/usr/bin/env python3
"""Writes 1,000 strings that break careless tokenizers, always the same: nasty_strings.py OUT
Each is four bytes of length, little-endian, then the bytes; some are not UTF-8.
make_tokenizer_golden.py makes what the tokenizers of each family must answer."""
import struct
import sys

COUNT = 1000

WORDS = """Hello world the The THE of and tokenizer antidisestablishmentarianism HelloWorld camelCaseWord snake_case_word
    x X I a resume naïve Äpfel straße façade København Łódź Zażółć İstanbul ıI ǅ ŉ ﬁ ﬀ ſ""".split()
CONTRACTIONS = ["I'm", "you're", "it's", "IT'S", "we'Ve", "they'LL", "don't", "'s", "'S", "''s", "'re", "y'all", "'tis", "o'clock",
                "I’m", "it’S", "' s", "'d'd'D", "'ll'LL've"]
SCRIPTS = ["Привет мир", "нещо на Български", "Ελληνικά", "שלום עולם", "مرحبا بالعالم", "हिन्दी भाषा", "ภาษาไทย", "កាន់តែពិសេស",
           "你好世界", "我想在apple工作", "日本語のテキスト", "カタカナ", "한국어 텍스트", "ქართული", "Ὀδυσσεύς", "ᏣᎳᎩ", "አማርኛ", "தமிழ்",
           "မြန်မာ", "𝒽𝑒𝓁𝓁𝑜", "𐍈𐌰", "ｆｕｌｌ　ｗｉｄｔｈ", "ﷺ", "①②③", "½⅓Ⅷ"]
EMOJI = ["😀", "👨‍👩‍👧‍👦", "🏳️‍🌈", "👩🏽‍🚀", "🇩🇪🇫🇷", "😶‍🌫️", "✅", "1️⃣", "❤️", "🧑‍🤝‍🧑", "🦙", "🫠"]
DIGITS = ["0", "7", "42", "333", "3333", "1234567", "3.14159", "1,000,000", "1e-9", "0x1F", "٣٤٥", "३४५", "１２３", "²³", "12:34:56", "v1.2.3"]
SPACES = [" ", "  ", "   ", "\t", "\t\t", "\n", "\n\n", "\r\n", "\r\n\r\n", "\r", " \n ", "\n \n", "\u00a0", "\u3000", "\u2009", "\u2028",
          "\u0085", "\v", "\f", "\u180e", "\u1680"]
INVISIBLE = ["\0", "\u200b", "\u200d", "\u200c", "\ufeff", "\u2060", "\u00ad", "\u200e", "\u202e", "\ufe0f", "\u0001", "\u001b", "\u007f", "\u0080",
             "\ufffd", "\uffff", "\U0010ffff", "\ue000", "\u0378"]
MARKS = ["e\u0301", "\u00e9", "a\u0308\u0323", "a\u0323\u0308", "\u1ea5", "o\u0302\u0301", "\u0301", "\u212b", "\u2126", "\uac00", "\u1100\u1161\u11a8",
         "\u0958", "\u0f73", "r\u0301e\u0301", "Z\u0351\u036b\u0343", "\uf900", "n\u0303\u0327"]
PUNCTUATION = ["!", "?", "...", "!!!!!!", "``````", "\"\"", "''", "--", "——", "…", "(", ")", "[]", "{}", "<>", "=>", "!=", "/*", "*/", "//", "#", "@",
               "$", "€", "%", "^", "&", "~", "|", "+", "+=", "_", "__", "\\", "\\n", "。", "、", "「」", "¿", "•", "™", "\u2581", "\u2581\u2581", "Ġ", "Ċ"]
SPECIAL = ["<s>", "</s>", "<unk>", "<pad>", "<bos>", "<eos>", "<|endoftext|>", "<|im_start|>", "<|im_end|>", "<|begin_of_text|>", "<|eot_id|>",
           "<|end|>", "<|user|>", "<|assistant|>", "<|system|>", "<BOS_TOKEN>", "<EOS_TOKEN>", "<PAD>", "<|START_OF_TURN_TOKEN|>",
           "<|USER_TOKEN|>", "<fim_prefix>", "<fim_middle>", "<reponame>", "<gh_stars>", "<file_sep>", ">>QUESTION<<", "<|padding|>",
           "<｜begin▁of▁sentence｜>", "<｜fim▁hole｜>", "<|EOT|>", "<pad", "<|im_", "|>", "<start_of_turn>", "<end_of_turn>", "<|turn>",
           "<turn|>", "<|tool_call>", "<mask>", "[MASK]", "[CLS]", "[PAD151646]", "<0x0A>", "<0xE2>", "<0x", "ø", "ü", "÷", "<s", "</", "s>",
           "[INST]", "[/INST]", "<<SYS>>", "<|endoftext|><|endoftext|>", "<|end|>\n<|assistant|>\n", "</s> </s>", "<s>\u0301"]
CODE = ["for (int i = 0; i < n; ++i) {\n    sum += a[i];\n}", "def f(x):\n\treturn x**2\n", "<p class=\"a\">text</p>", "SELECT * FROM t;",
        "https://example.com/a?b=c&d=%20", "\\frac{1}{2}", "C:\\dir\\file.txt", "user@example.com", "--flag=value", "{\"a\": [1, 2.5, null]}"]
RUNS = ["a", "A", " ", "\n", "=", "-", "1", "0", "é", "あ", "!", "'", "\t", "ab", "\r\n", "👍", "\u0301", "ᄀ", "x ", " \n", "\u2581", "\0"]
BROKEN = [b"\xff", b"\xc3", b"\xe2\x82", b"\xf0\x9f\x98", b"\x80", b"\xc0\xaf", b"\xed\xa0\x80", b"\xf4\x90\x80\x80", b"\xe2\x96", b"\xf0\x9f",
          b"\xc3\x28", b"\xf8\x88\x80\x80\x80"]

GROUPS = [WORDS, WORDS, WORDS, CONTRACTIONS, SCRIPTS, SCRIPTS, EMOJI, DIGITS, SPACES, SPACES, INVISIBLE, MARKS, PUNCTUATION, SPECIAL, SPECIAL, CODE]


class Random:
    """splitmix64: the same numbers with every Python."""

    def __init__(self, seed):
        self.state = seed

    def below(self, n):
        self.state = (self.state + 0x9E3779B97F4A7C15) % 2**64
        z = self.state
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9 % 2**64
        z = (z ^ (z >> 27)) * 0x94D049BB133111EB % 2**64
        return (z ^ (z >> 31)) % n

    def one_of(self, items):
        return items[self.below(len(items))]


def any_code_point(random):
    while True:
        c = random.below([0x80, 0x800, 0x3000, 0xffff, 0x20000][random.below(5)])
        if not 0xd800 <= c < 0xe000 and c != 0x338:  # U+0338 composes with '>' of a special token
            return chr(c)


def part(random):
    kind = random.below(20)
    if kind == 0:
        return (random.one_of(RUNS) * (1 + random.below(70))).encode()
    if kind == 1:
        return any_code_point(random).encode()
    if kind == 2:
        return random.one_of(BROKEN) if random.below(3) == 0 else any_code_point(random).encode()
    return random.one_of(random.one_of(GROUPS)).encode()


def string(random):
    out = b""
    for _ in range(1 + random.below(9)):
        out += b" " * (random.below(3) == 0) + part(random)
    return out


def strings():
    random = Random(4)
    return [string(random) for _ in range(COUNT)]


def records(texts):
    return b"".join(struct.pack("<I", len(text)) + text for text in texts)


if __name__ == "__main__":
    with open(sys.argv[1], "wb") as out:
        out.write(records(strings()))
