"""tenon template: the prompt of a conversation, and what is wrong with a conversation."""
import json
import unittest

from harness import CliTest

CHAT = [{"role": "system", "content": "Be brief."}, {"role": "user", "content": "Hi <b> 你好"}]
PROMPT = "<|start|>system: Be brief.<|end|><|start|>user: Hi <b> 你好<|end|>"


class Template(CliTest):
    def file(self, content, name="chat.json"):
        path = self.folder / name
        path.write_text(content if isinstance(content, str) else json.dumps(content))
        return str(path)

    def test_prompt(self):
        chat = self.file(CHAT)
        self.assertEqual(self.ok("template", self.model, "--messages", chat).out, PROMPT + "<|start|>assistant: ")
        self.assertEqual(self.ok("template", self.model, "--messages", chat, "--no-generation-prompt").out, PROMPT)
        self.assertEqual(self.json("template", self.model, "--messages", chat)["prompt"], PROMPT + "<|start|>assistant: ")
        piped = self.ok("template", self.model, "--messages", "-", stdin=json.dumps(CHAT).encode())
        self.assertEqual(piped.out, PROMPT + "<|start|>assistant: ")

    def test_tools(self):
        tools = self.file([{"type": "function", "function": {"name": "now"}}], "tools.json")
        self.ok("template", self.model, "--messages", self.file(CHAT), "--tools", tools)

    def test_arguments(self):
        chat = self.file(CHAT)
        given = self.ok("template", self.model, "--messages", chat, "--template-arg", "enable_thinking=false",
                        "--template-arg", 'name="x"')
        self.assertEqual(given.out, PROMPT + "<|start|>assistant: ")
        for argument, says in [("x", "NAME=JSON"), ("=1", "NAME=JSON"), ("x=yes", "not JSON"), ("messages=[]", "taken")]:
            with self.subTest(argument=argument):
                self.refused(2, "template", self.model, "--messages", chat, "--template-arg", argument, says=says)
                self.refused(2, "run", self.model, "-p", "x", "--template-arg", argument, says=says)

    def test_wrong_usage(self):
        chat = self.file(CHAT)
        self.refused(2, "template", says="MODEL")
        self.refused(2, "template", self.model, says="--messages")
        self.refused(2, "template", self.model, "--messages", chat, "--tool", chat, says="--tool")
        self.refused(2, "template", self.model, "--messages", "-", "--tools", "-", says="stdin")
        self.refused(2, "template", self.model, "--messages", self.folder / "none.json", says="none.json")
        self.refused(2, "template", self.model, "--messages", self.folder, says=str(self.folder))

    def test_wrong_messages(self):
        for content, says in [("", "bad.json"), ("[", "not JSON"), ("[1]", "item 0"), ('"x"', "not a list"), ("{}", "not a list"),
                              ('[{"role": "user"}, {"content": "x"}]', 'item 1 has no text "role"'),
                              ('[{"role": 1}]', "role"), ("[" * 100000, "bad.json"), ("[" * 100 + "]" * 100, "64 levels"),
                              ('[{"role": "user", "x": ' + "[" * 100000 + "]" * 100000 + "}]", "64 levels")]:
            with self.subTest(content=content[:40]):
                self.refused(2, "template", self.model, "--messages", self.file(content, "bad.json"), says=["bad.json", says])
        chat = self.file(CHAT)
        self.refused(2, "template", self.model, "--messages", chat, "--tools", self.file("[7]", "tools.json"), says="tools.json")

    def test_broken_text(self):
        broken = b'[{"role": "user", "content": "a\xffz"}]'
        self.refused(2, "template", self.model, "--messages", "-", stdin=broken, says="not JSON")

    def test_wrong_models(self):
        chat = self.file(CHAT)
        self.refused(3, "template", self.folder / "none.gguf", "--messages", chat, says="none.gguf")
        plain = self.make_model("plain.gguf", "without=tokenizer.chat_template")
        self.refused(3, "template", plain, "--messages", chat, says="tokenizer.chat_template is missing")


if __name__ == "__main__":
    unittest.main()
