// Expressions: one function per kind of node.
#include <fmt/format.h>

#include "framework/base/quoted.hpp"
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

static_assert(static_cast<std::size_t>(ExprKind::conditional) + 1 == k_expr_kinds);

Value Interpreter::eval(const Expr& e, Scope& scope) {
  const Runtime::Nesting nesting(rt_);
  static_assert(std::size(k_evaluate) == k_expr_kinds);
  rt_.step();
  rt_.set_line(e.line);
  return (this->*k_evaluate[static_cast<std::size_t>(e.kind)])(e, scope);
}

List Interpreter::eval_all(const Expr& e, std::size_t from, Scope& scope) {
  List values(rt_);
  for (std::size_t i = from; i < e.args.size(); ++i) values.push_back(eval(*e.args[i], scope));
  return values;
}

Args Interpreter::eval_args(const Expr& e, Scope& scope) {
  Args args(rt_);
  args.positional = eval_all(e, 1, scope);
  for (const auto& [name, value] : e.named) args.named.emplace_back(name, eval(*value, scope));
  return args;
}

const Value* Interpreter::find(std::string_view name, const Scope& scope) {
  for (const Scope* s = &scope; s != nullptr; s = s->parent) {
    rt_.step();
    if (const auto found = s->names.find(name); found != s->names.end()) return &found->second;
  }
  return nullptr;
}

Value Interpreter::eval_name(const Expr& e, Scope& scope) {
  const Value* found = find(e.text, scope);
  return found != nullptr ? *found : Value::undefined(e.text);
}

Value Interpreter::eval_list(const Expr& e, Scope& scope) {
  return rt_.list(eval_all(e, 0, scope));
}
Value Interpreter::eval_tuple(const Expr& e, Scope& scope) {
  return rt_.list(eval_all(e, 0, scope), Kind::tuple);
}

Value Interpreter::eval_dict(const Expr& e, Scope& scope) {
  Dict entries(rt_);
  for (std::size_t i = 0; i + 1 < e.args.size(); i += 2) {
    const Value key = eval(*e.args[i], scope);
    rt_.insert(entries, key, eval(*e.args[i + 1], scope));
  }
  return rt_.dict(std::move(entries));
}

Value Interpreter::eval_attribute(const Expr& e, Scope& scope) {
  return rt_.attribute(eval(*e.args[0], scope), e.text);
}

Value Interpreter::eval_item(const Expr& e, Scope& scope) {
  const Value object = eval(*e.args[0], scope), key = eval(*e.args[1], scope);
  return rt_.item(object, key);
}

Value Interpreter::eval_slice(const Expr& e, Scope& scope) {
  const List v = eval_all(e, 0, scope);
  return slice(rt_, v[0], v[1], v[2], v[3]);
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
  return arithmetic(rt_, e.text, a, b);
}

Value Interpreter::eval_concat(const Expr& e, Scope& scope) {
  TextBuilder out(rt_);
  for (const Expr* arg : e.args) out.add_str(eval(*arg, scope));
  return out.finish();
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
  for (std::size_t i = 0; i < e.operators.size(); ++i) {
    const Value right = eval(*e.args[i + 1], scope);
    const std::string& op = e.operators[i];
    const bool negated = op == "not in";
    const bool holds = apply_test(rt_, negated ? "in" : op, left, Args(rt_, right));
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
  const Args args = eval_args(e, scope);
  rt_.set_line(e.line);
  return call(callee, args, {});
}

Value Interpreter::call(const Value& callee, const Args& args, const Value& caller) {
  rt_.step();
  if (callee.is(Kind::loop)) return call_loop(callee.as_loop(), args);
  if (callee.has_name()) return rt_.fail(quoted(callee.as_string(), 40) + " is undefined");
  if (!callee.is(Kind::callable))
    return rt_.fail(fmt::format("'{}' object is not callable", type_name(callee)));
  const Callable& c = callee.as_callable();
  return c.macro != nullptr ? call_macro(c, args, caller) : c.function(rt_, c.self, args);
}

Value Interpreter::call_macro(const Callable& macro, const Args& args, const Value& caller) {
  const std::vector<Parameter>& parameters = macro.macro->parameters;
  Scope& scope = *new_scope(macro.scope);
  rt_.step(args.named.size() * (2 * parameters.size() + 1));  // each name is looked for twice
  for (const auto& [name, value] : args.named) {
    bool known = name == "caller";
    for (const Parameter& p : parameters) known |= p.name == name;
    if (!known)
      return rt_.fail("macro " + quoted(macro.name, 40) + " has no parameter " + quoted(name, 40));
  }
  for (std::size_t i = 0; i < parameters.size(); ++i) {
    const Parameter& p = parameters[i];
    bool given = i < args.positional.size();
    for (const auto& [name, value] : args.named) given |= name == p.name;
    set(scope, p.name,
        given                   ? args.get(i, p.name)
        : p.fallback != nullptr ? eval(*p.fallback, scope)
                                : Value::undefined(p.name));
  }
  List extra(rt_);
  for (std::size_t i = parameters.size(); i < args.positional.size(); ++i)
    extra.push_back(args.positional[i]);
  set(scope, "varargs", rt_.list(std::move(extra), Kind::tuple));
  if (!caller.is(Kind::undefined)) set(scope, "caller", caller);
  return capture_body(macro.macro->body, scope);
}

}  // namespace tenon::jinja
