// Statements: one function per kind of node.
#include <fmt/format.h>

#include "framework/jinja/builtins.hpp"
#include "framework/jinja/interpreter.hpp"

namespace tenon::jinja {

// In the order of StmtKind.
const Interpreter::Execute Interpreter::k_execute[] = {
    &Interpreter::exec_text,     &Interpreter::exec_output,     &Interpreter::exec_if,
    &Interpreter::exec_for,      &Interpreter::exec_set,        &Interpreter::exec_set_block,
    &Interpreter::exec_macro,    &Interpreter::exec_call_block, &Interpreter::exec_filter_block,
    &Interpreter::exec_with,     &Interpreter::exec_scope,      &Interpreter::exec_break,
    &Interpreter::exec_continue,
};

static_assert(static_cast<std::size_t>(StmtKind::continue_loop) + 1 == k_stmt_kinds);

Text Interpreter::run(const Body& body) {
  for (const Builtin& f : functions())
    define(f.name, rt_.callable({.name = f.name, .function = f.function}));
  // Two scopes, so that what the template sets does not hide what it was given from macros.
  return capture_body(body, *new_scope(root_)).as_text();
}

Scope* Interpreter::new_scope(Scope* parent) { return &scopes_.emplace_back(rt_, parent); }

void Interpreter::write(const Value& v) {
  out_->add_str(v);
  if (out_->size() > rt_.limits().output_bytes)
    rt_.fail(fmt::format("more than {} bytes of output", rt_.limits().output_bytes));
}

template <class WriteAll>
Value Interpreter::capture(WriteAll write_all) {
  TextBuilder text(rt_);
  TextBuilder* const before = std::exchange(out_, &text);
  write_all();  // a failure ends the run: nobody asks for out_ then
  out_ = before;
  return text.finish();
}

Value Interpreter::capture_body(const Body& body, Scope& scope) {
  return capture([&] { exec(body, scope); });
}

Interpreter::Flow Interpreter::exec(const Body& body, Scope& scope) {
  static_assert(std::size(k_execute) == k_stmt_kinds);
  const Runtime::Nesting nesting(rt_);
  for (const Stmt* s : body) {
    rt_.step();
    rt_.set_line(s->line);
    const Flow flow = (this->*k_execute[static_cast<std::size_t>(s->kind)])(*s, scope);
    if (flow != Flow::go_on) return flow;
  }
  return Flow::go_on;
}

Interpreter::Flow Interpreter::exec_text(const Stmt& s, Scope&) {
  write(Value::string({s.text}));
  return Flow::go_on;
}

Interpreter::Flow Interpreter::exec_output(const Stmt& s, Scope& scope) {
  write(eval(*s.expr, scope));
  return Flow::go_on;
}

Interpreter::Flow Interpreter::exec_if(const Stmt& s, Scope& scope) {
  for (const auto& [condition, body] : s.branches)
    if (condition == nullptr || rt_.truth(eval(*condition, scope))) return exec(body, scope);
  return Flow::go_on;
}

// The items that the loop's own `if` lets through.
Interpreter::Items Interpreter::filtered(const Stmt& s, Items items, Scope& scope) {
  if (s.condition == nullptr) return items;
  Scope& inner = *new_scope(&scope);
  List kept(rt_);
  for (const Value& item : items) {
    rt_.step();
    assign(*s.target, item, inner);
    if (rt_.truth(eval(*s.condition, inner))) kept.push_back(item);
  }
  return rt_.list(std::move(kept)).as_list();
}

Interpreter::Flow Interpreter::exec_for(const Stmt& s, Scope& scope) {
  return run_loop(s, filtered(s, rt_.iterate(eval(*s.expr, scope)), scope), 1, scope);
}

Interpreter::Flow Interpreter::run_loop(const Stmt& s, Items items, std::int64_t depth,
                                        Scope& scope) {
  if (items.empty()) return exec(s.otherwise, *new_scope(&scope));
  Loop& loop = loops_.emplace_back();
  loop.items = items;
  loop.depth = depth;
  loop.stmt = &s;
  Scope& inner = *new_scope(&scope);
  for (loop.index = 0; loop.index < items.size(); ++loop.index) {
    rt_.step();
    inner.names.clear();  // what an iteration sets is gone in the next
    set(inner, "loop", Value::loop(&loop));
    assign(*s.target, items[loop.index], inner);
    if (exec(s.body, inner) == Flow::break_loop) break;
  }
  return Flow::go_on;
}

Value Interpreter::call_loop(const Loop& loop, const Args& args) {
  if (loop.stmt == nullptr || !loop.stmt->recursive || args.positional.size() != 1)
    return rt_.fail("only a recursive loop can be called, with one list");
  const Items items = filtered(*loop.stmt, rt_.iterate(args.positional[0]), *root_);
  return capture([&] { run_loop(*loop.stmt, items, loop.depth + 1, *root_); });
}

void Interpreter::assign(const Expr& target, const Value& value, Scope& scope) {
  if (target.kind == ExprKind::name) return set(scope, target.text, value);
  if (target.kind == ExprKind::attribute) {
    const Value object = eval(*target.args[0], scope);
    if (!object.is(Kind::name_space)) rt_.fail("cannot assign attribute on non-namespace object");
    return rt_.insert(object.as_dict(), Value::string({target.text}), value);
  }
  const Items items = rt_.iterate(value);
  if (items.size() != target.args.size())
    rt_.fail(fmt::format("cannot unpack {} values into {}", items.size(), target.args.size()));
  for (std::size_t i = 0; i < items.size(); ++i) assign(*target.args[i], items[i], scope);
}

Interpreter::Flow Interpreter::exec_set(const Stmt& s, Scope& scope) {
  assign(*s.target, eval(*s.expr, scope), scope);
  return Flow::go_on;
}

Interpreter::Flow Interpreter::exec_set_block(const Stmt& s, Scope& scope) {
  Scope& inner = *new_scope(&scope);
  Value text = capture_body(s.body, inner);
  if (s.expr != nullptr) {
    set(inner, "@body", text);
    text = eval(*s.expr, inner);
  }
  assign(*s.target, text, scope);
  return Flow::go_on;
}

Interpreter::Flow Interpreter::exec_macro(const Stmt& s, Scope& scope) {
  set(scope, s.text, rt_.callable({.name = s.text, .macro = &s, .scope = &scope}));
  return Flow::go_on;
}

Interpreter::Flow Interpreter::exec_call_block(const Stmt& s, Scope& scope) {
  const Value caller = rt_.callable({.name = "caller", .macro = &s, .scope = &scope});
  const Value callee = eval(*s.expr->args[0], scope);
  write(call(callee, eval_args(*s.expr, scope), caller));
  return Flow::go_on;
}

Interpreter::Flow Interpreter::exec_filter_block(const Stmt& s, Scope& scope) {
  Scope& inner = *new_scope(&scope);
  set(inner, "@body", capture_body(s.body, inner));
  write(eval(*s.expr, inner));
  return Flow::go_on;
}

Interpreter::Flow Interpreter::exec_with(const Stmt& s, Scope& scope) {
  Scope& inner = *new_scope(&scope);
  for (const auto& [target, value] : s.assignments) assign(*target, eval(*value, scope), inner);
  return exec(s.body, inner);
}

Interpreter::Flow Interpreter::exec_scope(const Stmt& s, Scope& scope) {
  return exec(s.body, *new_scope(&scope));
}

}  // namespace tenon::jinja
