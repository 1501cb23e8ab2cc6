// The Jinja interpreter against Python's jinja2 (make_template_golden.py),
// and against hostile templates.
#include "framework/text/chat_template.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
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
  return t ? t->render(inputs) : fail(t);
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

std::string repeated(std::string_view unit, int n) {
  std::string out;
  for (int i = 0; i < n; ++i) out += unit;
  return out;
}

TEST(ChatTemplate, HostileTemplatesAreStopped) {
  const std::string hostile[] = {
      "{% for i in range(10**9) %}{% endfor %}",
      "{{ range(10**18)|list|length }}",
      "{% for i in range(100000) %}{% for j in range(100000) %}{% endfor %}{% endfor %}",
      "{% macro f() %}{{ f() }}{% endmacro %}{{ f() }}",
      "{% macro f() %}{{ g() }}{% endmacro %}{% macro g() %}{{ f() }}{% endmacro %}{{ f() }}",
      "{{ " + repeated("(", 50'000) + "1" + repeated(")", 50'000) + " }}",
      "{{ " + repeated("[", 50'000),
      "{{ " + repeated("{1:", 50'000),
      "{{ " + repeated("not ", 50'000) + "1 }}",
      "{{ " + repeated("-", 50'000) + "1 }}",
      "{{ " + repeated("1 if 1 else ", 50'000) + "1 }}",
      "{{ x" + repeated("|upper", 50'000) + " }}",
      "{{ messages" + repeated("[0:]", 50'000) + " }}",
      "{{ 1" + repeated("+1", 50'000) + " }}",
      "{{ 1" + repeated(" is defined is defined", 50'000) + " }}",
      repeated("{% if true %}", 50'000),
      repeated("{% for a in [1] %}", 50'000),
      "{% set " + repeated("(", 50'000) + "a",
      "{% set ns = namespace(s='x') %}{% for i in range(100) %}{% set ns.s = ns.s + ns.s %}{% "
      "endfor %}",
      "{% set ns = namespace(s=[1]) %}{% for i in range(100) %}{% set ns.s = [ns.s, ns.s] %}{% "
      "endfor %}{{ ns.s }}",
      "{% set ns = namespace(s=1) %}{% for i in range(99999) %}{% set ns.s = [ns.s] %}{% endfor "
      "%}{{ ns.s }}",
      "{% set ns = namespace(s=1) %}{% for i in range(99999) %}{% set ns.s = [ns.s] %}{% endfor "
      "%}{{ ns.s|tojson }}",
      "{% set ns = namespace(s=1) %}{% for i in range(99999) %}{% set ns.s = [ns.s] %}{% endfor "
      "%}{{ ns.s == ns.s }}",
      "{% for i in range(100000) %}{{ 'x' * 1000 }}{% endfor %}",
      "{{ 'x' * 10**12 }}",
      "{{ ('x' * 10**6)|replace('x', 'y' * 10**6) }}",
      "{{ [1] * 10**12 }}",
      "{{ 10 ** 10 ** 10 }}",
      "{{ 'abc'[::0] }}",
      "{{ ''.__class__.__mro__ }}",
      "{{ {}.__class__.__mro__ }}",
      "{% set ns = namespace() %}{% set ns.n = ns %}{% for i in range(10**7) %}{% set ns.x = [ns] "
      "%}{% endfor %}",
      "{{ [1,2]|tojson(indent=10**9) }}" + repeated("x", 5 << 20),
  };
  for (const std::string& source : hostile) {
    const auto begin = std::chrono::steady_clock::now();
    const Result<std::string> text = render(source);
    const std::chrono::duration<double> seconds = std::chrono::steady_clock::now() - begin;
    EXPECT_FALSE(text) << source.substr(0, 100);
    EXPECT_LT(seconds.count(), 10.0) << source.substr(0, 100);
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
