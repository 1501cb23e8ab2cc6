// Budgets of chat templates: hostile ones end in time and memory, and whatever a template names
// ends cleanly wherever its budget does.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <ctime>
#include <set>

#include "framework/base/sanitizer.h"
#include "framework/jinja/builtins.hpp"
#include "framework/jinja/guarded.hpp"
#include "framework/jinja/interpreter.hpp"
#include "framework/jinja/loop.hpp"
#include "framework/jinja/parser.hpp"
#include "framework/text/chat_template.hpp"
#include "tests/faults/models/heap_use.hpp"

#if defined(TENON_ASAN)  // else its memmem looks at the whole text, wherever it finds something
extern "C" const char* __asan_default_options() { return "strict_memmem=0"; }
#endif

namespace tenon {
namespace {

using Json = nlohmann::ordered_json;

#if defined(TENON_ASAN) || defined(TENON_TSAN)
constexpr double k_slow = 10;
constexpr std::size_t k_thin = 6;  // a release build tries every case, a sanitizer every sixth
#else
constexpr double k_slow = 1;
constexpr std::size_t k_thin = 1;
#endif
constexpr double k_max_seconds = 2 * k_slow;
constexpr double k_max_bytes = 256e6 * k_slow;

std::string repeated(std::string_view unit, int n) {
  std::string out;
  for (int i = 0; i < n; ++i) out += unit;
  return out;
}

ChatInputs with_tools() {
  ChatInputs in;
  in.messages = Json::array({Json{{"role", "user"}, {"content", "Hi \u4F60\u597D"}}});
  in.tools = Json::array({Json{{"name", "f"}, {"n", 1.5}}});
  in.now = 0;
  return in;
}

// Renders within the limits of time and memory, or the test fails.
Result<Prompt> bounded(const std::string& source, const ChatInputs& in = with_tools()) {
  const testing::HeapUse heap;
  const std::clock_t begin = std::clock();
  const Result<ChatTemplate> parsed = ChatTemplate::parse(source);
  Result<Prompt> prompt = parsed ? parsed->render(in) : fail(parsed);
  const double seconds = static_cast<double>(std::clock() - begin) / CLOCKS_PER_SEC;
  EXPECT_LT(seconds, k_max_seconds) << source.substr(0, 200);
  EXPECT_LT(static_cast<double>(heap.peak()), k_max_bytes) << source.substr(0, 200);
  if (std::getenv("TENON_TEST_SHOW") != nullptr)
    std::printf("%6.3f s %6.1f MB %s %s\n", seconds, static_cast<double>(heap.peak()) / 1e6,
                source.substr(0, 90).c_str(),
                prompt ? std::to_string(prompt->steps).c_str() : prompt.error().message().c_str());
  return prompt;
}

const std::string k_hostile[] = {
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
    "{{ range(100000) | tojson(indent='x' * 20000000) }}",
    "{{ range(100000) | tojson(separators=('x' * 20000000, ':')) }}",
    "{{ range(100000) | join('x' * 1000000) }}",
    "{{ '%s' * 1000 % (('x' * 1000000,) * 1000) }}",
    "{{ ('%s' * 1000) | format(*[1]) }}",
    "{{ ('{0}' * 100000).format('x' * 1000000) }}",
    "{{ ('{' * 1000001).format(1) }}",
    "{{ ('a\n' * 100000) | indent('x' * 100000) }}",
    "{{ ('a\n' * 1000000) | indent(60000) }}",
    "{{ 'x' * 30000000 ~ 'x' * 30000000 ~ 'x' * 30000000 ~ 'x' * 30000000 }}",
    "{% set ns = namespace(s='x' * 1000) %}{% for i in range(100000) %}{% set ns.s = ns.s ~ 'y' "
    "%}{% endfor %}{{ ns.s }}{% for i in range(100000) %}{% for j in range(1000) %}{{ ns.s | "
    "length }}{% endfor %}{% endfor %}",
    "{% set ns = namespace(d={}) %}{% for i in range(100000) %}{% set ns.d = dict(ns.d, **{}) "
    "%}{% endfor %}",
    "{% set ns = namespace(d={}) %}{% for i in range(100000) %}{% set ns.d = dict(ns.d, a=ns.d) "
    "%}{% endfor %}{{ ns.d }}",
    "{% for i in range(100000) %}{{ range(100000) | sort }}{% endfor %}",
    "{% for i in range(100000) %}{{ range(100000) | list | sort(reverse=true) | unique | length "
    "}}{% endfor %}",
    "{{ range(100000) | unique | list | length }}{{ range(100000) | groupby('x') | list }}{{ "
    "range(100000) | map('string') | unique | list | length }}",
    "{% for i in range(1000) %}{{ range(100000) | map('string') | map('upper') | select('in', "
    "'1') | list | length }}{% endfor %}",
    "{{ range(100000) | batch(1) | list | tojson }}{{ [range(100000) | batch(1) | list] * 1000 "
    "}}",
    "{{ (['x' * 1000] * 100000) | sort }}{% for i in range(1000) %}{{ (['x' * 1000] * 100000) | "
    "sort | length }}{% endfor %}",
    "{% macro f(n) %}{% if n > 0 %}{{ f(n - 1) }}{{ f(n - 1) }}{% endif %}{% endmacro %}{{ f(60) "
    "}}",
    "{% macro f(" + repeated("a,", 100'000) +
        "b) %}{% endmacro %}{% for i in range(100000) %}{{ "
        "f(1) }}{% endfor %}",
    "{% macro f(a) %}{% endmacro %}{% for i in range(100000) %}{{ f(" + repeated("a=1,", 100'000) +
        ") }}{% endfor %}",
    "{% for x in [[1]] recursive %}{{ loop(x) }}{{ loop([[1]]) }}{{ loop([[1]]) }}{% endfor %}",
    "{% set ns = namespace(s=[]) %}{% for i in range(26) %}{% set ns.s = [ns.s, ns.s] %}{% "
    "endfor %}{{ ns.s == ns.s }}{{ ns.s | tojson }}",
    "{% for i in range(100000) %}{{ loop.changed('x' * 1000000) }}{% endfor %}",
    "{% for i in range(100000) %}{% for c in 'x' * 1000000 %}{% break %}{% endfor %}{% endfor %}",
    "{% for i in range(10**9) %}" + repeated("{{ messages.a.b }}", 10'000) + "{% endfor %}",
    "{{ " + repeated("a", 100'000) + " }}",
    repeated("{{a}}", 200'000) + "{{ a.b }}",
    "{{ [" + repeated("[],", 300'000) + "] * 10000000 }}",
    "{{ " + repeated("a~", 500'000) + "a ~ ('x' * 99999999) }}",
    "{% if 'x' * 30000000 == 'x' * 30000000 %}{% for i in range(99999) %}{{ 'x' * 9999999 < 'y' "
    "}}{% endfor %}{% endif %}",
};

TEST(TemplateBudget, HostileTemplatesAreStopped) {
  for (const std::string& source : k_hostile) {
    const Result<Prompt> prompt = bounded(source);
    EXPECT_FALSE(prompt) << source.substr(0, 100);
    EXPECT_LT(prompt ? 0 : prompt.error().message().size(), 500u);
  }
}

// What reads or makes a lot of text: alone it is allowed, a thousand times it is not.
TEST(TemplateBudget, LongTextsAreReadInLinearTime) {
  const std::string a = "('a' * 5000000)", words = "('a ' * 500000)", odd = "('\u00E4' * 1000000)";
  const std::string sources[] = {
      "(('ab' * 2000000)[::-1] | length)",
      words + ".split() | length",
      words + " | wordcount",
      words + ".split(' ') | length",
      words + ".rsplit(' ', 400000) | length",
      words + " | title | length",
      words + ".title() | length",
      words + ".splitlines() | length",
      "('a\n' * 500000).splitlines() | length",
      words + ".strip(' a') | length",
      words + " | trim(" + a + ") | length",
      "(" + a + " ~ 'b') in " + a,
      "(" + a + " ~ 'b') in ('a' * 10000000)",
      "('b' ~ " + a + ") in ('a' * 10000000)",
      "('a' * 10000000).find('a' * 100 ~ 'b' ~ 'a' * 100)",
      "('a' * 10000000).find('b' ~ " + a + ")",
      "('a' * 10000000).rfind('b' ~ " + a + ")",
      "('a' * 10000000).rfind(" + a + " ~ 'b')",
      "('a' * 10000000).count('b' ~ " + a + ")",
      "('a' * 10000000).count('aa')",
      "('ab' * 2000000 ~ 'c').index('c')",
      "('ab' * 2000000).replace('ab', 'c') | length",
      "('ab' * 2000000).replace('', 'c') | length",
      "('ab' * 2000000).replace('b' ~ " + a + ", 'c') | length",
      odd + " | upper | length",
      odd + ".lower() | length",
      odd + ".isalpha()",
      odd + " is upper",
      odd + "[500000]",
      odd + "[-1]",
      odd + "[::2] | length",
      odd + " | list | length",
      odd + " | reverse | length",
      odd + " | tojson(ensure_ascii=true) | length",
      odd + " | escape | length",
      "('<' * 1000000) | e | length",
      "[" + odd + "] | string | length",
      "('%%' * 1000000) | format | length",
      "('{{' * 100000).format() | length",
  };
  for (std::size_t i = 0; i < std::size(sources); i += k_thin) {
    EXPECT_FALSE(bounded("{% for i in range(100000) %}{{ " + sources[i] + " }}{% endfor %}"))
        << sources[i];
  }
}

TEST(TemplateBudget, AnHonestLongMessageIsCheap) {
  ChatInputs in;
  in.messages =
      Json::array({Json{{"role", "user"}, {"content", repeated("word and more\n", 8000)}}});
  const Result<Prompt> prompt = bounded(
      "{% set m = messages[0].content %}{{ m.split() | length }} {{ m.split('\n')[0] }} "
      "{{ 'more' in m }}{{ m | trim }}{{ m.strip() | replace('\n', ' ') }}{{ m | tojson }}",
      in);
  ASSERT_TRUE(prompt) << prompt.error().message();
  EXPECT_THAT(prompt->text, ::testing::StartsWith("24000 word and more True"));
  EXPECT_LT(prompt->steps, 1'000'000u);
}

// --- every name that a template can use, with the budget ending at every step ---

const char* const k_values[] = {"x",
                                "none",
                                "-9223372036854775807 - 1",
                                "2.5",
                                "'a, b%s{}'",
                                "'\u4F60 <a>' * 9",
                                "['b', 'a']",
                                "('a', [1])",
                                "{'a': 'b', 1: {}}",
                                "namespace(a=1)",
                                "[{'a': 2}, {'a': 1}]"};
const char* const k_arguments[] = {"",           "'a'",           "3, true", "'a', 'upper', -1",
                                   "['a'], 'x'", "attribute='a'", "0, 0, 0"};

std::vector<std::string> every_expression() {
  std::vector<std::string> out;
  const auto add = [&](const std::string& before, std::string_view name, const std::string& open,
                       const std::string& after) {
    for (const char* value : k_values)
      for (const char* arguments : k_arguments)
        out.push_back("{% for i in [1] %}{{ " + before + "(" + value + ")" + after +
                      std::string(name) + open + arguments + ")}}{% endfor %}");
  };
  for (const auto table : {jinja::text_filters(), jinja::sequence_filters()})
    for (const jinja::Builtin& row : table) add("", row.name, "(", "|");
  for (const jinja::Builtin& row : jinja::tests())
    if (std::isalpha(static_cast<unsigned char>(row.name[0])) != 0) add("", row.name, "(", " is ");
  for (const jinja::Builtin& row : jinja::functions())
    for (const char* arguments : k_arguments)
      out.push_back("{{ " + std::string(row.name) + "(" + arguments + ") }}");
  for (const auto kind : {jinja::Kind::string, jinja::Kind::dict, jinja::Kind::list})
    for (const jinja::Builtin& row : jinja::methods_of(kind)) add("", row.name, "(", ".");
  for (const std::string_view name : jinja::loop_names())
    for (const char* arguments : k_arguments)
      out.push_back("{% for i in [1, 2] %}{{ loop." + std::string(name) + " }}{{ loop." +
                    std::string(name) + "(" + arguments + ") }}{% endfor %}");
  std::vector<std::string> operators{
      "==", "!=", "<", "<=", ">", ">=", "in", "not in", "and", "or", "~"};
  for (const std::string_view op : jinja::arithmetic_operators()) operators.emplace_back(op);
  for (const std::string& op : operators)
    for (const char* a : k_values)
      for (const char* b : k_values)
        out.push_back("{{ (" + std::string(a) + ") " + op + " (" + b + ") }}");
  for (const char* a : k_values) {
    for (const char* access : {"[::-1]", "[1:]", "[-1]", ".a", "['a']", "[0]", "()", "[:none:2]"})
      out.push_back("{{ (" + std::string(a) + ")" + access + " }}");
    for (const char* sign : {"-", "+", "not "})
      out.push_back("{{ " + std::string(sign) + "(" + a + ") }}");
    out.push_back("{% for a in " + std::string(a) +
                  " if a recursive %}{{ loop([a]) if 0 }}{{ a }}{% else %}e{% endfor %}");
    out.push_back("{% for a, b in " + std::string(a) + " %}{{ a }}{% endfor %}");
    out.push_back("{% set ns = namespace() %}{% set ns.a = " + std::string(a) + " %}{{ ns.a }}");
  }
  const char* const statements[] = {
      "{% set a %}x{{ messages }}{% endset %}{% set b | upper %}y{% endset %}{{ a ~ b }}",
      "{% macro m(a, b='x') %}{{ a }}{{ b }}{{ varargs }}{{ caller() if caller }}{% endmacro %}"
      "{{ m(1, 2, 3) }}{% call m(1) %}in{% endcall %}{{ m(c=1) }}",
      "{% filter upper %}x{{ tools }}{% endfilter %}{% with a = 1, b = 'x' %}{{ a }}{{ b }}"
      "{% endwith %}{% generation %}{{ messages | tojson(indent=2) }}{% endgeneration %}",
      "{% for i in range(9) %}{% if i == 2 %}{% continue %}{% elif i > 4 %}{% break %}{% else %}t"
      "{% endif %}{% endfor %}{{ 1.5 if none else [1, (2,)] }}{{ {'a': true}.a }}",
  };
  out.insert(out.end(), std::begin(statements), std::end(statements));
  return out;
}

struct Outcome {
  std::optional<std::string> text;  // none: an error
  std::string error;
  std::uint64_t steps = 0;
  std::size_t peak = 0;
};

Outcome run(const jinja::Ast& ast, const jinja::Limits& limits) {
  Outcome out;
  const auto text = jinja::guarded(limits, {}, [&](jinja::Runtime& rt) {
    struct Spent {  // also when it fails
      jinja::Runtime& rt;
      Outcome& out;
      ~Spent() {
        out.steps = rt.steps();
        out.peak = rt.peak_bytes();
      }
    } spent{rt, out};
    rt.now = 0;
    jinja::Interpreter interpreter(rt);
    const ChatInputs in = with_tools();
    interpreter.define("messages", rt.from_json(in.messages));
    interpreter.define("tools", rt.from_json(in.tools));
    return std::string(interpreter.run(ast.body).chars);
  });
  if (text) out.text = *text;
  if (!text) out.error = text.error().message();
  return out;
}

TEST(TemplateBudget, EveryNameEndsCleanlyWhereverItsBudgetDoes) {
  std::set<jinja::ExprKind> exprs;
  std::set<jinja::StmtKind> stmts;
  std::size_t runs = 0, i = 0;
  for (const std::string& source : every_expression()) {
    const auto ast = jinja::parse(source);
    ASSERT_TRUE(ast) << source << ": " << ast.error().message();
    for (const jinja::Expr& e : ast->exprs) exprs.insert(e.kind);
    for (const jinja::Stmt& s : ast->stmts) stmts.insert(s.kind);
    const Outcome whole = run(*ast, {});
    ASSERT_LT(whole.steps, 100'000u) << source;
    const auto check = [&](const Outcome& cut, const char* why) {
      ++runs;
      if (cut.text ? cut.text != whole.text
                   : cut.error.find(why) == std::string::npos && cut.error != whole.error)
        ADD_FAILURE() << source << "\n gives " << cut.text.value_or(cut.error) << "\n instead of "
                      << whole.text.value_or(whole.error);
    };
    // Some are cut at every step, and all at some.
    const bool all = ++i % (17 * k_thin) == 0;
    for (std::uint64_t k = all ? 0 : i % 101; k < whole.steps; k += all ? 1 : 101 * k_thin)
      check(run(*ast, {.steps = k}), "more than");
    for (std::size_t bytes = i % 97; bytes < whole.peak; bytes += all ? 97 : 4999 * k_thin)
      check(run(*ast, {.memory_bytes = bytes}), "more than");
    if (!all) continue;
    EXPECT_EQ(run(*ast, {.steps = whole.steps, .memory_bytes = whole.peak}).text, whole.text)
        << source;
  }
  EXPECT_EQ(exprs.size(), jinja::k_expr_kinds) << "a kind of expression that no template uses";
  EXPECT_EQ(stmts.size(), jinja::k_stmt_kinds) << "a kind of statement that no template uses";
  EXPECT_GT(runs, 10'000u / k_thin);
}

TEST(TemplateBudget, MessagesAreOneShortPrintableLine) {
  const std::string evil = "\x1B]52;c;aGk=\x07\n\u202E\u009B" + std::string(100, 'y');
  ChatInputs in;
  in.extra["evil"] = evil;
  in.extra["big"] = std::string(5'000'000, 'z');
  std::vector<std::string> sources = {"{{ raise_exception(evil) }}",
                                      "{{ raise_exception(big) }}",
                                      "{{ x[evil].y }}",
                                      "{{ {}[evil].y }}",
                                      "{{ ''.format(**{}) }}",
                                      "{{ '{' ~ evil ~ '}' }}{{ ('{' ~ evil ~ '}').format() }}",
                                      "{{ [1] | map(evil) | list }}",
                                      "{{ [1] | select(evil) | list }}",
                                      "{{ [1] | select(big) | list }}",
                                      "{{ ('%' ~ evil) | format }}",
                                      "{{ '\x1B' + 1 }}{{ 1 + '\n' }}",
                                      "{{ " + evil + " }}",
                                      "{% " + evil + " %}",
                                      "{{ 1 | " + evil,
                                      "{{ 'a' '" + evil,
                                      "{{ \x07 }}",
                                      "{{ x\u202Ey.z }}",
                                      "{{ \u202Ey() }}",
                                      "{{ 1 | \u202Ey }}",
                                      "{{ 1 is \u202Ey }}",
                                      "{% macro \u202Ey() %}{% endmacro %}{{ \u202Ey(\u009Ba=1) }}",
                                      "{% \u202Ey %}"};
  for (const std::string& source : sources) {
    const Result<ChatTemplate> parsed = ChatTemplate::parse(source);
    const Result<Prompt> prompt = parsed ? parsed->render(in) : fail(parsed);
    if (prompt) continue;
    const std::string& message = prompt.error().message();
    EXPECT_LT(message.size(), 500u) << source.substr(0, 100);
    EXPECT_THAT(message, ::testing::StartsWith("chat template line ")) << source.substr(0, 100);
    for (const char* part : {"\x1B", "\x07", "\n", "\u202E", "\u009B"})
      EXPECT_EQ(message.find(part), std::string::npos) << message;
  }
}

TEST(TemplateBudget, TheCallerCanStopIt) {
  ChatInputs in;
  int asked = 0;
  in.stop = [&]() -> std::optional<Error> {
    if (++asked < 10) return std::nullopt;
    return Error(ErrorCode::limit, "the deadline has passed");
  };
  const auto parsed = ChatTemplate::parse("{% for i in range(99999) %}{{ 'x' }}{% endfor %}");
  const Result<Prompt> prompt = parsed->render(in);
  ASSERT_FALSE(prompt);
  EXPECT_EQ(prompt.error().code(), ErrorCode::limit);
  EXPECT_EQ(prompt.error().message(), "the deadline has passed");
}

}  // namespace
}  // namespace tenon
