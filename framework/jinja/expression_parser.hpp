// Parses expressions by recursive descent, in jinja2's order of precedence.
#pragma once

#include "framework/jinja/token_stream.hpp"

namespace tenon::jinja {

class ExpressionParser {
 public:
  explicit ExpressionParser(TokenStream& stream) : in_(stream) {}

  const Expr* expression(bool with_conditional = true);
  // One expression, or several separated by commas. Stops before the names in `end`.
  const Expr* tuple(bool with_conditional = true, std::string_view end = {});
  // The target of an assignment: names, attributes, tuples of names.
  const Expr* target(bool with_attribute);
  // `a | b | c` after `value`; for blocks the first bar may be missing.
  const Expr* filters(const Expr* value, bool inline_start);
  const Expr* call(const Expr* callee);

 private:
  const Expr* conditional();
  const Expr* logical_or();
  const Expr* logical_and();
  const Expr* logical_not();
  const Expr* compare();
  const Expr* sum();
  const Expr* concat();
  const Expr* product();
  const Expr* power();
  const Expr* unary(bool with_filter = true);
  const Expr* primary();
  const Expr* literal_list();
  const Expr* literal_dict();
  const Expr* parenthesized();
  const Expr* number();
  const Expr* postfix(const Expr* value);
  const Expr* subscript(const Expr* value);
  const Expr* member(const Expr* value);
  const Expr* filters_and_tests(const Expr* value);
  const Expr* filter(const Expr* value);
  const Expr* test(const Expr* value);
  void arguments(Expr& call);
  bool starts_test_argument() const;
  bool ends_tuple(std::string_view end) const;

  TokenStream& in_;
};

}  // namespace tenon::jinja
