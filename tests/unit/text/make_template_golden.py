#!/usr/bin/env python3
"""Renders the cases of template_cases.json with Python's jinja2, set up as transformers does, and writes
template_golden.json: one expected text (or null for an error) per case. Needs: pip install jinja2."""
import datetime
import json
import pathlib

import jinja2
import jinja2.ext
import jinja2.sandbox

HERE = pathlib.Path(__file__).parent
NOW = datetime.datetime(2024, 7, 26, 12, 30, 0)


class Generation(jinja2.ext.Extension):
    """{% generation %} … {% endgeneration %}, without the tracking."""

    tags = {"generation"}

    def parse(self, parser):
        line = next(parser.stream).lineno
        body = parser.parse_statements(["name:endgeneration"], drop_needle=True)
        return jinja2.nodes.Scope(body, lineno=line)


def raise_exception(message):
    raise jinja2.exceptions.TemplateError(message)


def tojson(x, ensure_ascii=False, indent=None, separators=None, sort_keys=False):
    return json.dumps(x, ensure_ascii=ensure_ascii, indent=indent, separators=separators, sort_keys=sort_keys)


def environment():
    env = jinja2.sandbox.ImmutableSandboxedEnvironment(
        trim_blocks=True, lstrip_blocks=True, extensions=[Generation, jinja2.ext.loopcontrols])
    env.filters["tojson"] = tojson
    env.globals["raise_exception"] = raise_exception
    env.globals["strftime_now"] = NOW.strftime
    return env


def render(env, case, inputs):
    variables = {**inputs, **case.get("inputs", {})}
    try:
        return env.from_string(case["template"]).render(**variables)
    except Exception:
        return None


def main():
    cases = json.loads((HERE / "template_cases.json").read_text("utf-8"))
    golden = [render(environment(), case, cases["inputs"]) for case in cases["cases"]]
    text = json.dumps(golden, ensure_ascii=False, indent=0)
    (HERE / "template_golden.json").write_text(text + "\n", "utf-8")
    errors = sum(g is None for g in golden)
    print(f"{len(golden)} cases, {errors} of them errors")


if __name__ == "__main__":
    main()
