#!/usr/bin/env python3
"""clang-tidy with the allow-list of .clang-tidy over the sources of a build tree, or over those named."""
import argparse
import concurrent.futures
import json
import os
import pathlib
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]


def tidy(build, source):
    command = ["clang-tidy", "--quiet", "-p", str(build), str(source)]
    done = subprocess.run(command, capture_output=True, text=True)
    return done.returncode, "\n".join(line for line in done.stdout.splitlines() if line)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--build", required=True, type=pathlib.Path)
    parser.add_argument("sources", nargs="*", type=pathlib.Path)
    args = parser.parse_args()
    known = {pathlib.Path(e["file"]) for e in json.loads((args.build / "compile_commands.json").read_text())}
    wanted = {source.resolve() for source in args.sources} if args.sources else known
    sources = sorted(s for s in known & wanted if s.is_relative_to(ROOT))
    bad = 0
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        for code, text in pool.map(lambda source: tidy(args.build, source), sources):
            bad += code != 0
            if code:
                print(text, flush=True)
    print(f"clang-tidy: {len(sources)} files, {bad} with findings")
    sys.exit(1 if bad else 0)


main()
