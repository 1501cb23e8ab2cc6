#!/usr/bin/env python3
"""Renders published chat templates with transformers itself and writes real_template_golden.json: per template its
SHA-256 and per conversation the start of the SHA-256 of the text, or null where transformers refuses it.
The templates belong to their models, so only hashes are kept. Needs: pip install transformers jinja2.

    make_real_template_golden.py FOLDER [--texts OUT]      FOLDER holds *.jinja; OUT gets every text, to look at
"""
import argparse
import datetime
import hashlib
import json
import pathlib
from unittest import mock

from transformers.utils import chat_template_utils as real

from template_conversations import CASES

HERE = pathlib.Path(__file__).parent
NOW = datetime.datetime(2024, 7, 26, 12, 30, 0)
DIGITS = 16


class Clock(datetime.datetime):
    @classmethod
    def now(cls, tz=None):
        return NOW


def inputs(case):
    tokens = {"bos_token": "<s>", "eos_token": "</s>"}
    return {**tokens, "tools": None, "documents": None, "add_generation_prompt": True, **case}


def render(source, case):
    variables = inputs(case)
    try:
        with mock.patch.object(real, "datetime", Clock):
            texts, _ = real.render_jinja_template([variables.pop("messages")], chat_template=source, **variables)
        return texts[0]
    except Exception as error:  # whatever the template raises
        return error


def digest(data):
    return hashlib.sha256(data).hexdigest()


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("folder", type=pathlib.Path)
    parser.add_argument("--texts", type=pathlib.Path)
    options = parser.parse_args()
    templates, count, refused = {}, 0, 0
    for path in sorted(options.folder.glob("*.jinja")):
        source, results = path.read_bytes(), {}
        for name, case in CASES.items():
            text = render(source.decode(), case)
            failed = isinstance(text, Exception)
            results[name] = None if failed else digest(text.encode())[:DIGITS]
            count, refused = count + 1, refused + failed
            if options.texts:
                options.texts.mkdir(exist_ok=True)
                suffix = "error" if failed else "txt"
                (options.texts / f"{path.stem}.{name}.{suffix}").write_text(repr(text) if failed else text, newline="")
        templates[path.name] = {"sha256": digest(source), "texts": results}
    cases = {name: inputs(case) for name, case in CASES.items()}
    document = {"conversations": cases, "templates": templates}
    text = json.dumps(document, ensure_ascii=False, indent=0)
    (HERE / "real_template_golden.json").write_text(text + "\n", "utf-8")
    print(f"{len(templates)} templates, {count} texts, {refused} of them refused")


if __name__ == "__main__":
    main()
