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

std::string Interpreter::run(const Body& body) {
  for (const Builtin& f : functions())
    define(f.name, rt_.callable({.name = f.name, .function = f.function}));
  // Two scopes, so that what the template sets does not hide what it was given from macros.
  return capture(body, *new_scope(root_));
}

Scope* Interpreter::new_scope(Scope* parent) {
  rt_.charge(sizeof(Scope) + 64);
  Scope& scope = scopes_.emplace_back();
  scope.parent = parent;
  return &scope;
}

void Interpreter::write(std::string_view text) {
  rt_.work(text.size());
  if (out_->size() + text.size() > rt_.limits().output_bytes)
    rt_.fail(fmt::format("more than {} bytes of output", rt_.limits().output_bytes));
  if (!rt_.failed()) *out_ += text;
}

std::string Interpreter::capture(const Body& body, Scope& scope) {
  std::string text;
  std::string* const before = std::exchange(out_, &text);
  exec(body, scope);
  out_ = before;
  return text;
}

Interpreter::Flow Interpreter::exec(const Body& body, Scope& scope) {
  const Runtime::Nesting nesting(rt_);
  for (const Stmt* s : body) {
    if (!rt_.step()) return Flow::break_loop;
    rt_.set_line(s->line);
    const Flow flow = (this->*k_execute[static_cast<std::size_t>(s->kind)])(*s, scope);
    if (flow != Flow::go_on) return flow;
  }
  return Flow::go_on;
}

Interpreter::Flow Interpreter::exec_text(const Stmt& s, Scope&) {
  write(s.text);
  return Flow::go_on;
}

Interpreter::Flow Interpreter::exec_output(const Stmt& s, Scope& scope) {
  const Value v = eval(*s.expr, scope);
  v.is(Kind::string) ? write(v.as_string()) : write(rt_.str(v));
  return Flow::go_on;
}

Interpreter::Flow Interpreter::exec_if(const Stmt& s, Scope& scope) {
  for (const auto& [condition, body] : s.branches)
    if (condition == nullptr || rt_.truth(eval(*condition, scope))) return exec(body, scope);
  return Flow::go_on;
}

// The items that the loop's own `if` lets through.
List Interpreter::filtered(const Stmt& s, const List& items, Scope& scope) {
  if (s.condition == nullptr) return items;
  Scope& inner = *new_scope(&scope);
  List kept;
  for (const Value& item : items) {
    if (!rt_.step()) break;
    assign(*s.target, item, inner);
    if (rt_.truth(eval(*s.condition, inner))) kept.push_back(item);
  }
  return kept;
}

Interpreter::Flow Interpreter::exec_for(const Stmt& s, Scope& scope) {
  const Value sequence = eval(*s.expr, scope);
  if (rt_.failed()) return Flow::break_loop;
  return run_loop(s, filtered(s, rt_.iterate(sequence), scope), 1, scope);
}

Interpreter::Flow Interpreter::run_loop(const Stmt& s, const List& items, std::int64_t depth,
                                        Scope& scope) {
  if (items.empty()) return exec(s.otherwise, *new_scope(&scope));
  rt_.charge(sizeof(Loop) + items.size() * sizeof(Value));
  Loop& loop = loops_.emplace_back();
  loop.items = items;
  loop.depth = depth;
  loop.stmt = &s;
  Scope& inner = *new_scope(&scope);
  for (loop.index = 0; loop.index < loop.items.size() && rt_.step(); ++loop.index) {
    inner.names.clear();  // what an iteration sets is gone in the next
    inner.names["loop"] = Value::loop(&loop);
    assign(*s.target, loop.items[loop.index], inner);
    if (exec(s.body, inner) == Flow::break_loop) break;
  }
  return Flow::go_on;
}

void Interpreter::assign(const Expr& target, const Value& value, Scope& scope) {
  if (rt_.failed()) return;
  if (target.kind == ExprKind::name) {
    if (scope.names.insert_or_assign(target.text, value).second) rt_.charge(96);
    return;
  }
  if (target.kind == ExprKind::attribute) {
    const Value object = eval(*target.args[0], scope);
    if (!object.is(Kind::name_space)) {
      rt_.fail("cannot assign attribute on non-namespace object");
      return;
    }
    return rt_.insert(object.as_dict(), Value::string(&target.text), value);
  }
  const List items = rt_.iterate(value);
  if (items.size() != target.args.size()) {
    rt_.fail(fmt::format("cannot unpack {} values into {}", items.size(), target.args.size()));
    return;
  }
  for (std::size_t i = 0; i < items.size(); ++i) assign(*target.args[i], items[i], scope);
}

Interpreter::Flow Interpreter::exec_set(const Stmt& s, Scope& scope) {
  assign(*s.target, eval(*s.expr, scope), scope);
  return Flow::go_on;
}

Interpreter::Flow Interpreter::exec_set_block(const Stmt& s, Scope& scope) {
  Scope& inner = *new_scope(&scope);
  Value text = rt_.string(capture(s.body, inner));
  if (s.expr != nullptr) {
    inner.names["@body"] = text;
    text = eval(*s.expr, inner);
  }
  assign(*s.target, text, scope);
  return Flow::go_on;
}

Interpreter::Flow Interpreter::exec_macro(const Stmt& s, Scope& scope) {
  scope.names[s.text] = rt_.callable({.name = s.text, .macro = &s, .scope = &scope});
  return Flow::go_on;
}

Interpreter::Flow Interpreter::exec_call_block(const Stmt& s, Scope& scope) {
  const Value caller = rt_.callable({.name = "caller", .macro = &s, .scope = &scope});
  const Value callee = eval(*s.expr->args[0], scope);
  write(rt_.str(call(callee, eval_args(*s.expr, scope), caller)));
  return Flow::go_on;
}

Interpreter::Flow Interpreter::exec_filter_block(const Stmt& s, Scope& scope) {
  Scope& inner = *new_scope(&scope);
  inner.names["@body"] = rt_.string(capture(s.body, inner));
  write(rt_.str(eval(*s.expr, inner)));
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
