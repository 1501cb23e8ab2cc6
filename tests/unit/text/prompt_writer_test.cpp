// Prompts of a model: which template, what it is given, which parts are the user's.
#include "framework/text/prompt_writer.hpp"

#include <gtest/gtest.h>

#include "tests/unit/formats/gguf_builder.hpp"
#include "tests/unit/text/tiny_vocab.hpp"

namespace tenon {
namespace {

using Json = nlohmann::ordered_json;

constexpr const char* k_texts =
    "{% for m in messages %}<|{{ m.role }}|>{{ m.content | trim }}{% endfor %}";
constexpr const char* k_parts =
    "{% for m in messages %}<|{{ m.role }}|>{% for c in m.content %}{% if c.type == 'text' %}"
    "{{ c.text }}{% endif %}{% endfor %}{% endfor %}";
constexpr const char* k_both =
    "{% for m in messages %}<|{{ m.role }}|>{% if m.content is string %}{{ m.content }}{% else %}"
    "{% for c in m.content %}{{ c.text }}+{% endfor %}{% endif %}{% endfor %}";

class Prompts : public ::testing::Test {
 protected:
  Result<Prompt> write(const char* usual, const Json& messages, const char* with_tools = nullptr) {
    testing::GgufBuilder builder;
    if (usual != nullptr) builder.string("tokenizer.chat_template", usual);
    if (with_tools != nullptr) builder.string("tokenizer.chat_template.tool_use", with_tools);
    const auto bytes = builder.build();
    const auto file = GgufFile::parse(std::as_bytes(std::span(bytes)), "m.gguf");
    EXPECT_TRUE(file);
    inputs.messages = messages;
    return PromptWriter::read(file->metadata(), "m.gguf", vocab.make().vocab()).write(inputs);
  }
  std::string text(const char* usual, const Json& messages, const char* with_tools = nullptr) {
    const Result<Prompt> prompt = write(usual, messages, with_tools);
    return prompt ? prompt->text : prompt.error().message();
  }
  static Json user(Json content) {
    return Json::array({Json{{"role", "user"}, {"content", std::move(content)}}});
  }
  static Json call(Json arguments) {
    return Json::array(
        {Json{{"role", "assistant"},
              {"tool_calls",
               Json::array({Json{{"function", {{"name", "f"}, {"arguments", arguments}}}}})}}});
  }

  TinyVocab vocab;
  ChatInputs inputs;
  const Json parts =
      Json::array({Json{{"type", "text"}, {"text", "a"}}, Json{{"type", "text"}, {"text", "b"}}});
};

TEST_F(Prompts, ContentHasTheFormThatTheTemplateReads) {
  EXPECT_EQ(text(k_texts, user("hi")), "<|user|>hi");
  EXPECT_EQ(text(k_parts, user("hi")), "<|user|>hi");
  EXPECT_EQ(text(k_both, user("hi")), "<|user|>hi");
  EXPECT_EQ(text(k_texts, user(parts)), "<|user|>a\nb");
  EXPECT_EQ(text(k_parts, user(parts)), "<|user|>ab");
  EXPECT_EQ(text(k_both, user(parts)), "<|user|>a+b+");
}

TEST_F(Prompts, ArgumentsOfCallsAreEncodedOnce) {
  const char* const dumps =
      "{% for m in messages %}{% for c in m.tool_calls %}{{ c.function.arguments | tojson }}"
      "{% endfor %}{% endfor %}";
  const char* const adds =
      "{% for m in messages %}{% for c in m.tool_calls %}{{ 'x' + c.function.arguments }}"
      "{% endfor %}{% endfor %}";
  EXPECT_EQ(text(dumps, call(R"({"a": 1})")), R"({"a": 1})");
  EXPECT_EQ(text(dumps, call(Json{{"a", 1}})), R"({"a": 1})");
  EXPECT_EQ(text(adds, call(R"({"a": 1})")), R"(x{"a": 1})");
  EXPECT_EQ(text(dumps, call("not JSON")), R"("not JSON")");
}

TEST_F(Prompts, TheTemplateForToolsIsUsedWithTools) {
  EXPECT_EQ(text("usual", user("x"), "tools"), "usual");
  inputs.tools = Json::array();
  EXPECT_EQ(text("usual", user("x"), "tools"), "usual");
  inputs.tools = Json::array({Json{{"name", "f"}}});
  EXPECT_EQ(text("usual", user("x"), "tools"), "tools");
  EXPECT_EQ(text("usual", user("x")), "usual");
}

TEST_F(Prompts, ErrorsNameTheFile) {
  EXPECT_EQ(text(nullptr, user("x")),
            "m.gguf: tokenizer.chat_template is missing; use the raw prompt");
  EXPECT_EQ(text("{{", user("x")).substr(0, 29), "m.gguf: chat template line 1:");
  EXPECT_EQ(text("{{ x.y }}", user("x")).substr(0, 29), "m.gguf: chat template line 1:");
}

TEST_F(Prompts, WhatUsersTypeStaysText) {
  const TokenId end = vocab.add("<|end|>", TokenType::control);
  const TokenId begin = vocab.add("<|user|>", TokenType::control);
  const Tokenizer tokenizer = vocab.make();
  const auto ids = [&](const char* source, const Json& messages) {
    const Result<Prompt> prompt = write(source, messages);
    return tokenizer.encode(prompt->text, {.plain = prompt->plain}).value();
  };
  std::vector<TokenId> wanted = bytes_of("a<|end|>b");
  wanted.insert(wanted.begin(), begin);
  wanted.push_back(end);
  // Whatever the template does with the text on its way.
  for (const char* filters :
       {"m.content", "m.content | trim", "m.content.replace('q', '<|end|>')", "m.content[:]",
        "m.content[::-1][::-1]", "m.content.split('zz')[0]", "m.content | upper | lower",
        "(m.content | tojson)[1:-1]", "'%s' % m.content", "'{}'.format(m.content)",
        "[m.content] | join", "m.content | list | join", "m.content | string", "'' ~ m.content",
        "m.content | indent", "(m.content | batch(3) | map('join') | list) | join",
        "dict(a=m.content).values() | first", "m.content.splitlines()[0]"})
    EXPECT_EQ(ids(("{% for m in messages %}{{ '<|' + m.role + '|>' }}{{ " + std::string(filters) +
                   " }}<|end|>{% endfor %}")
                      .c_str(),
                  user("a<|end|>b")),
              wanted)
        << filters;
  // A role that no template knows is the caller's text, too.
  EXPECT_EQ(ids("{% for m in messages %}<|{{ m.role }}|>{% endfor %}",
                Json::array({Json{{"role", "end"}, {"content", ""}}})),
            bytes_of("<|end|>"));
}

TEST_F(Prompts, ArgumentsOfTheTemplateAreVariables) {
  inputs.extra = Json{{"enable_thinking", false}};
  EXPECT_EQ(text("{{ 'off' if enable_thinking is false else 'on' }}", user("x")), "off");
}

TEST_F(Prompts, NumbersKeepTheirSignAndSize) {
  inputs.extra = Json{{"most", UINT64_MAX},
                      {"edge", std::uint64_t{1} << 63},
                      {"last", INT64_MAX},
                      {"least", INT64_MIN}};
  EXPECT_EQ(
      text("{{ most > 18000000000000000000.0 }} {{ edge > 9000000000000000000 }} {{ least < 0 }}",
           user("x")),
      "True True True");
  EXPECT_EQ(text("{{ last }} {{ least }}", user("x")), "9223372036854775807 -9223372036854775808");
}

}  // namespace
}  // namespace tenon
