// Python's arithmetic operators and slices.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "framework/base/quoted.hpp"
#include "framework/jinja/builtins.hpp"
#include "framework/jinja/interpreter.hpp"
#include "framework/jinja/text_utils.hpp"

namespace tenon::jinja {
namespace {

using Int = std::int64_t;

struct Operator {
  std::string_view name;
  bool (*integers)(Int a, Int b, Int& out);  // null: always real. False: overflow
  double (*reals)(double a, double b);
};

bool add(Int a, Int b, Int& out) { return !__builtin_add_overflow(a, b, &out); }
bool subtract(Int a, Int b, Int& out) { return !__builtin_sub_overflow(a, b, &out); }
bool multiply(Int a, Int b, Int& out) { return !__builtin_mul_overflow(a, b, &out); }

bool floor_divide(Int a, Int b, Int& out) {
  if (a == INT64_MIN && b == -1) return false;
  out = a / b - (a % b != 0 && (a < 0) != (b < 0));
  return true;
}

bool modulo(Int a, Int b, Int& out) {
  out = b == -1 ? 0 : a % b;
  if (out != 0 && (out < 0) != (b < 0)) out += b;
  return true;
}

bool power(Int a, Int b, Int& out) {
  out = 1;
  for (; b > 0; b >>= 1) {
    if ((b & 1) != 0 && !multiply(out, a, out)) return false;
    if (b > 1 && !multiply(a, a, a)) return false;
  }
  return true;
}

// Both as Python: the sign is that of the divisor.
double real_modulo(double a, double b) { return a - b * std::floor(a / b); }

constexpr Operator k_operators[] = {
    {"+", add, [](double a, double b) { return a + b; }},
    {"-", subtract, [](double a, double b) { return a - b; }},
    {"*", multiply, [](double a, double b) { return a * b; }},
    {"/", nullptr, [](double a, double b) { return a / b; }},
    {"//", floor_divide, [](double a, double b) { return std::floor(a / b); }},
    {"%", modulo, real_modulo},
    {"**", power, [](double a, double b) { return std::pow(a, b); }},
};

Value numbers(Runtime& rt, const Operator& op, const Value& a, const Value& b) {
  const bool divides = op.name == "/" || op.name == "//" || op.name == "%";
  if (divides && b.as_real() == 0) return rt.fail("division by zero");
  const bool negative_power = op.name == "**" && b.as_real() < 0;
  if (op.integers == nullptr || !a.is_integral() || !b.is_integral() || negative_power)
    return Value::real(op.reals(a.as_real(), b.as_real()));
  Int out = 0;
  return op.integers(a.as_integer(), b.as_integer(), out) ? Value::integer(out)
                                                          : rt.fail("integer overflow");
}

Value repeat(Runtime& rt, const Value& object, Int times) {
  const Int n = std::max<Int>(times, 0);
  if (object.is(Kind::string)) {
    TextBuilder out(rt);
    for (Int i = 0; i < n && !object.as_string().empty(); ++i) out.add(object.as_text());
    return out.finish();
  }
  const List& items = object.as_list();
  List out(rt);
  for (Int i = 0; i < n && !items.empty(); ++i) {
    rt.step();
    out.insert(out.end(), items.begin(), items.end());
  }
  return rt.list(std::move(out), object.kind());
}

Value joined(Runtime& rt, const Value& a, const Value& b) {
  if (a.is(Kind::string)) {
    const bool markup = a.is_markup() || b.is_markup();
    TextBuilder out(rt);
    for (const Value& v : {a, b})
      out.add_str(markup && !v.is_markup() ? text::escaped(rt, v.as_text()) : v);
    return markup ? out.finish().marked() : out.finish();
  }
  List out(rt);
  out.reserve(a.as_list().size() + b.as_list().size());
  out.insert(out.end(), a.as_list().begin(), a.as_list().end());
  out.insert(out.end(), b.as_list().begin(), b.as_list().end());
  return rt.list(std::move(out), a.kind());
}

std::string name_of(const Value& v) {
  return v.has_name() ? "undefined " + quoted(v.as_string(), 40) : std::string(type_name(v));
}

}  // namespace

std::vector<std::string_view> arithmetic_operators() {
  std::vector<std::string_view> names;
  for (const Operator& row : k_operators) names.push_back(row.name);
  return names;
}

Value arithmetic(Runtime& rt, std::string_view op, const Value& a, const Value& b) {
  if (a.is_number() && b.is_number())
    for (const Operator& row : k_operators)
      if (row.name == op) return numbers(rt, row, a, b);
  const bool text = a.is(Kind::string) || a.is_sequence();
  if (op == "+" && text && a.kind() == b.kind()) return joined(rt, a, b);
  if (op == "*" && text && b.is_integral()) return repeat(rt, a, b.as_integer());
  if (op == "*" && a.is_integral() && (b.is(Kind::string) || b.is_sequence()))
    return repeat(rt, b, a.as_integer());
  if (op == "%" && a.is(Kind::string))
    return percent_format(
        rt, a.as_text(),
        b.is(Kind::tuple) ? std::span<const Value>(b.as_list()) : std::span<const Value>(&b, 1));
  return rt.fail(fmt::format("'{}' does not work on {} and {}", op, name_of(a), name_of(b)));
}

Value slice(Runtime& rt, const Value& object, const Value& from, const Value& to,
            const Value& step) {
  if (object.is(Kind::undefined) || object.is(Kind::none))
    return rt.fail(fmt::format("cannot slice {}", name_of(object)));
  if (!object.is(Kind::string) && !object.is_sequence()) return {};  // as jinja2: no such item
  const auto omitted = [](const Value& v) { return v.is(Kind::undefined) || v.is(Kind::none); };
  for (const Value& bound : {from, to, step})
    if (!omitted(bound) && !bound.is_integral()) rt.fail("slice bounds must be integers");
  const Int by = omitted(step) ? 1 : step.as_integer();
  if (by == 0) return rt.fail("slice step cannot be zero");
  const std::span<const Value> items = rt.iterate(object);
  const auto n = static_cast<Int>(items.size());
  const Int low = by > 0 ? 0 : -1, high = by > 0 ? n : n - 1;
  const auto bound = [&](const Value& v, Int fallback) {
    if (omitted(v)) return fallback;
    const Int i = v.as_integer();
    return std::min(std::max(i < 0 ? std::max<Int>(i, -n - 1) + n : i, low), high);
  };
  const Int begin = bound(from, by > 0 ? low : high), end = bound(to, by > 0 ? high : low);
  List out(rt);
  for (Int i = begin; by > 0 ? i < end : i > end;) {
    rt.step();
    out.push_back(items[static_cast<std::size_t>(i)]);
    if (__builtin_add_overflow(i, by, &i)) break;
  }
  if (!object.is(Kind::string)) return rt.list(std::move(out), object.kind());
  TextBuilder text(rt);
  for (const Value& c : out) text.add(c.as_text());
  return text.finish();
}

}  // namespace tenon::jinja
