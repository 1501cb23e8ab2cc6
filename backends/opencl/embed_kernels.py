#!/usr/bin/env python3
"""Writes the table of kernels.hpp: the kernels of kernels.def with their sources, includes in place."""
import pathlib
import re
import sys

INCLUDE = re.compile(r'#include "([^"]+)"')


def flat(path, seen):
    """The lines of a source; what was included before is not included again."""
    for line in path.read_text().splitlines():
        include = INCLUDE.fullmatch(line.strip())
        included = (path.parent / include.group(1)).resolve() if include else None
        if included is None:
            yield line
        elif included not in seen:
            seen.add(included)
            yield from flat(included, seen)


def main(out, table, folder):
    rows = sorted(line.split() for line in pathlib.Path(table).read_text().splitlines()
                  if line and not line.startswith("#"))
    lines = ['// Written by embed_kernels.py.', '#include "kernels.hpp"', '',
             'namespace tenon::opencl {', 'namespace {']
    for source in sorted({row[1] for row in rows}):
        text = "\n".join(flat(pathlib.Path(folder, source + ".cl"), set()))
        lines.append(f'constexpr std::string_view k_{source} = R"cl({text}\n)cl";')
    lines.append('constexpr Kernel k_kernels[] = {')
    for name, source, *defines in rows:
        options = "".join(f" -D{define}" for define in defines)
        lines.append(f'    {{"{name}", k_{source}, "{options}"}},')
    lines += ['};', '}  // namespace', '',
              'std::span<const Kernel> kernels() { return k_kernels; }', '',
              '}  // namespace tenon::opencl', '']
    pathlib.Path(out).write_text("\n".join(lines))


if __name__ == "__main__":
    main(*sys.argv[1:])
