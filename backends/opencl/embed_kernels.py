#!/usr/bin/env python3
"""Writes the table of kernels.hpp: the kernels of kernels.def with their sources, includes in place."""
import pathlib
import re
import sys

INCLUDE = re.compile(r'#include "([^"]+)"')


def flat(path, inside=()):
    """The lines of a source. An include may come twice, under other conditions: each has a guard."""
    for line in path.read_text().splitlines():
        include = INCLUDE.fullmatch(line.strip())
        if include is None:
            yield line
            continue
        included = (path.parent / include.group(1)).resolve()
        guard = "INCLUDED_" + included.stem.upper()
        if included not in inside:
            yield from (f"#ifndef {guard}", f"#define {guard}")
            yield from flat(included, (*inside, included))
            yield "#endif"


def main(out, table, folder, flat_folder):
    rows = sorted(line.split() for line in pathlib.Path(table).read_text().splitlines()
                  if line and not line.startswith("#"))
    lines = ['// Written by embed_kernels.py.', '#include "kernels.hpp"', '',
             'namespace tenon::opencl {', 'namespace {']
    for source in sorted({row[1] for row in rows}):
        text = "\n".join(flat(pathlib.Path(folder, source + ".cl")))
        pathlib.Path(flat_folder, source + ".cl").write_text(text + "\n")  # what clang checks
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
