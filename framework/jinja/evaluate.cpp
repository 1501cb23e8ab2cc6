// Expressions: one function per kind of node.
#include <fmt/format.h>

#include "framework/jinja/builtins.hpp"
#include "framework/jinja/interpreter.hpp"

namespace tenon::jinja {

// In the order of ExprKind.
const Interpreter::Evaluate Interpreter::k_evaluate[] = {
    &Interpreter::eval_undefined, &Interpreter::eval_none,        &Interpreter::eval_boolean,
    &Interpreter::eval_integer,   &Interpreter::eval_real,        &Interpreter::eval_string,
    &Interpreter::eval_name,      &Interpreter::eval_list,        &Interpreter::eval_tuple,
    &Interpreter::eval_dict,      &Interpreter::eval_attribute,   &Interpreter::eval_item,
    &Interpreter::eval_slice,     &Interpreter::eval_call,        &Interpreter::eval_filter,
    &Interpreter::eval_test,      &Interpreter::eval_unary,       &Interpreter::eval_binary,
    &Interpreter::eval_concat,    &Interpreter::eval_and,         &Interpreter::eval_or,
    &Interpreter::eval_compare,   &Interpreter::eval_conditional,
};

Value Interpreter::eval(const Expr& e, Scope& scope) {
  const Runtime::Nesting nesting(rt_);
  if (!rt_.step()) return {};
  rt_.set_line(e.line);
  return (this->*k_evaluate[static_cast<std::size_t>(e.kind)])(e, scope);
}

List Interpreter::eval_all(const Expr& e, std::size_t from, Scope& scope) {
  List values;
  for (std::size_t i = from; i < e.args.size() && !rt_.failed(); ++i)
    values.push_back(eval(*e.args[i], scope));
  return values;
}

Args Interpreter::eval_args(const Expr& e, Scope& scope) {
  Args args{eval_all(e, 1, scope), {}};
  for (const auto& [name, value] : e.named) args.named.emplace_back(name, eval(*value, scope));
  return args;
}

const Value* Interpreter::find(std::string_view name, const Scope& scope) {
  for (const Scope* s = &scope; s != nullptr && rt_.step(); s = s->parent)
    if (const auto found = s->names.find(name); found != s->names.end()) return &found->second;
  return nullptr;
}

Value Interpreter::eval_name(const Expr& e, Scope& scope) {
  const Value* found = find(e.text, scope);
  return found != nullptr ? *found : Value::undefined(&e.text);
}

Value Interpreter::eval_list(const Expr& e, Scope& scope) {
  return rt_.list(eval_all(e, 0, scope));
}
Value Interpreter::eval_tuple(const Expr& e, Scope& scope) {
  return rt_.list(eval_all(e, 0, scope), Kind::tuple);
}

Value Interpreter::eval_dict(const Expr& e, Scope& scope) {
  Dict entries;
  for (std::size_t i = 0; i + 1 < e.args.size() && !rt_.failed(); i += 2) {
    const Value key = eval(*e.args[i], scope);
    rt_.insert(entries, key, eval(*e.args[i + 1], scope));
  }
  return rt_.dict(std::move(entries));
}

Value Interpreter::eval_attribute(const Expr& e, Scope& scope) {
  const Value object = eval(*e.args[0], scope);
  return rt_.failed() ? Value() : rt_.attribute(object, e.text);
}

Value Interpreter::eval_item(const Expr& e, Scope& scope) {
  const Value object = eval(*e.args[0], scope), key = eval(*e.args[1], scope);
  return rt_.failed() ? Value() : rt_.item(object, key);
}

Value Interpreter::eval_slice(const Expr& e, Scope& scope) {
  const List v = eval_all(e, 0, scope);
  return rt_.failed() ? Value() : slice(rt_, v[0], v[1], v[2], v[3]);
}

Value Interpreter::eval_filter(const Expr& e, Scope& scope) {
  const Value self = eval(*e.args[0], scope);
  const Args args = eval_args(e, scope);
  rt_.set_line(e.line);
  return apply_filter(rt_, e.text, self, args);
}

Value Interpreter::eval_test(const Expr& e, Scope& scope) {
  const Value self = eval(*e.args[0], scope);
  return Value::boolean(apply_test(rt_, e.text, self, eval_args(e, scope)));
}

Value Interpreter::eval_unary(const Expr& e, Scope& scope) {
  const Value v = eval(*e.args[0], scope);
  if (e.text == "not") return Value::boolean(!rt_.truth(v));
  if (!v.is_number())
    return rt_.fail(fmt::format("'{}' needs a number, not {}", e.text, type_name(v)));
  return e.text == "+" ? v : arithmetic(rt_, "-", Value::integer(0), v);
}

Value Interpreter::eval_binary(const Expr& e, Scope& scope) {
  const Value a = eval(*e.args[0], scope), b = eval(*e.args[1], scope);
  return rt_.failed() ? Value() : arithmetic(rt_, e.text, a, b);
}

Value Interpreter::eval_concat(const Expr& e, Scope& scope) {
  std::string out;
  for (const Expr* arg : e.args) {
    out += rt_.str(eval(*arg, scope));
    if (!rt_.work(0) || out.size() > rt_.limits().memory_bytes) break;
  }
  return rt_.string(std::move(out));
}

Value Interpreter::eval_and(const Expr& e, Scope& scope) {
  const Value left = eval(*e.args[0], scope);
  return rt_.truth(left) ? eval(*e.args[1], scope) : left;
}

Value Interpreter::eval_or(const Expr& e, Scope& scope) {
  const Value left = eval(*e.args[0], scope);
  return rt_.truth(left) ? left : eval(*e.args[1], scope);
}

Value Interpreter::eval_compare(const Expr& e, Scope& scope) {
  Value left = eval(*e.args[0], scope);
  for (std::size_t i = 0; i < e.operators.size() && !rt_.failed(); ++i) {
    const Value right = eval(*e.args[i + 1], scope);
    const std::string& op = e.operators[i];
    const bool negated = op == "not in";
    const bool holds = apply_test(rt_, negated ? "in" : op, left, Args{{right}, {}});
    if (holds == negated) return Value::boolean(false);
    left = right;
  }
  return Value::boolean(true);
}

Value Interpreter::eval_conditional(const Expr& e, Scope& scope) {
  return eval(*e.args[rt_.truth(eval(*e.args[1], scope)) ? 0 : 2], scope);
}

Value Interpreter::eval_call(const Expr& e, Scope& scope) {
  const Value callee = eval(*e.args[0], scope);
  Args args = eval_args(e, scope);
  rt_.set_line(e.line);
  return call(callee, std::move(args), {});
}

Value Interpreter::call(const Value& callee, Args args, const Value& caller) {
  if (rt_.failed()) return {};
  if (callee.is(Kind::loop)) return call_loop(callee.as_loop(), args);
  if (callee.is(Kind::undefined) && callee.undefined_name() != nullptr)
    return rt_.fail(fmt::format("'{:.40}' is undefined", *callee.undefined_name()));
  if (!callee.is(Kind::callable))
    return rt_.fail(fmt::format("'{}' object is not callable", type_name(callee)));
  const Callable& c = callee.as_callable();
  return c.macro != nullptr ? call_macro(c, args, caller) : c.function(rt_, c.self, args);
}

Value Interpreter::call_macro(const Callable& macro, const Args& args, const Value& caller) {
  const std::vector<Parameter>& parameters = macro.macro->parameters;
  Scope& scope = *new_scope(macro.scope);
  for (const auto& [name, value] : args.named) {
    bool known = name == "caller";
    for (const Parameter& p : parameters) known |= p.name == name;
    if (!known) return rt_.fail(fmt::format("macro '{}' has no parameter '{}'", macro.name, name));
  }
  for (std::size_t i = 0; i < parameters.size() && !rt_.failed(); ++i) {
    const Parameter& p = parameters[i];
    bool given = i < args.positional.size();
    for (const auto& [name, value] : args.named) given |= name == p.name;
    scope.names[p.name] = given                   ? args.get(i, p.name)
                          : p.fallback != nullptr ? eval(*p.fallback, scope)
                                                  : Value::undefined(&p.name);
  }
  List extra;
  for (std::size_t i = parameters.size(); i < args.positional.size(); ++i)
    extra.push_back(args.positional[i]);
  scope.names["varargs"] = rt_.list(std::move(extra), Kind::tuple);
  if (!caller.is(Kind::undefined)) scope.names["caller"] = caller;
  return rt_.string(capture(macro.macro->body, scope));
}

Value Interpreter::call_loop(const Loop& loop, const Args& args) {
  if (loop.stmt == nullptr || !loop.stmt->recursive || args.positional.size() != 1)
    return rt_.fail("only a recursive loop can be called, with one list");
  const List items = filtered(*loop.stmt, rt_.iterate(args.positional[0]), *root_);
  std::string text;
  std::string* const before = std::exchange(out_, &text);
  run_loop(*loop.stmt, items, loop.depth + 1, *root_);
  out_ = before;
  return rt_.string(std::move(text));
}

}  // namespace tenon::jinja
