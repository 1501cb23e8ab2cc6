#!/usr/bin/env python3
"""Every C and C++ file is as clang-format leaves it (the major version is pinned)."""
import re
import subprocess

from common import code, main

MAJOR = "14"


def check(root):
    version = subprocess.run(["clang-format", "--version"], check=True, capture_output=True, text=True).stdout
    if f"version {MAJOR}." not in version:
        yield f"clang-format {MAJOR} is needed, here is: {version.strip()}"
        return
    paths = [str(path) for path in code(root)]
    if not paths:
        return
    command = ["clang-format", "--dry-run", "--style=file", *paths]
    told = subprocess.run(command, cwd=root, capture_output=True, text=True).stderr
    worst = {}
    for name, line in re.findall(r"^([^\s:]+):(\d+):\d+: warning", told, re.MULTILINE):
        worst.setdefault(name, line)
    for name, line in worst.items():
        yield f"{name}:{line}: not formatted (clang-format -i {name})"


if __name__ == "__main__":
    main(check, __doc__)
