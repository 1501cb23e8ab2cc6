#!/usr/bin/env python3
"""Writes the table of kernels.hpp: the source of each kernel, its includes in place, under its name."""
import pathlib
import re
import sys

INCLUDE = re.compile(r'#include "([^"]+)"')


def flat(path, seen):
    """The lines of a source; what was included before is not included again."""
    for line in path.read_text().splitlines():
        include = INCLUDE.fullmatch(line.strip())
        if include is None:
            yield line
        elif include.group(1) not in seen:
            seen.add(include.group(1))
            yield from flat(path.parent / include.group(1), seen)


def main(out, *sources):
    paths = sorted(map(pathlib.Path, sources), key=lambda path: path.stem)
    lines = ['// Written by embed_kernels.py.', '#include "kernels.hpp"', '',
             'namespace tenon::opencl {', 'namespace {', 'constexpr Kernel k_kernels[] = {']
    for path in paths:
        source = "\n".join(flat(path, set()))
        lines.append(f'    {{"{path.stem}", R"cl({source}\n)cl"}},')
    lines += ['};', '}  // namespace', '',
              'std::span<const Kernel> kernels() { return k_kernels; }', '',
              '}  // namespace tenon::opencl', '']
    pathlib.Path(out).write_text("\n".join(lines))


if __name__ == "__main__":
    main(*sys.argv[1:])
