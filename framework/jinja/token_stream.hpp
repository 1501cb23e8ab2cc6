// TokenStream: what both halves of the parser share:
// the tokens, the tree being built, the first error.
#pragma once

#include <fmt/format.h>

#include <optional>
#include <string>
#include <vector>

#include "framework/jinja/ast.hpp"
#include "framework/jinja/lexer.hpp"
#include "framework/jinja/limits.hpp"

namespace tenon::jinja {

// Errors stick: after the first one every token reads as the end, so that parsing runs out.
class TokenStream {
 public:
  TokenStream(std::vector<Token> tokens, const Limits& limits)
      : tokens_(std::move(tokens)), limits_(limits) {}

  const Token& peek(std::size_t n = 0) const {
    return error_ || at_ + n >= tokens_.size() ? tokens_.back() : tokens_[at_ + n];
  }
  Token next() {
    Token token = peek();
    if (at_ + 1 < tokens_.size()) ++at_;
    return token;
  }

  bool is(TokenKind kind) const { return peek().kind == kind; }
  bool is_name(std::string_view text) const { return is(TokenKind::name) && peek().text == text; }
  bool is_symbol(std::string_view text) const {
    return is(TokenKind::symbol) && peek().text == text;
  }
  bool skip_name(std::string_view text) { return is_name(text) && (next(), true); }
  bool skip_symbol(std::string_view text) { return is_symbol(text) && (next(), true); }

  std::string expect(TokenKind kind, std::string_view what) {
    if (!is(kind)) refuse_token(what);
    return next().text;
  }
  void expect_symbol(std::string_view text) {
    if (!skip_symbol(text)) refuse_token(text);
  }

  void refuse(std::string_view what) {
    if (!error_) error_ = fmt::format("chat template line {}: {}", peek().line, what);
  }
  void refuse_token(std::string_view expected) {
    const Token& t = peek();
    refuse(fmt::format("expected {}, not '{:.40}'", expected,
                       t.kind == TokenKind::end ? "the end" : t.text));
  }
  bool failed() const { return error_.has_value(); }
  const std::string& error() const { return *error_; }

  Expr* make(ExprKind kind, std::vector<const Expr*> args = {}, std::string text = {}) {
    Expr& e = ast.exprs.emplace_back();
    e.kind = kind;
    e.line = peek().line;
    e.args = std::move(args);
    e.text = std::move(text);
    return &e;
  }
  Stmt* make(StmtKind kind) {
    Stmt& s = ast.stmts.emplace_back();
    s.kind = kind;
    s.line = peek().line;
    return &s;
  }

  // Counts nesting for as long as it lives.
  class Nesting {
   public:
    explicit Nesting(TokenStream& stream) : stream_(stream) {
      if (++stream_.depth_ > stream_.limits_.parse_depth) stream_.refuse("nested too deeply");
    }
    ~Nesting() { --stream_.depth_; }
    Nesting(const Nesting&) = delete;
    Nesting& operator=(const Nesting&) = delete;

   private:
    TokenStream& stream_;
  };

  Ast ast;

 private:
  std::vector<Token> tokens_;
  Limits limits_;
  std::size_t at_ = 0;
  int depth_ = 0;
  std::optional<std::string> error_;
};

}  // namespace tenon::jinja
