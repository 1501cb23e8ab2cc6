#!/usr/bin/env python3
"""Every plugin exports one symbol, no unique one, and runs no code when it is loaded."""
import argparse
import pathlib
import re
import subprocess
import sys

ENTRY = "tenon_plugin_query_v1"
INIT_ARRAY = 8  # one pointer: the compiler's own frame_dummy; anything more is a static constructor


def tool(*command):
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


def judge(path):
    exported = [line.split()[-1] for line in tool("nm", "-D", "--defined-only", str(path)).splitlines()]
    if exported != [ENTRY]:
        yield f"{path.name}: exports {exported}, not [{ENTRY!r}]"
    if "UNIQUE" in tool("readelf", "--dyn-syms", "-W", str(path)):
        yield f"{path.name}: has a STB_GNU_UNIQUE symbol: it could never be unloaded or replaced"
    sizes = re.findall(r"\.init_array\s+INIT_ARRAY\s+\w+\s+\w+\s+(\w+)", tool("readelf", "-S", "-W", str(path)))
    if sum(int(size, 16) for size in sizes) > INIT_ARRAY:
        yield f"{path.name}: static constructors (.init_array of {sizes} bytes): code before any CPU check"


def check(folder):
    plugins = sorted(folder.glob("*.tenon.so"))
    if not plugins:
        yield f"{folder}: no *.tenon.so here"
    for path in plugins:
        yield from judge(path)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=pathlib.Path)
    findings = list(check(parser.parse_args().folder))
    print("\n".join(findings) if findings else "clean")
    sys.exit(1 if findings else 0)
