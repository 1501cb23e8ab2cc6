// Runs a syntax tree: statements append to a text, expressions give values.
#pragma once

#include <deque>
#include <map>
#include <string>

#include "framework/jinja/ast.hpp"
#include "framework/jinja/loop.hpp"
#include "framework/jinja/runtime.hpp"

namespace tenon::jinja {

// Names that a block knows, in the scope of the block around it.
struct Scope {
  Scope* parent = nullptr;
  std::map<std::string_view, Value> names;  // views of the tree
};

class Interpreter {
 public:
  explicit Interpreter(Runtime& rt) : rt_(rt) { root_ = new_scope(nullptr); }

  void define(std::string_view name, const Value& value) { root_->names[name] = value; }
  // The rendered text; meaningless when the runtime has failed.
  std::string run(const Body& body);

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
  Value eval_string(const Expr& e, Scope&) { return Value::string(&e.text); }
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
  Value call(const Value& callee, Args args, const Value& caller);
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
  Flow run_loop(const Stmt& s, const List& items, std::int64_t depth, Scope& scope);
  List filtered(const Stmt& s, const List& items, Scope& scope);
  void assign(const Expr& target, const Value& value, Scope& scope);
  void write(std::string_view text);
  // The text that `body` writes.
  std::string capture(const Body& body, Scope& scope);
  Scope* new_scope(Scope* parent);
  const Value* find(std::string_view name, const Scope& scope);

  Runtime& rt_;
  Scope* root_ = nullptr;
  std::deque<Scope> scopes_;
  std::deque<Loop> loops_;
  std::string* out_ = nullptr;
};

// `a op b` for + - * / // % **.
Value arithmetic(Runtime& rt, std::string_view op, const Value& a, const Value& b);
Value slice(Runtime& rt, const Value& object, const Value& from, const Value& to,
            const Value& step);

}  // namespace tenon::jinja
