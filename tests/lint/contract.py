#!/usr/bin/env python3
"""Every function of the plugin contract has a thread tag, and a sentence directly above or behind it."""
import re

from common import code, inside, main, read, without_comments

ABI = "plugins/abi"
MIN_WORDS = 3  # presence is all that a program can see; whether the words are right is for a reader
TAGGED = re.compile(r"TN_THREAD\(\w+\)[^;{}]*?\(\*\s*(\w+)\)\s*\([^;{}]*\)\s*;")
FUNCTION = re.compile(r"([^;{}]*)\(\*\s*(\w+)\)\s*\([^;{}]*\)\s*;")
ABOVE = re.compile(r"^[ \t]*/\*(?:(?!\*/).)*\*/\s*\Z", re.DOTALL | re.MULTILINE)
BEHIND = re.compile(r"[ \t]*/\*(.*?)\*/", re.DOTALL)


def comment_above(text):
    """The comment that ends `text` and begins a line: not one that belongs to what stands before it."""
    start = text.rfind("/*")
    match = ABOVE.search(text, text.rfind("\n", 0, start) + 1) if start >= 0 else None
    return match.group(0) if match else ""


def untagged(path, text):
    bare = re.sub(r"(?m)^[ \t]*#(?:.*\\\n)*.*", "", without_comments(text))
    for match in FUNCTION.finditer(bare):
        if "TN_THREAD" not in match.group(1) and "typedef" not in match.group(1):
            yield f"{path}: {match.group(2)}() has no thread tag"


def check(root):
    for path in code(root):
        if not inside(path, ABI) or path.suffix != ".h":
            continue
        text = read(root, path)
        yield from untagged(path, text)
        for match in TAGGED.finditer(text):
            behind = BEHIND.match(text, match.end())
            said = comment_above(text[:match.start()]) + (behind.group(1) if behind else "")
            if len(re.findall(r"\w+", said)) < MIN_WORDS:
                line = text.count("\n", 0, match.start()) + 1
                yield f"{path}:{line}: {match.group(1)}() has no sentence of contract"


if __name__ == "__main__":
    main(check, __doc__)
