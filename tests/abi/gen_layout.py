#!/usr/bin/env python3
"""Freezes the layout of every struct of the plugin ABI: one static assert per field and constant.

    tests/abi/gen_layout.py            rewrites freeze.c and layout_golden.json beside this script,
                                       and sizes_1_0.h of the ABI (with the draft's number)
    tests/abi/gen_layout.py --check    fails if they are not what the headers say (this is a test)

After a wanted change of plugins/abi run the first and note it in plugins/abi/CHANGELOG.md. A field
may be appended; one that was removed, moved or redeclared is named, and needs a new ABI major once
1.0 is frozen. Needs a C compiler (CC, default cc): offsets come from it, never from this script.
"""
import argparse, hashlib, json, os, pathlib, re, subprocess, sys, tempfile

HERE = pathlib.Path(__file__).resolve().parent
ABI = HERE.parent.parent / "plugins" / "abi"
SIZES = ABI / "tenon" / "abi" / "sizes_1_0.h"
STRUCT = re.compile(r"typedef struct (\w+) \{(.*?)\} \1;", re.S)
ENUM = re.compile(r"enum \{(.*?)\};", re.S)
MACRO = re.compile(r"^#define (TN_\w+) +(\S.*?)\s*$", re.M)  # without parameters
FUNCTION = re.compile(r"\(\*(\w+)\)\s*\(")


def without_comments(text):
    return re.sub(r"/\*.*?\*/", " ", text, flags=re.S).replace("\\\n", " ")


def fields(body):
    """[(name, declaration)] of a struct body, in order; `a, b` declares two fields."""
    out = []
    for statement in re.sub(r"TN_THREAD\(\w+\)", "", body).split(";"):
        text = " ".join(statement.split())
        if not text:
            continue
        function = FUNCTION.search(text)
        if function:
            out.append((function.group(1), text))
            continue
        base, first = re.match(r"(.*?[\s*])(\w+(?:\[\w+\])?(?:, .*)?)$", text).groups()
        for declarator in first.split(", "):
            out.append((re.match(r"\w+", declarator).group(), base.strip() + " " + declarator))
    return out


def read_headers():
    structs, constants, strings, headers = {}, [], {}, []
    for path in sorted((ABI / "tenon" / "abi").rglob("*.h")):
        if path == SIZES:
            continue
        text = without_comments(path.read_text())
        headers.append(path.relative_to(ABI).as_posix())
        structs.update({name: fields(body) for name, body in STRUCT.findall(text)})
        for body in ENUM.findall(text):
            constants += re.findall(r"(TN_\w+)\s*=", body)
        for name, value in MACRO.findall(text):
            if value.startswith('"'):
                strings[name] = value.strip('"')
            elif name != "TN_ABI_MINOR":  # it counts the changes
                constants.append(name)
        if text.count("typedef struct") - len(re.findall(r"typedef struct \w+ \w+;", text)) != len(
                STRUCT.findall(text)):
            sys.exit(f"{path}: a struct that this script cannot read")
    return structs, constants, strings, headers


def numbers(headers, expressions):
    """The values of C expressions, by a compiled program: it is run, so build for this machine."""
    lines = [f"#include <{header}>" for header in headers]
    lines += ["#include <stdio.h>", "int main(void) {"]
    lines += [f'  printf("%lld\\n", (long long)({e}));' for e in expressions]
    with tempfile.TemporaryDirectory() as folder:
        source, program = pathlib.Path(folder, "p.c"), pathlib.Path(folder, "p")
        source.write_text("\n".join(lines + ["  return 0;", "}"]))
        compiler = os.environ.get("CC", "cc").split()
        subprocess.run(compiler + ["-std=c11", "-I", ABI, source, "-o", program], check=True)
        text = subprocess.run([program], check=True, capture_output=True, text=True).stdout
    return [int(line) for line in text.split()]


def layout():
    structs, constants, strings, headers = read_headers()
    asked = [f"sizeof({s})" for s in structs] + constants
    asked += [f"offsetof({s}, {f})" for s in structs for f, _ in structs[s]]
    asked += [f"sizeof((({s}*)0)->{f})" for s in structs for f, _ in structs[s]]
    value = dict(zip(asked, numbers(headers, asked)))
    golden = {"structs": {}, "constants": {c: value[c] for c in constants}, "strings": strings}
    for s in structs:
        golden["structs"][s] = {"size": value[f"sizeof({s})"], "fields": {
            f: {"offset": value[f"offsetof({s}, {f})"], "size": value[f"sizeof((({s}*)0)->{f})"],
                "decl": decl} for f, decl in structs[s]}}
    return golden, headers


def freeze_c(golden, headers):
    lines = ["/* Every field, size and constant of the plugin ABI, frozen. Made by gen_layout.py. */"]
    lines += [f"#include <{header}>" for header in headers]
    lines.append("")
    for name, struct in golden["structs"].items():
        lines.append(f'_Static_assert(sizeof({name}) == {struct["size"]}, "{name}");')
        for field, at in struct["fields"].items():
            lines.append(f'_Static_assert(offsetof({name}, {field}) == {at["offset"]}, "{field}");')
    lines.append("")
    lines += [f'_Static_assert({c} == {v}, "{c}");' for c, v in golden["constants"].items()]
    return "\n".join(lines) + "\n"


def draft(golden):
    """Names this draft: plugins of another are refused until 1.0 is frozen."""
    return hashlib.sha256(golden_json(golden).encode()).hexdigest()[:16]


def sizes_h(golden):
    """What a reader compares struct_size with. While 1.0 is open this is what the structs have."""
    sizes = ",\n".join(f'  TN_SIZE_1_0_{name} = {struct["size"]}' for name, struct in golden["structs"].items())
    return f"""/* tenon/abi/sizes_1_0.h - sizes of all structs in minor 0: what struct_size and strides are compared
 * with; and which draft of minor 0 this is. Made by tests/abi/gen_layout.py. */
#ifndef TENON_ABI_SIZES_1_0_H
#define TENON_ABI_SIZES_1_0_H

/* Goes into the manifest, and away when 1.0 is frozen. */
#define TN_ABI_DRAFT "{draft(golden)}"

enum {{
{sizes}
}};

#endif
"""


def golden_json(golden):
    """JSON with one line per field, for reviews."""
    text = json.dumps(golden, indent=1)
    return re.sub(r"\{\s+(\"offset\": \d+),\s+(\"size\": \d+),\s+(\"decl\": \".*\")\s+\}",
                  r"{\1, \2, \3}", text) + "\n"


def broken(old, new):
    """What a plugin built against `old` would stumble over, one line each."""
    for name, struct in old["structs"].items():
        now = new["structs"].get(name)
        if now is None:
            yield f"{name} was removed"
            continue
        if now["size"] < struct["size"]:
            yield f"{name} shrank from {struct['size']} to {now['size']} bytes"
        for field, at in struct["fields"].items():
            if now["fields"].get(field) != at:
                yield f"{name}.{field} was {at}, is {now['fields'].get(field, 'removed')}"
    for kind in ("constants", "strings"):
        for name, value in old[kind].items():
            if new[kind].get(name) != value:
                yield f"{name} was {value}, is {new[kind].get(name, 'removed')}"


def check(outputs, golden):
    old = json.loads((HERE / "layout_golden.json").read_text())
    breaks = list(broken(old, golden))
    print("\n".join(f"ABI break: {line}" for line in breaks))
    stale = [path.name for path, text in outputs.items() if not path.is_file() or path.read_text() != text]
    if breaks or stale:
        sys.exit(f"not what the headers say: {', '.join(stale)}; run tests/abi/gen_layout.py and "
                 "note the change in plugins/abi/CHANGELOG.md")
    fields_n = sum(len(s["fields"]) for s in golden["structs"].values())
    print(f"{len(golden['structs'])} structs, {fields_n} fields, {len(golden['constants'])} "
          f"constants, {len(golden['strings'])} strings as committed")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--check", action="store_true")
    options = parser.parse_args()
    golden, headers = layout()
    outputs = {HERE / "freeze.c": freeze_c(golden, headers),
               HERE / "layout_golden.json": golden_json(golden), SIZES: sizes_h(golden)}
    if options.check:
        check(outputs, golden)
        return
    for path, text in outputs.items():
        path.write_text(text)


if __name__ == "__main__":
    main()
