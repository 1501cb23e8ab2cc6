#!/usr/bin/env python3
"""Makes smollm2_chat.json: conversations rendered with the file's chat template the way transformers renders it.

Usage: make_smollm2_chat.py MODEL.gguf OUT.json      (needs the packages gguf and jinja2)
"""
import json
import pathlib
import sys

import gguf
from jinja2.exceptions import TemplateError
from jinja2.sandbox import ImmutableSandboxedEnvironment


def message(role, content):
    return {"role": role, "content": content}


CONVERSATIONS = [
    ([message("user", "What is the capital of France?")], True),
    ([message("user", "What is the capital of France?")], False),
    ([message("system", "Answer in one word."), message("user", "2 + 2?")], True),
    ([message("user", "Hi"), message("assistant", "Hello! How can I help?"), message("user", "Tell me a joke.")], True),
    ([message("system", "You are terse.\nUse \"quotes\" & <tags>."), message("user", "  caf\u00e9 \U0001f600\n\n{{ x }} {% y %}  "),
      message("assistant", "ok\t"), message("user", ""), message("assistant", "<|im_end|>")], False),
    ([], True),
]


def raise_exception(text):
    raise TemplateError(text)


def render(template, conversation, add_generation_prompt):
    environment = ImmutableSandboxedEnvironment(trim_blocks=True, lstrip_blocks=True)
    environment.globals["raise_exception"] = raise_exception
    return environment.from_string(template).render(
        messages=conversation, add_generation_prompt=add_generation_prompt,
        bos_token="<|im_start|>", eos_token="<|im_end|>", pad_token="<|im_end|>", unk_token="<|endoftext|>")


def main():
    template = gguf.GGUFReader(sys.argv[1]).fields["tokenizer.chat_template"].contents()
    rows = [{"messages": m, "add_generation_prompt": flag, "text": render(template, m, flag)} for m, flag in CONVERSATIONS]
    pathlib.Path(sys.argv[2]).write_text("[\n" + ",\n".join(json.dumps(row) for row in rows) + "\n]\n")


if __name__ == "__main__":
    main()
