// The syntax tree of a template. Nodes live in the deques of their Ast, so that neither moving nor
// destroying a deep tree recurses.
#pragma once

#include <cstdint>
#include <deque>
#include <string>
#include <utility>
#include <vector>

namespace tenon::jinja {

struct Stmt;

enum class ExprKind {
  undefined,  // a missing else, an omitted bound of a slice
  none,
  boolean,
  integer,
  real,
  string,
  name,
  list,
  tuple,
  dict,         // args: key, value, key, value, …
  attribute,    // args[0].text
  item,         // args[0][args[1]]
  slice,        // args[0][args[1]:args[2]:args[3]]
  call,         // args[0](rest, named)
  filter,       // args[0] | text(rest, named)
  test,         // args[0] is text(rest, named)
  unary,        // text: "-", "+", "not"
  binary,       // text: "+", "-", "*", "/", "//", "%", "**"
  concat,       // all of args
  logical_and,  // args[0], args[1]
  logical_or,
  compare,      // args[0] operators[0] args[1] operators[1] args[2] …
  conditional,  // args[0] if args[1] else args[2]
};
inline constexpr std::size_t k_expr_kinds = 23;

struct Expr {
  ExprKind kind;
  int line = 0;
  std::string text;
  std::int64_t integer = 0;
  double real = 0;
  std::vector<const Expr*> args;
  std::vector<std::pair<std::string, const Expr*>> named;
  std::vector<std::string> operators;
};

enum class StmtKind {
  text,          // text
  output,        // expr
  if_block,      // branches; the last condition may be null
  for_block,     // target, expr, condition, body, otherwise
  set,           // target = expr
  set_block,     // target, body; expr: filters around it or null
  macro,         // text(parameters), body
  call_block,    // expr with body as caller(parameters)
  filter_block,  // expr is a filter around body's output
  with_block,    // assignments, body
  scope_block,   // body only: generation, block
  break_loop,
  continue_loop,
};
inline constexpr std::size_t k_stmt_kinds = 13;

using Body = std::vector<const Stmt*>;

struct Parameter {
  std::string name;
  const Expr* fallback;  // null: none
};

struct Stmt {
  StmtKind kind;
  int line = 0;
  std::string text;
  const Expr* target = nullptr;
  const Expr* expr = nullptr;
  const Expr* condition = nullptr;
  bool recursive = false;
  std::vector<std::pair<const Expr*, Body>> branches;
  std::vector<std::pair<const Expr*, const Expr*>> assignments;
  std::vector<Parameter> parameters;
  Body body, otherwise;
};

struct Ast {
  std::deque<Expr> exprs;
  std::deque<Stmt> stmts;
  Body body;
};

}  // namespace tenon::jinja
