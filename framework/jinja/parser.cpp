// Parses statements; one table row and one function per tag.
#include "framework/jinja/parser.hpp"

#include <algorithm>

#include "framework/jinja/budget.hpp"
#include "framework/jinja/expression_parser.hpp"

namespace tenon::jinja {
namespace {

class StatementParser {
 public:
  explicit StatementParser(TokenStream& stream) : in_(stream), expressions_(stream) {}

  Body body_until(std::initializer_list<std::string_view> ends);

 private:
  struct Tag {
    std::string_view name;
    const Stmt* (StatementParser::*parse)();
  };
  static const Tag k_tags[];

  const Stmt* statement();
  const Stmt* output();
  const Stmt* if_block();
  const Stmt* for_block();
  const Stmt* set();
  const Stmt* macro();
  const Stmt* call_block();
  const Stmt* filter_block();
  const Stmt* with_block();
  const Stmt* generation();
  const Stmt* break_loop() { return loop_control(StmtKind::break_loop); }
  const Stmt* continue_loop() { return loop_control(StmtKind::continue_loop); }
  const Stmt* loop_control(StmtKind kind);
  std::vector<Parameter> parameters();
  // The body of a block up to its end tag, which is consumed; the block's own tag has been read.
  Body block(std::string_view end);
  void end_of_tag() {
    if (!in_.is(TokenKind::block_end)) in_.refuse_token("the end of the block tag");
    in_.next();
  }

  TokenStream& in_;
  ExpressionParser expressions_;
  int loops_ = 0;
};

const StatementParser::Tag StatementParser::k_tags[] = {
    {"if", &StatementParser::if_block},      {"for", &StatementParser::for_block},
    {"set", &StatementParser::set},          {"macro", &StatementParser::macro},
    {"call", &StatementParser::call_block},  {"filter", &StatementParser::filter_block},
    {"with", &StatementParser::with_block},  {"generation", &StatementParser::generation},
    {"break", &StatementParser::break_loop}, {"continue", &StatementParser::continue_loop},
};

// Stops after the begin mark of a tag whose name is in `ends`, before the name.
Body StatementParser::body_until(std::initializer_list<std::string_view> ends) {
  const TokenStream::Nesting nesting(in_);
  Body body;
  while (!in_.failed() && !in_.is(TokenKind::end)) {
    if (in_.is(TokenKind::data)) {
      Stmt* s = in_.make(StmtKind::text);
      s->text = in_.next().text;
      body.push_back(s);
    } else if (in_.is(TokenKind::variable_begin)) {
      body.push_back(output());
    } else {
      in_.next();  // block_begin
      if (std::any_of(ends.begin(), ends.end(),
                      [&](std::string_view end) { return in_.is_name(end); }))
        return body;
      body.push_back(statement());
    }
  }
  if (ends.size() > 0) in_.refuse(fmt::format("'{}' is missing", *(ends.end() - 1)));
  return body;
}

Body StatementParser::block(std::string_view end) {
  end_of_tag();
  Body body = body_until({end});
  in_.next();
  return body;
}

const Stmt* StatementParser::output() {
  Stmt* s = in_.make(StmtKind::output);
  in_.next();
  s->expr = expressions_.tuple();
  if (!in_.is(TokenKind::variable_end)) in_.refuse_token("'}}'");
  in_.next();
  return s;
}

const Stmt* StatementParser::statement() {
  const std::string name = in_.expect(TokenKind::name, "the name of a tag");
  for (const Tag& tag : k_tags) {
    if (tag.name != name) continue;
    const Stmt* s = (this->*tag.parse)();
    end_of_tag();
    return s;
  }
  in_.refuse(fmt::format("unknown tag '{:.40}'", name));
  return in_.make(StmtKind::text);
}

const Stmt* StatementParser::if_block() {
  Stmt* s = in_.make(StmtKind::if_block);
  for (;;) {
    const Expr* condition = expressions_.tuple(false);
    end_of_tag();
    s->branches.emplace_back(condition, body_until({"elif", "else", "endif"}));
    if (!in_.skip_name("elif")) break;
  }
  if (in_.skip_name("else")) {
    end_of_tag();
    s->branches.emplace_back(nullptr, body_until({"endif"}));
  }
  in_.next();
  return s;
}

const Stmt* StatementParser::for_block() {
  Stmt* s = in_.make(StmtKind::for_block);
  s->target = expressions_.target(false);
  if (!in_.skip_name("in")) in_.refuse_token("'in'");
  s->expr = expressions_.tuple(false, "recursive");
  if (in_.skip_name("if")) s->condition = expressions_.expression();
  s->recursive = in_.skip_name("recursive");
  end_of_tag();
  ++loops_;
  s->body = body_until({"else", "endfor"});
  --loops_;
  if (in_.skip_name("else")) {
    end_of_tag();
    s->otherwise = body_until({"endfor"});
  }
  in_.next();
  return s;
}

const Stmt* StatementParser::set() {
  Stmt* s = in_.make(StmtKind::set);
  s->target = expressions_.target(true);
  if (in_.skip_symbol("=")) {
    s->expr = expressions_.tuple();
    return s;
  }
  s->kind = StmtKind::set_block;
  if (in_.is_symbol("|"))
    s->expr = expressions_.filters(in_.make(ExprKind::name, {}, "@body"), false);
  s->body = block("endset");
  return s;
}

std::vector<Parameter> StatementParser::parameters() {
  std::vector<Parameter> list;
  in_.expect_symbol("(");
  while (!in_.is_symbol(")") && !in_.failed()) {
    std::string name = in_.expect(TokenKind::name, "the name of a parameter");
    const Expr* fallback = in_.skip_symbol("=") ? expressions_.expression() : nullptr;
    if (fallback == nullptr && !list.empty() && list.back().fallback != nullptr)
      in_.refuse("parameter without default after one with");
    list.push_back({std::move(name), fallback});
    if (!in_.skip_symbol(",")) break;
  }
  in_.expect_symbol(")");
  return list;
}

const Stmt* StatementParser::macro() {
  Stmt* s = in_.make(StmtKind::macro);
  s->text = in_.expect(TokenKind::name, "the name of the macro");
  s->parameters = parameters();
  s->body = block("endmacro");
  return s;
}

const Stmt* StatementParser::call_block() {
  Stmt* s = in_.make(StmtKind::call_block);
  if (in_.is_symbol("(")) s->parameters = parameters();
  s->expr = expressions_.expression();
  if (s->expr->kind != ExprKind::call) in_.refuse("a call block needs a call");
  s->body = block("endcall");
  return s;
}

const Stmt* StatementParser::filter_block() {
  Stmt* s = in_.make(StmtKind::filter_block);
  s->expr = expressions_.filters(in_.make(ExprKind::name, {}, "@body"), true);
  s->body = block("endfilter");
  return s;
}

const Stmt* StatementParser::with_block() {
  Stmt* s = in_.make(StmtKind::with_block);
  while (!in_.is(TokenKind::block_end) && !in_.failed()) {
    const Expr* target = expressions_.target(false);
    in_.expect_symbol("=");
    s->assignments.emplace_back(target, expressions_.expression());
    if (!in_.skip_symbol(",")) break;
  }
  s->body = block("endwith");
  return s;
}

// Marks what the model wrote, for training; has no effect on the text.
const Stmt* StatementParser::generation() {
  Stmt* s = in_.make(StmtKind::scope_block);
  s->body = block("endgeneration");
  return s;
}

const Stmt* StatementParser::loop_control(StmtKind kind) {
  if (loops_ == 0) in_.refuse("break or continue outside a loop");
  return in_.make(kind);
}

}  // namespace

Result<Ast> parse(std::string_view source, const Limits& limits) {
  if (source.size() > limits.source_bytes)
    return fail(ErrorCode::model, fmt::format("chat template: {} bytes, the limit is {}",
                                              source.size(), limits.source_bytes));
  Result<std::vector<Token>> tokens = tokenize(source, limits);
  if (!tokens) return fail(ErrorCode::model, one_line(tokens.error().message()));
  TokenStream stream(std::move(*tokens), limits);
  stream.ast.body = StatementParser(stream).body_until({});
  if (stream.failed()) return fail(ErrorCode::model, one_line(stream.error()));
  return std::move(stream.ast);
}

}  // namespace tenon::jinja
