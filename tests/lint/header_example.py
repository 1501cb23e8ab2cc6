#!/usr/bin/env python3
"""The example at the head of a public header compiles as it stands there.

    header_example.py HEADER COMPILER"""
import pathlib
import re
import subprocess
import sys

header, compiler = pathlib.Path(sys.argv[1]), sys.argv[2]
head = header.read_text(encoding="utf-8").split("#pragma once")[0]
example = [line[5:] for line in head.splitlines() if re.match("//   ", line)]
if len(example) < 2:
    sys.exit(f"{header}: no example before #pragma once")
program = (f'#include <iostream>\n#include "{header.name}"\n'
           "bool print(std::string_view text) { return std::cout << text && tenon::keep_going; }\n"
           "int main() {\n" + "\n".join(example) + "\n  return reply ? 0 : 1;\n}\n")
done = subprocess.run([compiler, "-std=c++20", "-fsyntax-only", "-Wall", "-Wextra", "-Werror", "-x", "c++", "-I", header.parent, "-"],
                      input=program, text=True, capture_output=True)
sys.exit(f"{header}:1: its example does not compile\n{done.stderr}" if done.returncode else 0)
