#!/usr/bin/env python3
"""clang-tidy with the allow-list of .clang-tidy over the sources of a build tree, or over those named."""
import argparse
import concurrent.futures
import json
import os
import pathlib
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parents[2]
GCC_ONLY = [" -fno-gnu-unique", " -Wno-restrict"]  # clang does not know them

# Sources that clang 14 cannot read, each with the reason.
SKIPPED = {"backends/cpu/reference/pack.cpp"}  # consteval tables over template parameters


def commands_for_clang(build, folder):
    """Writes a compile_commands.json that clang understands; returns the sources in it."""
    entries = json.loads((build / "compile_commands.json").read_text())
    for entry in entries:
        for flag in GCC_ONLY:
            entry["command"] = entry["command"].replace(flag, "")
    (folder / "compile_commands.json").write_text(json.dumps(entries))
    return {pathlib.Path(entry["file"]) for entry in entries}


def tidy(folder, source):
    done = subprocess.run(["clang-tidy", "--quiet", "-p", str(folder), str(source)],
                          capture_output=True, text=True)
    return done.returncode, done.stdout.strip()


def check(build, named, folder):
    known = commands_for_clang(build, folder)
    wanted = known & {source.resolve() for source in named} if named else known
    skipped = {ROOT / path for path in SKIPPED}
    sources = sorted(s for s in wanted - skipped if s.is_relative_to(ROOT))
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        done = list(pool.map(lambda source: tidy(folder, source), sources))
    # A finding in a header is told by every source that includes it; once is enough.
    findings = dict.fromkeys(line for code, text in done if code for line in text.splitlines()
                             if ": error:" in line or line.startswith("error:"))
    return len(sources), list(findings)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--build", required=True, type=pathlib.Path)
    parser.add_argument("sources", nargs="*", type=pathlib.Path)
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        count, findings = check(args.build, args.sources, pathlib.Path(folder))
    print("\n".join(findings))
    print(f"clang-tidy: {count} files, {len(findings)} findings")
    sys.exit(1 if findings or not count else 0)


if __name__ == "__main__":
    main()
