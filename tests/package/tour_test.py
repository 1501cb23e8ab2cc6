"""Runs the commands of the tour in README.md, line by line, with the program of this build.

    tour_test.py ROOT TENON WORK"""
import os
import pathlib
import re
import subprocess
import sys
import tempfile

root, tenon, work = (pathlib.Path(p) for p in sys.argv[1:4])
text = (root / "README.md").read_text(encoding="utf-8")
tour = re.search(r"## A short tour\n.*?```sh\n(.*?)```", text, re.S).group(1)
lines = [line for line in tour.splitlines() if line.startswith(("tenon ", "echo ", "printf "))]
if len(lines) < 6:
    sys.exit(f"the tour has {len(lines)} commands only")
model = subprocess.run([root / "scripts/fetch-model"], check=True, capture_output=True, text=True).stdout.strip()
with tempfile.TemporaryDirectory(dir=work) as folder:
    environment = {**os.environ, "PATH": f"{tenon.parent}:{os.environ['PATH']}", "MODEL": model, "HOME": folder}
    for line in lines:
        done = subprocess.run(["bash", "-eo", "pipefail", "-c", line], cwd=folder, env=environment, timeout=300,
                              stdin=subprocess.DEVNULL, capture_output=True)
        if done.returncode != 0 or not done.stdout.strip():
            sys.exit(f"{line}\n{done.returncode}: {done.stdout!r} {done.stderr.decode(errors='replace')}")
        print(line)
