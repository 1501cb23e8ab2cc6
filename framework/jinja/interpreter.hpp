// Runs a syntax tree: statements append to a text, expressions give values.
#pragma once

#include <span>
#include <string_view>

#include "framework/jinja/ast.hpp"
#include "framework/jinja/loop.hpp"
#include "framework/jinja/runtime.hpp"

namespace tenon::jinja {

// Names that a block knows, in the scope of the block around it.
struct Scope {
  Scope(Budget& budget, Scope* around) : parent(around), names(budget) {}
  Scope* parent;
  Map<std::string_view, Value> names;  // views of the tree
};

class Interpreter {
 public:
  explicit Interpreter(Runtime& rt) : rt_(rt), scopes_(rt), loops_(rt), root_(new_scope(nullptr)) {}

  void define(std::string_view name, const Value& value) { set(*root_, name, value); }
  // The rendered text. Throws Failure, as all functions below it do.
  Text run(const Body& body);

 private:
  enum class Flow { go_on, break_loop, continue_loop };
  using Evaluate = Value (Interpreter::*)(const Expr&, Scope&);
  using Execute = Flow (Interpreter::*)(const Stmt&, Scope&);
  static const Evaluate k_evaluate[];
  static const Execute k_execute[];

  // --- expressions (evaluate.cpp) ---
  Value eval(const Expr& e, Scope& scope);
  Value eval_undefined(const Expr&, Scope&) { return {}; }
  Value eval_none(const Expr&, Scope&) { return Value::none(); }
  Value eval_boolean(const Expr& e, Scope&) { return Value::boolean(e.integer != 0); }
  Value eval_integer(const Expr& e, Scope&) { return Value::integer(e.integer); }
  Value eval_real(const Expr& e, Scope&) { return Value::real(e.real); }
  Value eval_string(const Expr& e, Scope&) { return Value::string({e.text}); }
  Value eval_name(const Expr& e, Scope& scope);
  Value eval_list(const Expr& e, Scope& scope);
  Value eval_tuple(const Expr& e, Scope& scope);
  Value eval_dict(const Expr& e, Scope& scope);
  Value eval_attribute(const Expr& e, Scope& scope);
  Value eval_item(const Expr& e, Scope& scope);
  Value eval_slice(const Expr& e, Scope& scope);
  Value eval_call(const Expr& e, Scope& scope);
  Value eval_filter(const Expr& e, Scope& scope);
  Value eval_test(const Expr& e, Scope& scope);
  Value eval_unary(const Expr& e, Scope& scope);
  Value eval_binary(const Expr& e, Scope& scope);
  Value eval_concat(const Expr& e, Scope& scope);
  Value eval_and(const Expr& e, Scope& scope);
  Value eval_or(const Expr& e, Scope& scope);
  Value eval_compare(const Expr& e, Scope& scope);
  Value eval_conditional(const Expr& e, Scope& scope);
  List eval_all(const Expr& e, std::size_t from, Scope& scope);
  Args eval_args(const Expr& e, Scope& scope);
  Value call(const Value& callee, const Args& args, const Value& caller);
  Value call_macro(const Callable& macro, const Args& args, const Value& caller);
  Value call_loop(const Loop& loop, const Args& args);

  // --- statements (execute.cpp) ---
  Flow exec(const Body& body, Scope& scope);
  Flow exec_text(const Stmt& s, Scope& scope);
  Flow exec_output(const Stmt& s, Scope& scope);
  Flow exec_if(const Stmt& s, Scope& scope);
  Flow exec_for(const Stmt& s, Scope& scope);
  Flow exec_set(const Stmt& s, Scope& scope);
  Flow exec_set_block(const Stmt& s, Scope& scope);
  Flow exec_macro(const Stmt& s, Scope& scope);
  Flow exec_call_block(const Stmt& s, Scope& scope);
  Flow exec_filter_block(const Stmt& s, Scope& scope);
  Flow exec_with(const Stmt& s, Scope& scope);
  Flow exec_scope(const Stmt& s, Scope& scope);
  Flow exec_break(const Stmt&, Scope&) { return Flow::break_loop; }
  Flow exec_continue(const Stmt&, Scope&) { return Flow::continue_loop; }
  using Items = std::span<const Value>;
  Flow run_loop(const Stmt& s, Items items, std::int64_t depth, Scope& scope);
  Items filtered(const Stmt& s, Items items, Scope& scope);
  void assign(const Expr& target, const Value& value, Scope& scope);
  void write(const Value& v);
  // The text that `write_all` writes.
  template <class WriteAll>
  Value capture(WriteAll write_all);
  Value capture_body(const Body& body, Scope& scope);
  void set(Scope& scope, std::string_view name, const Value& value) {
    rt_.step();
    scope.names.insert_or_assign(name, value);
  }
  Scope* new_scope(Scope* parent);
  const Value* find(std::string_view name, const Scope& scope);

  Runtime& rt_;
  Deque<Scope> scopes_;
  Deque<Loop> loops_;
  TextBuilder* out_ = nullptr;
  Scope* root_;
};

// `a op b` for + - * / // % **.
Value arithmetic(Runtime& rt, std::string_view op, const Value& a, const Value& b);
// object[from:to:step]; omitted bounds are undefined or none.
Value slice(Runtime& rt, const Value& object, const Value& from, const Value& to,
            const Value& step);

}  // namespace tenon::jinja
