// One function per level of precedence, from `a if b else c` down to literals.
#include "framework/jinja/expression_parser.hpp"

#include <algorithm>
#include <charconv>

namespace tenon::jinja {
namespace {

struct Constant {
  std::string_view name;
  ExprKind kind;
  std::int64_t value;
};
constexpr Constant k_constants[] = {
    {"true", ExprKind::boolean, 1},  {"True", ExprKind::boolean, 1},
    {"false", ExprKind::boolean, 0}, {"False", ExprKind::boolean, 0},
    {"none", ExprKind::none, 0},     {"None", ExprKind::none, 0},
};
constexpr std::string_view k_comparisons[] = {"==", "!=", "<", "<=", ">", ">="};

}  // namespace

const Expr* ExpressionParser::expression(bool with_conditional) {
  const TokenStream::Nesting nesting(in_);
  return with_conditional ? conditional() : logical_or();
}

bool ExpressionParser::ends_tuple(std::string_view end) const {
  if (in_.is(TokenKind::block_end) || in_.is(TokenKind::variable_end) || in_.is(TokenKind::end))
    return true;
  return in_.is_symbol(")") || in_.is_symbol("=") || in_.is_name("in") ||
         (!end.empty() && in_.is_name(end));
}

const Expr* ExpressionParser::tuple(bool with_conditional, std::string_view end) {
  std::vector<const Expr*> items;
  bool is_tuple = false;
  while (!ends_tuple(end)) {
    items.push_back(expression(with_conditional));
    if (!in_.skip_symbol(",")) break;
    is_tuple = true;
  }
  if (!is_tuple && items.size() == 1) return items[0];
  if (!is_tuple) in_.refuse_token("an expression");
  return in_.make(ExprKind::tuple, std::move(items));
}

const Expr* ExpressionParser::target(bool with_attribute) {
  std::vector<const Expr*> items;
  bool is_tuple = false;
  const bool parenthesized = in_.skip_symbol("(");
  do {
    if (parenthesized ? in_.is_symbol(")") : is_tuple && (in_.is_name("in") || in_.is_symbol("=")))
      break;
    const TokenStream::Nesting nesting(in_);
    const Expr* item = in_.is_symbol("(")
                           ? target(false)
                           : in_.make(ExprKind::name, {}, in_.expect(TokenKind::name, "a name"));
    if (with_attribute && in_.skip_symbol("."))
      item = in_.make(ExprKind::attribute, {item}, in_.expect(TokenKind::name, "a name"));
    items.push_back(item);
    is_tuple |= in_.is_symbol(",");
  } while (in_.skip_symbol(","));
  if (parenthesized) in_.expect_symbol(")");
  if (!is_tuple && items.size() == 1) return items[0];
  return in_.make(ExprKind::tuple, std::move(items));  // () has no items
}

const Expr* ExpressionParser::conditional() {
  const Expr* value = logical_or();
  while (in_.skip_name("if")) {
    const TokenStream::Nesting nesting(in_);
    const Expr* condition = logical_or();
    const Expr* otherwise = in_.skip_name("else") ? expression() : in_.make(ExprKind::undefined);
    value = in_.make(ExprKind::conditional, {value, condition, otherwise});
  }
  return value;
}

const Expr* ExpressionParser::logical_or() {
  const Expr* left = logical_and();
  while (in_.skip_name("or")) left = in_.make(ExprKind::logical_or, {left, logical_and()});
  return left;
}

const Expr* ExpressionParser::logical_and() {
  const Expr* left = logical_not();
  while (in_.skip_name("and")) left = in_.make(ExprKind::logical_and, {left, logical_not()});
  return left;
}

const Expr* ExpressionParser::logical_not() {
  if (!in_.skip_name("not")) return compare();
  const TokenStream::Nesting nesting(in_);
  return in_.make(ExprKind::unary, {logical_not()}, "not");
}

const Expr* ExpressionParser::compare() {
  std::vector<const Expr*> args{sum()};
  std::vector<std::string> operators;
  while (!in_.failed()) {
    const Token& t = in_.peek();
    const bool symbol = t.kind == TokenKind::symbol &&
                        std::find(std::begin(k_comparisons), std::end(k_comparisons), t.text) !=
                            std::end(k_comparisons);
    if (symbol) {
      operators.push_back(in_.next().text);
    } else if (in_.skip_name("in")) {
      operators.emplace_back("in");
    } else if (in_.is_name("not") && in_.peek(1).kind == TokenKind::name &&
               in_.peek(1).text == "in") {
      in_.next();
      in_.next();
      operators.emplace_back("not in");
    } else {
      break;
    }
    args.push_back(sum());
  }
  if (operators.empty()) return args[0];
  Expr* e = in_.make(ExprKind::compare, std::move(args));
  e->operators = std::move(operators);
  return e;
}

const Expr* ExpressionParser::sum() {
  const Expr* left = concat();
  while (in_.is_symbol("+") || in_.is_symbol("-")) {
    std::string op = in_.next().text;
    left = in_.make(ExprKind::binary, {left, concat()}, std::move(op));
  }
  return left;
}

const Expr* ExpressionParser::concat() {
  std::vector<const Expr*> args{product()};
  while (in_.skip_symbol("~")) args.push_back(product());
  return args.size() == 1 ? args[0] : in_.make(ExprKind::concat, std::move(args));
}

const Expr* ExpressionParser::product() {
  const Expr* left = power();
  while (in_.is_symbol("*") || in_.is_symbol("/") || in_.is_symbol("//") || in_.is_symbol("%")) {
    std::string op = in_.next().text;
    left = in_.make(ExprKind::binary, {left, power()}, std::move(op));
  }
  return left;
}

const Expr* ExpressionParser::power() {
  const Expr* left = unary();
  while (in_.skip_symbol("**")) left = in_.make(ExprKind::binary, {left, unary()}, "**");
  return left;
}

const Expr* ExpressionParser::unary(bool with_filter) {
  const TokenStream::Nesting nesting(in_);
  const Expr* value = nullptr;
  if (in_.is_symbol("-") || in_.is_symbol("+")) {
    std::string op = in_.next().text;
    value = in_.make(ExprKind::unary, {unary(false)}, std::move(op));
  } else {
    value = primary();
  }
  value = postfix(value);
  return with_filter ? filters_and_tests(value) : value;
}

const Expr* ExpressionParser::number() {
  const Token token = in_.next();
  const char* end = token.text.data() + token.text.size();
  Expr* e = in_.make(token.kind == TokenKind::real ? ExprKind::real : ExprKind::integer);
  const std::from_chars_result parsed = e->kind == ExprKind::real
                                            ? std::from_chars(token.text.data(), end, e->real)
                                            : std::from_chars(token.text.data(), end, e->integer);
  if (parsed.ec != std::errc() || parsed.ptr != end) in_.refuse("number is too large");
  return e;
}

const Expr* ExpressionParser::primary() {
  if (in_.is(TokenKind::name)) {
    std::string name = in_.next().text;
    for (const Constant& c : k_constants)
      if (c.name == name) {
        Expr* e = in_.make(c.kind);
        e->integer = c.value;
        return e;
      }
    return in_.make(ExprKind::name, {}, std::move(name));
  }
  if (in_.is(TokenKind::string)) {
    std::string text;
    while (in_.is(TokenKind::string)) text += in_.next().text;
    return in_.make(ExprKind::string, {}, std::move(text));
  }
  if (in_.is(TokenKind::integer) || in_.is(TokenKind::real)) return number();
  if (in_.skip_symbol("(")) return parenthesized();
  if (in_.skip_symbol("[")) return literal_list();
  if (in_.skip_symbol("{")) return literal_dict();
  in_.refuse_token("an expression");
  return in_.make(ExprKind::undefined);
}

const Expr* ExpressionParser::parenthesized() {
  if (in_.skip_symbol(")")) return in_.make(ExprKind::tuple);
  const Expr* e = tuple();
  in_.expect_symbol(")");
  return e;
}

const Expr* ExpressionParser::literal_list() {
  std::vector<const Expr*> items;
  while (!in_.is_symbol("]") && !in_.failed()) {
    items.push_back(expression());
    if (!in_.skip_symbol(",")) break;
  }
  in_.expect_symbol("]");
  return in_.make(ExprKind::list, std::move(items));
}

const Expr* ExpressionParser::literal_dict() {
  std::vector<const Expr*> items;
  while (!in_.is_symbol("}") && !in_.failed()) {
    items.push_back(expression());
    in_.expect_symbol(":");
    items.push_back(expression());
    if (!in_.skip_symbol(",")) break;
  }
  in_.expect_symbol("}");
  return in_.make(ExprKind::dict, std::move(items));
}

const Expr* ExpressionParser::postfix(const Expr* value) {
  while (!in_.failed()) {
    if (in_.skip_symbol(".")) {
      value = member(value);
    } else if (in_.skip_symbol("[")) {
      value = subscript(value);
    } else if (in_.is_symbol("(")) {
      value = call(value);
    } else {
      break;
    }
  }
  return value;
}

const Expr* ExpressionParser::member(const Expr* value) {
  if (in_.is(TokenKind::integer)) return in_.make(ExprKind::item, {value, number()});
  return in_.make(ExprKind::attribute, {value}, in_.expect(TokenKind::name, "a name"));
}

const Expr* ExpressionParser::subscript(const Expr* value) {
  std::vector<const Expr*> bounds;
  std::size_t colons = 0;
  for (;;) {
    const bool missing = in_.is_symbol(":") || in_.is_symbol("]");
    bounds.push_back(missing ? in_.make(ExprKind::undefined) : expression());
    if (colons == 2 || !in_.skip_symbol(":")) break;
    ++colons;
  }
  in_.expect_symbol("]");
  if (colons == 0) return in_.make(ExprKind::item, {value, bounds[0]});
  while (bounds.size() < 3) bounds.push_back(in_.make(ExprKind::undefined));
  return in_.make(ExprKind::slice, {value, bounds[0], bounds[1], bounds[2]});
}

void ExpressionParser::arguments(Expr& call) {
  in_.expect_symbol("(");
  while (!in_.is_symbol(")") && !in_.failed()) {
    const bool named =
        in_.is(TokenKind::name) && in_.peek(1).kind == TokenKind::symbol && in_.peek(1).text == "=";
    if (named) {
      std::string name = in_.next().text;
      in_.next();
      call.named.emplace_back(std::move(name), expression());
    } else {
      if (!call.named.empty()) in_.refuse("positional argument after a named one");
      call.args.push_back(expression());
    }
    if (!in_.skip_symbol(",")) break;
  }
  in_.expect_symbol(")");
}

const Expr* ExpressionParser::call(const Expr* callee) {
  Expr* e = in_.make(ExprKind::call, {callee});
  arguments(*e);
  return e;
}

const Expr* ExpressionParser::filter(const Expr* value) {
  Expr* e =
      in_.make(ExprKind::filter, {value}, in_.expect(TokenKind::name, "the name of a filter"));
  if (in_.is_symbol("(")) arguments(*e);
  return e;
}

const Expr* ExpressionParser::filters(const Expr* value, bool inline_start) {
  if (inline_start) value = filter(value);
  while (in_.skip_symbol("|")) value = filter(value);
  return value;
}

const Expr* ExpressionParser::filters_and_tests(const Expr* value) {
  while (!in_.failed()) {
    if (in_.skip_symbol("|")) {
      value = filter(value);
    } else if (in_.skip_name("is")) {
      value = test(value);
    } else if (in_.is_symbol("(")) {
      value = call(value);
    } else {
      break;
    }
  }
  return value;
}

bool ExpressionParser::starts_test_argument() const {
  if (in_.is(TokenKind::name)) {
    for (const std::string_view word : {"else", "or", "and", "is", "if", "in", "not"})
      if (in_.is_name(word)) return false;
    return true;
  }
  return in_.is(TokenKind::string) || in_.is(TokenKind::integer) || in_.is(TokenKind::real) ||
         in_.is_symbol("[") || in_.is_symbol("{");
}

const Expr* ExpressionParser::test(const Expr* value) {
  const bool negated = in_.skip_name("not");
  Expr* e = in_.make(ExprKind::test, {value}, in_.expect(TokenKind::name, "the name of a test"));
  if (in_.is_symbol("(")) {
    arguments(*e);
  } else if (starts_test_argument()) {
    const TokenStream::Nesting nesting(in_);
    e->args.push_back(postfix(primary()));
  }
  return negated ? in_.make(ExprKind::unary, {e}, "not") : e;
}

}  // namespace tenon::jinja
