#!/usr/bin/env python3
"""Every header compiles alone, with the flags of the nearest source file."""
import argparse
import concurrent.futures
import json
import os
import pathlib
import shlex
import subprocess
import sys
import tempfile

from common import code

KEPT = ("-I", "-isystem", "-D", "-std=", "-m")


def arguments(build):
    """Source file -> compiler and the flags that decide what a header means, once per target."""
    table = {}
    for entry in json.loads((build / "compile_commands.json").read_text()):
        words = entry.get("arguments") or shlex.split(entry["command"])
        words = words[1:] if "ccache" in words[0] else words
        flags = []
        for i, word in enumerate(words):
            if word == "-isystem":
                flags += [word, words[i + 1]]
            elif word.startswith(KEPT) and word != "-isystem":
                flags.append(word)
        table.setdefault(pathlib.Path(entry["file"]), []).append((words[0], flags))
    return table


def nearest(table, path):
    """The C++ source that shares the longest path with the header."""
    def shared(source):
        return len(os.path.commonpath([source, path]))
    sources = [source for source in table if source.suffix == ".cpp"]
    return table[max(sources, key=lambda s: (shared(s), str(s)))]


def compile_alone(root, header, table, scratch):
    include = root / header
    unit = scratch / (str(header).replace("/", "_") + ".cpp")
    unit.write_text(f'#include "{include}"\n#include "{include}"\n')
    contract = [f"-I{root}/{folder}" for folder in ("plugins/abi", "plugins/sdk")]
    errors = []
    for compiler, flags in nearest(table, include):  # a source of two packs has the flags of each
        command = [compiler, "-fsyntax-only", "-w", *flags, *contract, str(unit)]
        done = subprocess.run(command, capture_output=True, text=True)
        if done.returncode == 0:
            return None
        errors += [line for line in done.stderr.splitlines() if "error" in line]
    return f"{header}: does not compile alone: {errors[0] if errors else ''}"


def is_proven(root, header, table):
    """Its own source, which was built, includes it before anything else, and it guards itself."""
    source = root / header.with_suffix(".cpp")
    if source not in table or "#pragma once" not in (root / header).read_text():
        return False
    includes = [line for line in source.read_text().splitlines() if line.startswith("#include")]
    return includes[:1] == [f'#include "{header}"']


def check(root, build):
    table = arguments(build)
    wanted = [h for h in code(root) if h.suffix in (".h", ".hpp") and not is_proven(root, h, table)]
    with tempfile.TemporaryDirectory() as scratch:
        with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
            jobs = [pool.submit(compile_alone, root, h, table, pathlib.Path(scratch)) for h in wanted]
            return [job.result() for job in jobs if job.result()]


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--root", default=pathlib.Path(__file__).parents[2], type=pathlib.Path)
    parser.add_argument("--build", required=True, type=pathlib.Path)
    args = parser.parse_args()
    findings = check(args.root.resolve(), args.build.resolve())
    print("\n".join(findings) if findings else "clean")
    sys.exit(1 if findings else 0)
