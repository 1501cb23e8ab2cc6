#!/usr/bin/env python3
"""Who may include whom, and who may name whom: the architecture, as tables."""
import pathlib
import posixpath
import re

from common import TOKEN, code, inside, longest, main, read, without_comments

ABI, SDK, API = "plugins/abi", "plugins/sdk", "framework/include"

# Folder -> the folders it may include besides itself. The innermost row that fits a file rules.
MAY_INCLUDE = {
    "plugins/abi": [],
    "plugins/sdk": [ABI],
    "plugins/conformance": [ABI],  # the raw contract only: it judges the SDK's users too
    "plugins/examples": [ABI, SDK],
    "models": [ABI, SDK],
    "backends": [],  # a row per backend below: none may include another
    "backends/cpu/formats": [SDK],
    "backends/cpu/device": [ABI, SDK],
    "backends/cpu/reference": [ABI, SDK, "backends/cpu/formats"],
    "backends/cpu/simd": [ABI, SDK, "backends/cpu/formats"],
    "backends/gpu": [ABI, SDK],  # what the two below share
    "backends/vulkan": [ABI, SDK, "backends/gpu"],
    "backends/opencl": [ABI, SDK, "backends/gpu"],
    "framework": [],  # a row per part below, each part on what is before it
    API: [],          # installed: what users of the library include
    "framework/base": [API, ABI],
    "framework/formats": [API, ABI, "framework/base"],
    "framework/jinja": [API, "framework/base"],
    "framework/text": [API, ABI, "framework/base", "framework/formats", "framework/jinja"],
    "framework/plugin": [API, ABI, "framework/base"],
    "framework/validation": [ABI, "framework/base"],
    "framework/device": [API, ABI, "framework/base", "framework/plugin", "framework/validation"],
    "framework/graph": [API, ABI, "framework/base", "framework/formats"],
    "framework/placement": [API, ABI, "framework/base", "framework/formats", "framework/plugin",
                            "framework/device", "framework/graph"],
    "framework/execution": [API, ABI, "framework/base", "framework/formats", "framework/plugin",
                            "framework/device", "framework/graph", "framework/placement"],
    "framework/sampling": [API, ABI, "framework/base"],
    "framework/engine": [API, ABI, "framework/base", "framework/formats", "framework/text",
                         "framework/plugin", "framework/device", "framework/graph",
                         "framework/placement", "framework/execution", "framework/sampling"],
    "framework/synthesis": [API, ABI, "framework/base", "framework/formats", "framework/text",
                            "framework/plugin", "framework/sampling", "framework/engine"],
    "framework/bisect": [API, ABI, "framework/base", "framework/formats", "framework/device", "framework/graph",
                         "framework/placement", "framework/execution", "framework/plugin", "framework/engine"],
    "framework/api": [API, ABI, "framework"],
    # device_bench drives the thread pool itself, with the kernels that the tests of the device have.
    "bench": ["framework", "plugins/abi", SDK, "backends/cpu/device", "tests/unit/cpu_device"],
    "host": ["framework", "bench"],
    "host/cli": [API],  # no private door: what the commands do, any program can do
    "tests": [""],  # everything
}

DEVICES = r"cpu|vulkan|opencl|cuda|metal|avx\d*\w*|neon"
MODELS = r"llama|smollm|qwen|gemma|mistral|mixtral|deepseek|phi[-_]?\d"

# Folder -> names that its code (not its comments) may not have.
MAY_NOT_NAME = {
    "framework": f"{DEVICES}|{MODELS}",
    "models": DEVICES,
    "backends": MODELS,
}

# Where a name is data of a file format or of the contract, not knowledge about a device or a model.
EXCEPTIONS = {
    "framework/plugin": "cpu|avx|vulkan|opencl",  # the host checks CPU features and the tables of slots
    "framework/text/tokenizer/pre_tokenizer_table.cpp": MODELS,  # values of tokenizer.ggml.pre
    "framework/synthesis/shapes.cpp": MODELS,  # names of published models and values of general.architecture
    "framework/text/tokenizer/tokenizer_table.cpp": MODELS,  # values of tokenizer.ggml.model and general.name
}

# The framework has users without a command line: its messages speak of the API's terms.
# A flag of another program may be named with that program.
FLAG = re.compile(r"(?<![\w-])(?<!gguf-split )(?:--[a-z]\w+|-[a-z]\b)|`tenon\b")

INCLUDE = re.compile(r'^[ \t]*#[ \t]*include[ \t]*([<"])([^>"]+)[>"]', re.MULTILINE)
PREFIXES = [("tenon/abi/", "plugins/abi"), ("tenon/sdk/", "plugins/sdk"), ("tenon/", API)]
TOP = {folder.split("/")[0] for folder in MAY_INCLUDE}


def target(root, path, style, name):
    """The path in the tree that an include means, or None if it is a header of somebody else."""
    beside = posixpath.normpath(f"{path.parent}/{name}")
    if style == '"' and (root / beside).is_file():
        return beside
    for prefix, folder in PREFIXES:
        if name.startswith(prefix):
            return f"{folder}/{name}"
    name = posixpath.normpath(name)
    if name.split("/")[0] in TOP or (root / name).is_file():
        return name
    return None if style == "<" else beside


def line_of(text, offset):
    return text.count("\n", 0, offset) + 1


def includes(root, path, text):
    row = longest(path, MAY_INCLUDE)
    if row is None:
        yield f"{path}:1: no row of tests/lint/layers.py says what this folder may include"
        return
    for match in INCLUDE.finditer(text):
        goal = target(root, path, *match.groups())
        allowed = MAY_INCLUDE[row] + [row]
        if goal and "" not in allowed and not any(inside(goal, folder) for folder in allowed):
            yield f"{path}:{line_of(text, match.start())}: {row} may not include {goal}"


def names(path, text):
    folder = longest(path, MAY_NOT_NAME)
    if folder is None:
        return
    row = longest(path, EXCEPTIONS)
    for match in re.finditer(rf"(?i)(?<![a-z])({MAY_NOT_NAME[folder]})", text):
        if row is None or not re.match(f"(?i){EXCEPTIONS[row]}", match.group(0)):
            yield f"{path}:{line_of(text, match.start())}: {folder} may not name {match.group(0)}"


def flags(path, text):
    for match in TOKEN.finditer(text) if inside(path, "framework") else ():
        flag = FLAG.search(match.group("keep") or "")
        if flag:
            yield f"{path}:{line_of(text, match.start())}: framework may not speak of the command line: {flag.group(0)}"


def check(root: pathlib.Path):
    for path in code(root):
        text = without_comments(read(root, path))
        yield from includes(root, path, text)
        yield from names(path, text)
        yield from flags(path, text)


if __name__ == "__main__":
    main(check, __doc__)
