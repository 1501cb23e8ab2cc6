#!/usr/bin/env python3
"""What comments and documents name is in the tree: files, folders, and in two documents names of the code."""
import fnmatch
import re

from common import CODE, TOKEN, main, read, tree, without_comments

# File names end in one of these; names of what is built (libtenon.so) or the user's own are no citations.
NAME = r"(?:[\w+.-]|\*|<\w+>)+"
FILE = re.compile(rf"(?<![\w./~$}}>*-])((?:{NAME}/)*{NAME}\.(?:md|cpp|hpp|h|c|py|cmake))(?![\w*(-]|[./]\w)")
# A path from the top: TOP is filled in with the folders of the tree.
PATH = r"(?<![\w./~$}}>*<\"-])((?:{top})/{name}(?:/{name})*)"
ADR = re.compile(r"\bADR (\d{4})\b")
# Names that a document invents for its reader: the op of CONTRIBUTING.md, the file of docs/PLUGINS.md.
INVENTED = re.compile(r"softcap|^name\.cpp$")
# Documents whose names of types and functions are checked: `Type`, `function()`, `tn_name`; Type::member everywhere.
WALKS = ("docs/ARCHITECTURE.md", "docs/GLOSSARY.md")
IN_CODE = re.compile(r"`((?:\w+::)*(?:[A-Z]\w*[a-z]\w*|\w+::\w+|tn_\w+|\w+(?=\(\))))(?:\(\))?`"
                     r"|\b((?:[A-Za-z]\w*::)+\w+)")
# What was true when it was written stays as it was; the lints and their tests name what is not there.
EXEMPT = ("tests/lint/", "CHANGELOG.md", "docs/adr/")


def prose(path, text):
    """Documents whole; of sources the comments, with line numbers kept."""
    if path.suffix == ".md":
        return text
    if path.suffix in CODE:
        kept = re.sub(r"[^\n]", " ", text)
        for match in TOKEN.finditer(text):
            if match.group("comment"):
                kept = kept[:match.start()] + match.group(0) + kept[match.end():]
        return kept
    if path.suffix in (".py", ".cmake") or path.name == "CMakeLists.txt":
        return "\n".join(line if line.lstrip().startswith("#") else "" for line in text.splitlines())
    return ""


class Names:
    """What can be cited: every file by any tail of its path, every folder by its whole path."""

    def __init__(self, paths):
        self.files = [str(path) for path in paths]
        self.folders = {str(parent) for path in paths for parent in path.parents}
        self.tails = {"/".join(path.parts[i:]) for path in paths for i in range(len(path.parts))}
        self.path = re.compile(PATH.format(name=NAME, top="|".join(sorted(
            {path.parts[0] for path in paths if len(path.parts) > 1}))))

    def has(self, name):
        pattern = re.sub(r"<\w+>", "*", name)
        if re.fullmatch(r"docs/adr/\d+", name):
            pattern += "-*"
        if "*" not in pattern:
            return name in self.tails or name in self.folders
        return any(fnmatch.fnmatchcase(known, pattern) for known in (*self.tails, *self.folders))


def names_of_code(root, paths):
    walks = {path: read(root, path) for path in paths if str(path) in WALKS}
    known = set()
    for path in paths if walks else ():
        if path.suffix in CODE:
            known.update(re.findall(r"\w+", without_comments(read(root, path))))
    for path, text in walks.items():
        for match in IN_CODE.finditer(text):
            name = match.group(1) or match.group(2)
            if not set(name.split("::")) <= known:
                yield f"{path}:{text.count(chr(10), 0, match.start()) + 1}: no code is called {name}"


def check(root):
    paths = tree(root)
    yield from names_of_code(root, paths)
    names = Names(paths)
    for path in paths:
        if str(path).startswith(EXEMPT):
            continue
        text = prose(path, read(root, path))
        cited = {}
        for match in (*FILE.finditer(text), *names.path.finditer(text), *ADR.finditer(text)):
            name = match.expand(r"docs/adr/\1") if match.re is ADR else match.group(1)
            name = re.sub(r"^(?:\.\./)+|\.+$", "", name)
            if not INVENTED.search(name) and not names.has(name):
                cited.setdefault(name, text.count("\n", 0, match.start()) + 1)
        yield from (f"{path}:{line}: {name} is not in the tree" for name, line in cited.items())


if __name__ == "__main__":
    main(check, __doc__)
