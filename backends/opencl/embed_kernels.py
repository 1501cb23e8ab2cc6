#!/usr/bin/env python3
"""Writes the table of kernels.hpp: the kernels of kernels.def with their sources, includes in place."""
import pathlib
import re
import sys

INCLUDE = re.compile(r'#include "([^"]+)"')
DEFINE = re.compile(r"\s*#define (\w+)")
LATE = re.compile(r"\blate\((\d+)\)")
CONSTANT = re.compile(r"\bC(\d+)\b")
STATEMENTS = {"binary", "rms_norm", "segments", "unary"}  # parts of a kernel: each one has its own


def flat(path, inside=()):
    """The lines of a source. An include may come twice, under other conditions: each has a guard."""
    for line in path.read_text().splitlines():
        include = INCLUDE.fullmatch(line.strip())
        if include is None:
            yield line
            continue
        included = (path.parent / include.group(1)).resolve()
        guarded = included.stem not in STATEMENTS
        guard = "INCLUDED_" + included.stem.upper()
        if included not in inside:
            yield from (f"#ifndef {guard}", f"#define {guard}") if guarded else ()
            yield from flat(included, (*inside, included))
            yield from ("#endif",) if guarded else ()


def text_of(folder, source):
    """A source by itself; NAME is its function. Its own macros end with it."""
    path = pathlib.Path(folder, source + ".cl")
    own = sorted({m.group(1) for m in map(DEFINE.match, path.read_text().splitlines()) if m})
    return "\n".join([f"#define NAME tn_{source}", *flat(path),
                      *(f"#undef {name}" for name in ["NAME", *own])]) + "\n"


def fixed_constants(text):
    """Bits of those that a shared program is built with: they are read, and not as late ones."""
    late = set(LATE.findall(text))
    return sum(1 << int(i) for i in set(CONSTANT.findall(text)) - late)


def main(out, table, folder, flat_folder):
    rows = sorted(line.split() for line in pathlib.Path(table).read_text().splitlines()
                  if line and not line.startswith("#"))
    texts = {source: text_of(folder, source) for _, source, *_ in rows}
    programs = {program: "".join(texts[s] for s in sorted({r[1] for r in rows if r[2] == program}))
                for program in sorted({row[2] for row in rows})}
    lines = ['// Written by embed_kernels.py.', '#include "kernels.hpp"', '',
             'namespace tenon::opencl {', 'namespace {']
    for kind, named in (("kernel", texts), ("program", programs)):
        for name, text in sorted(named.items()):
            pathlib.Path(flat_folder, f"{kind}_{name}.cl").write_text(text)  # what clang checks
            # Literals have a limit in some compilers.
            parts = "\n".join(f'R"cl({text[at:at + 8000]})cl"' for at in range(0, len(text), 8000))
            lines.append(f'constexpr std::string_view k_{kind}_{name} = {parts};')
    lines.append('constexpr Kernel k_kernels[] = {')
    for name, source, program, *defines in rows:
        options = "".join(f" -D{define}" for define in defines)
        lines.append(f'    {{"{name}", "tn_{source}", "{options}", k_kernel_{source}, '
                     f'k_program_{program}, {fixed_constants(texts[source]):#x}}},')
    lines += ['};', '}  // namespace', '',
              'std::span<const Kernel> kernels() { return k_kernels; }', '',
              '}  // namespace tenon::opencl', '']
    pathlib.Path(out).write_text("\n".join(lines))


if __name__ == "__main__":
    main(*sys.argv[1:])
