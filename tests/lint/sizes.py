#!/usr/bin/env python3
"""Length limits of files and functions. Raising a number takes an ADR."""
import json
import subprocess

from common import code, main, read, tree

MAX_FUNCTION = 60
# First row that fits a path rules.
MAX_LINES = [
    ("plugins/abi/tenon/abi/device.h", 200),  # ADR 0008
    ("plugins/abi/tenon/abi/**/*.h", 150),
    ("plugins/abi/tenon/abi/*.h", 150),
    ("tests/models/*.cpp", 600), ("tests/*/models/*.cpp", 600),
    ("models/*.cpp", 120),
    ("**/CMakeLists.txt", 80),
    ("CMakeLists.txt", 80),
    ("**/*.cpp", 600), ("**/*.hpp", 600), ("**/*.h", 600), ("**/*.c", 600),
    ("**/*.py", 600), ("**/*.cmake", 600), ("scripts/*", 600),
]
# Lines of code, without blank and comment lines, of each part of the framework; ADR 0011.
MAX_PART = {
    "framework/include": 700, "framework/base": 1100, "framework/formats": 1300,
    "framework/jinja": 4200, "framework/text": 2600, "framework/plugin": 2450,
    "framework/validation": 1400, "framework/device": 400, "framework/graph": 1600,
    "framework/placement": 1480, "framework/execution": 700, "framework/sampling": 900,
    "framework/engine": 3240, "framework/synthesis": 900, "framework/bisect": 1050,
    "framework/api": 1100,
}


def limit_of(path):
    return next((limit for pattern, limit in MAX_LINES if path.match(pattern)), None)


def files(root):
    for path in tree(root):
        limit = limit_of(path)
        lines = len(read(root, path).splitlines()) if limit else 0
        if limit and lines > limit:
            yield f"{path}:1: {lines} lines, the limit is {limit}"


def functions(root):
    paths = [str(path) for path in code(root)]
    if not paths:
        return
    command = ["ctags", "--output-format=json", "--fields=+ne", "--languages=C,C++", "--kinds-C=f",
               "--kinds-C++=f", "--langmap=C++:.cpp.hpp.h,C:.c", "-f", "-", "-L", "-"]
    out = subprocess.run(command, cwd=root, input="\n".join(paths), check=True, capture_output=True,
                         text=True).stdout
    for line in out.splitlines():
        tag = json.loads(line)
        length = tag.get("end", tag.get("line", 0)) - tag.get("line", 0) + 1
        if length > MAX_FUNCTION:
            yield f"{tag['path']}:{tag['line']}: {tag['name']}() has {length} lines, the limit is {MAX_FUNCTION}"


def lines_of_code(text):
    lines = (line.strip() for line in text.splitlines())
    return sum(1 for line in lines if line and not line.startswith("//"))


def parts(root):
    total = {}
    for path in code(root):
        if path.parts[0] == "framework":
            part = "/".join(path.parts[:2])
            total[part] = total.get(part, 0) + lines_of_code(read(root, path))
    for part, lines in total.items():
        if part not in MAX_PART:
            yield f"{part}: no row of MAX_PART says how long this part may become"
        elif lines > MAX_PART[part]:
            yield f"{part}: {lines} lines of code, the limit is {MAX_PART[part]}"


def check(root):
    yield from files(root)
    yield from functions(root)
    yield from parts(root)


if __name__ == "__main__":
    main(check, __doc__)
