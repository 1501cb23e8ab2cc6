#!/usr/bin/env python3
"""Copies the headers of the contract and makes every struct that may grow 8 bytes longer.

    tests/growth/grow_headers.py OUT    writes OUT/tenon/abi, a made-up minor 1 of the contract, and
                                        OUT/grown_sizes.h, which asserts that it has grown

The new field is the last one. In C++ it starts as poison, so that whatever copies, counts or strides
by its own sizeof shows. The draft stays that of the real headers, so that both load each other.
"""
import pathlib, re, sys

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "abi"))
import gen_layout  # noqa: E402

STRUCT = re.compile(r"((?:/\*(?:(?!\*/).)*\*/\s*)?)typedef struct (\w+) \{(.*?)\} \2;", re.S)
POISON = "0xa5a5a5a5a5a5a5a5u"
TAIL = f"""#ifdef __cplusplus
  uint64_t grown_tail = {POISON};
#else
  uint64_t grown_tail;
#endif
"""


def is_frozen(comment, body):
    """Whether the comment before the struct, or the first one in it, ends with the word."""
    first = re.match(r"\s*/\*(.*?)\*/", body, re.S)
    return any(re.search(r"\bfrozen\s*\Z", text.rstrip("*/ \n")) for text in
               (comment, first.group(1) if first else ""))


def grown(text, by):
    """The header with longer structs; by[name] becomes the number of bytes that each has grown by."""

    def grow(match):
        comment, name, body = match.groups()
        by[name] = 0 if is_frozen(comment, body) else 8
        if by[name] == 0:
            return match.group(0)
        first = gen_layout.fields(gen_layout.without_comments(body))[0][1]
        if first not in ("uint32_t struct_size", "tn_cmd head"):
            sys.exit(f"{name} begins with neither a size nor a head, and is not marked frozen")
        return f"{comment}typedef struct {name} {{{body}{TAIL}}} {name};"

    return re.sub(r"(#define TN_ABI_MINOR) \d+", r"\1 1", STRUCT.sub(grow, text))


def write_if_changed(path, text):
    if not path.is_file() or path.read_text() != text:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)


def main():
    out = pathlib.Path(sys.argv[1])
    by = {}
    for path in sorted((gen_layout.ABI / "tenon" / "abi").rglob("*.h")):
        write_if_changed(out / path.relative_to(gen_layout.ABI), grown(path.read_text(), by))
    asserts = [f"static_assert(sizeof({name}) == TN_SIZE_1_0_{name} + {n});" for name, n in by.items()]
    write_if_changed(out / "grown_sizes.h", "#include <tenon/abi/sizes_1_0.h>\n#include <tenon/abi/tenon.h>\n"
                     + "\n".join(asserts) + "\n")
    print("longer by 8 bytes, but for", *(name for name in by if by[name] == 0))


if __name__ == "__main__":
    main()
