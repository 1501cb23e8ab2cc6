#!/usr/bin/env python3
"""Nouns do not include one another in a circle: a noun is a source with its header."""
import pathlib

from common import code, inside, main, read, without_comments
from layers import INCLUDE, target

# Circles that are meant, each with the reason.
MEANT = [
    # The interpreter looks a name up in the tables; what the tables name computes with the interpreter.
    ("framework/jinja/builtins", "framework/jinja/runtime", "framework/jinja/text_utils"),
]


def noun(path):
    return str(pathlib.PurePosixPath(path).with_suffix(""))


def arrows(root):
    """Noun -> the nouns that it includes, product code only."""
    graph = {}
    for path in code(root):
        if inside(path, "tests"):
            continue
        goals = [target(root, path, *m.groups()) for m in INCLUDE.finditer(without_comments(read(root, path)))]
        graph.setdefault(noun(path), set()).update(noun(goal) for goal in goals if goal and (root / goal).is_file())
    return graph


def reached(graph, start):
    seen, todo = set(), list(graph.get(start, ()))
    while todo:
        at = todo.pop()
        if at not in seen:
            seen.add(at)
            todo += graph.get(at, ())
    return seen


def check(root):
    graph = arrows(root)
    graph = {a: goals - {a} for a, goals in graph.items()}
    reach = {a: reached(graph, a) for a in graph}
    told = {tuple(sorted(b for b in reach[a] if a in reach[b])) for a in graph if a in reach[a]}
    for circle in sorted(told - set(MEANT)):
        yield f"{circle[0]}:1: includes in a circle: {', '.join(circle)}"


if __name__ == "__main__":
    main(check, __doc__)
