// The Jinja interpreter against Python's jinja2 (make_template_golden.py),
// and against hostile templates.
#include "framework/text/chat_template.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>

namespace tenon {
namespace {

using Json = nlohmann::ordered_json;

Json load(const char* name) {
  std::ifstream file(std::string(TENON_TEXT_TEST_DATA) + "/" + name);
  return Json::parse(file);
}

ChatInputs inputs_of(Json variables) {
  ChatInputs in;
  in.messages = variables["messages"];
  in.tools = variables["tools"];
  in.add_generation_prompt = variables["add_generation_prompt"].get<bool>();
  in.bos_token = variables["bos_token"].get<std::string>();
  in.eos_token = variables["eos_token"].get<std::string>();
  in.extra = std::move(variables);
  in.now = 1721997000;  // 2024-07-26 12:30 UTC
  return in;
}

Result<std::string> render(std::string source, const ChatInputs& inputs = {}) {
  Result<ChatTemplate> t = ChatTemplate::parse(std::move(source));
  Result<Prompt> prompt = t ? t->render(inputs) : fail(t);
  return prompt ? Result<std::string>(std::move(prompt->text)) : fail(prompt);
}

TEST(ChatTemplate, WritesWhatJinja2Writes) {
  const Json cases = load("template_cases.json"), golden = load("template_golden.json");
  ASSERT_EQ(cases["cases"].size(), golden.size());
  for (std::size_t i = 0; i < golden.size(); ++i) {
    Json variables = cases["inputs"];
    if (cases["cases"][i].contains("inputs")) variables.update(cases["cases"][i]["inputs"]);
    const std::string source = cases["cases"][i]["template"].get<std::string>();
    const Result<std::string> text = render(source, inputs_of(variables));
    if (golden[i].is_null()) {
      EXPECT_FALSE(text) << source << "\n gives " << *text;
    } else {
      EXPECT_TRUE(text) << source << '\n' << (text ? "" : text.error().message());
      EXPECT_EQ(text.value_or(""), golden[i].get<std::string>()) << source;
    }
  }
}

TEST(ChatTemplate, ErrorsNameTheLine) {
  for (const char* source :
       {"a\nb\n{{ x.y }}", "a\nb\n{% nope %}", "\n\n{{ raise_exception('why') }}"}) {
    const Result<std::string> text = render(source);
    ASSERT_FALSE(text);
    EXPECT_EQ(text.error().code(), ErrorCode::model);
    EXPECT_THAT(text.error().message(), testing::HasSubstr("line 3")) << source;
  }
}

TEST(ChatTemplate, CyclesDoNoHarm) {
  EXPECT_TRUE(render("{% set ns = namespace() %}{% set ns.me = ns %}{{ ns.me is defined }}"));
}

TEST(ChatTemplate, BrokenTextInMessagesIsRepaired) {
  ChatInputs in;
  in.messages = Json::array({Json{{"role", "user"}, {"content", "a\xFFz"}}});
  EXPECT_EQ(render("{{ messages[0].content | upper }}", in).value(), "A\uFFFDZ");
}

TEST(ChatTemplate, DeepMessagesAreRefused) {
  ChatInputs in;
  for (int i = 0; i < 3000; ++i) in.messages = Json::array({std::move(in.messages)});
  EXPECT_FALSE(render("x", in));
}

}  // namespace
}  // namespace tenon
