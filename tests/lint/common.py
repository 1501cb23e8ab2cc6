"""What the lints share: the files of the tree, code without comments, and how findings are told."""
import argparse
import os
import pathlib
import re
import subprocess
import sys

CODE = {".c", ".h", ".cpp", ".hpp"}
SKIPPED = {".git", "build", ".cache", "__pycache__"}


def tree(root):
    """Paths relative to root: what git tracks or would track; everything, where there is no git."""
    if (root / ".git").exists():
        command = ["git", "-C", str(root), "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
        names = subprocess.run(command, check=True, capture_output=True, text=True).stdout.split("\0")
        paths = [pathlib.PurePosixPath(name) for name in names if name]
    else:
        paths = []
        for folder, folders, names in os.walk(root):
            folders[:] = [f for f in folders if f not in SKIPPED]
            here = pathlib.PurePosixPath(pathlib.Path(folder).relative_to(root).as_posix())
            paths += [here / name for name in names]
    return sorted(set(path for path in paths if (root / path).is_file()))


def code(root):
    return [path for path in tree(root) if path.suffix in CODE]


def read(root, path):
    return (root / path).read_text(encoding="utf-8", errors="replace")


TOKEN = re.compile(
    r'(?P<comment>//[^\n]*|/\*.*?\*/)'
    r'|(?P<keep>R"(?P<tag>[^ ()\\\n]*)\(.*?\)(?P=tag)"|"(?:\\.|[^"\\\n])*"|\'(?:\\.|[^\'\\\n])+\')',
    re.DOTALL)


def without_comments(text):
    """The same text with every comment blank; line numbers stay."""
    def blank(match):
        if match.group("keep"):
            return match.group(0)
        return re.sub(r"[^\n]", " ", match.group(0))
    return TOKEN.sub(blank, text)


def inside(path, folder):
    return str(path) == folder or str(path).startswith(folder + "/")


def longest(path, folders):
    """The innermost of the folders that holds path, or None."""
    return max((f for f in folders if inside(path, f)), key=len, default=None)


def main(check, description):
    """Runs check(root) over the tree, prints its findings, fails if there is one."""
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument("root", nargs="?", default=pathlib.Path(__file__).parents[2], type=pathlib.Path)
    findings = list(check(parser.parse_args().root.resolve()))
    print("\n".join(findings) if findings else "clean")
    sys.exit(1 if findings else 0)
