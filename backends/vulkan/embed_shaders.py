#!/usr/bin/env python3
"""Writes the table of shaders.hpp: the words of each SPIR-V module under its name."""
import pathlib
import struct
import sys

MAGIC = 0x07230203


def words_of(path):
    data = path.read_bytes()
    words = struct.unpack(f"<{len(data) // 4}I", data)
    if not words or words[0] != MAGIC:
        sys.exit(f"{path}: not a SPIR-V module")
    return words


def main(out, *modules):
    paths = sorted(map(pathlib.Path, modules), key=lambda path: path.stem)
    lines = ['// Written by embed_shaders.py.', '#include "shaders.hpp"', '',
             'namespace tenon::vulkan {', 'namespace {']
    for path in paths:
        words = ",".join(map(hex, words_of(path)))
        lines.append(f"constexpr uint32_t k_{path.stem}[] = {{{words}}};")
    rows = ",\n".join(f'    {{"{p.stem}", k_{p.stem}, sizeof k_{p.stem}}}' for p in paths)
    lines += [f"constexpr Shader k_shaders[] = {{\n{rows}}};", "}  // namespace", "",
              "std::span<const Shader> shaders() { return k_shaders; }", "",
              "}  // namespace tenon::vulkan", ""]
    pathlib.Path(out).write_text("\n".join(lines))


if __name__ == "__main__":
    main(*sys.argv[1:])
