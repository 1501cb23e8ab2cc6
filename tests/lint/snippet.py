#!/usr/bin/env python3
"""Writes the code blocks of one language in a document to a file: snippet.py README.md cpp OUT [N]."""
import pathlib
import re
import sys

document, language, out = sys.argv[1:4]
blocks = re.findall(rf"^```{language}\n(.*?)^```", pathlib.Path(document).read_text(), re.M | re.S)
if not blocks:
    sys.exit(f"{document}: no {language} block")
wanted = blocks[int(sys.argv[4])] if len(sys.argv) > 4 else "\n".join(blocks)
target = pathlib.Path(out)
if not target.exists() or target.read_text() != wanted:
    target.write_text(wanted)
