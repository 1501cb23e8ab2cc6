#!/usr/bin/env python3
"""Words that do not belong in the tree: unowned to-dos, excuses, paths of a machine, stray links."""
import re

from common import main, read, tree

TEXT = {".c", ".h", ".cpp", ".hpp", ".py", ".cmake", ".txt", ".md", ".json", ".yaml", ".yml", ".sh", ""}
# The lints and their tests have to spell what they forbid; a corpus holds any bytes.
EXEMPT = ("tests/lint/", "tests/fuzz/corpus/", "LICENSE")
MAX_BYTES = 512 * 1024
MAX_COLUMNS = 160  # of a document, tables too; an ADR stays as it was written

FORBIDDEN = [
    (re.compile(r"\bTODO\b(?!\(#\d+\))"), "TODO without an issue: TODO(#123)"),
    (re.compile(r"\b(FIXME|XXX|HACK|WIP)\b"), "a note to self"),
    (re.compile(r"(?i)\bnot (yet )?implemented\b"), "a stub"),
    (re.compile(r"(?<![\w.}$~])/(root|work|(home|Users)/(?!somebody|user\b)\w+)/"), "a path of one machine"),
    (re.compile(r"\t"), "a tab"),
    (re.compile(r"[ \t]+$", re.MULTILINE), "a blank at the end of a line"),
]
# Documents that may be linked to; anything else is a host that can change under us.
LINKS = ["git-lfs", "git-lfs.github.com", "www.apache.org", "keepachangelog.com", "semver.org", "arxiv.org", "example.com", "json-schema.org"]
LINK = re.compile(r"https?://([^/\s\"'>)]+)")


def wide(path, text):
    if path.suffix != ".md" or str(path).startswith("docs/adr/"):
        return
    for number, line in enumerate(text.splitlines(), 1):
        if len(line) > MAX_COLUMNS:
            yield f"{path}:{number}: {len(line)} columns, the limit is {MAX_COLUMNS}"


def check(root):
    for path in tree(root):
        size = (root / path).stat().st_size
        if size > MAX_BYTES and not str(path).startswith("tests/models/"):
            yield f"{path}:1: {size} bytes, the limit is {MAX_BYTES}"
        if path.suffix not in TEXT or str(path).startswith(EXEMPT):
            continue
        text = read(root, path)
        for pattern, what in FORBIDDEN:
            for match in pattern.finditer(text):
                yield f"{path}:{text.count(chr(10), 0, match.start()) + 1}: {what}: {match.group(0)!r}"
        for match in LINK.finditer(text):
            if match.group(1) not in LINKS:
                yield f"{path}:{text.count(chr(10), 0, match.start()) + 1}: unlisted link to {match.group(1)}"


if __name__ == "__main__":
    main(check, __doc__)
