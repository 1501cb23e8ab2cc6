// What can stand after `is`. A test answers a truth value.
#include <algorithm>

#include "framework/jinja/builtins.hpp"
#include "framework/jinja/text_utils.hpp"

namespace tenon::jinja {
namespace {

template <Kind... Kinds>
Value is_kind(Runtime&, const Value& self, const Args&) {
  return Value::boolean((self.is(Kinds) || ...));
}

Value defined(Runtime&, const Value& self, const Args&) {
  return Value::boolean(!self.is(Kind::undefined));
}
Value is_true(Runtime&, const Value& self, const Args&) {
  return Value::boolean(self.is(Kind::boolean) && self.as_integer() != 0);
}
Value is_false(Runtime&, const Value& self, const Args&) {
  return Value::boolean(self.is(Kind::boolean) && self.as_integer() == 0);
}
Value sameas(Runtime&, const Value& self, const Args& args) {
  const Value other = args.get(0, "other");
  return Value::boolean(
      self.kind() == other.kind() && self.identity() == other.identity() &&
      (!self.is(Kind::string) || self.as_string().size() == other.as_string().size()));
}

Value equalto(Runtime& rt, const Value& self, const Args& args) {
  return Value::boolean(rt.equal(self, args.get(0, "other")));
}
Value not_equalto(Runtime& rt, const Value& self, const Args& args) {
  return Value::boolean(!rt.equal(self, args.get(0, "other")));
}

Value less(Runtime& rt, const Value& self, const Args& args) {
  return Value::boolean(rt.compare(self, args.get(0, "other")) < 0);
}
Value less_equal(Runtime& rt, const Value& self, const Args& args) {
  return Value::boolean(rt.compare(self, args.get(0, "other")) <= 0);
}
Value greater(Runtime& rt, const Value& self, const Args& args) {
  return Value::boolean(rt.compare(self, args.get(0, "other")) > 0);
}
Value greater_equal(Runtime& rt, const Value& self, const Args& args) {
  return Value::boolean(rt.compare(self, args.get(0, "other")) >= 0);
}

Value in(Runtime& rt, const Value& self, const Args& args) {
  return Value::boolean(rt.contains(args.get(0, "seq"), self));
}

Value divisibleby(Runtime& rt, const Value& self, const Args& args) {
  const Value by = args.get(0, "num");
  if (!self.is_integral() || !by.is_integral() || by.as_integer() == 0)
    return rt.fail("divisibleby: needs integers");
  return Value::boolean(by.as_integer() == -1 || self.as_integer() % by.as_integer() == 0);
}
Value even(Runtime& rt, const Value& self, const Args&) {
  return self.is_integral() ? Value::boolean(self.as_integer() % 2 == 0)
                            : rt.fail("even: not an integer");
}
Value odd(Runtime& rt, const Value& self, const Args&) {
  return self.is_integral() ? Value::boolean(self.as_integer() % 2 != 0)
                            : rt.fail("odd: not an integer");
}

// Text that has letters, all of them of one case.
Value has_case(Runtime& rt, const Value& self, Value (*change)(Runtime&, const Text&),
               Value (*other)(Runtime&, const Text&)) {
  const Text s = rt.str(self);
  return Value::boolean(rt.equal(change(rt, s).as_string(), s.chars) &&
                        !rt.equal(other(rt, s).as_string(), s.chars));
}
Value is_upper(Runtime& rt, const Value& self, const Args&) {
  return has_case(rt, self, text::upper, text::lower);
}
Value is_lower(Runtime& rt, const Value& self, const Args&) {
  return has_case(rt, self, text::lower, text::upper);
}

Value is_filter(Runtime&, const Value& self, const Args&) {
  return Value::boolean(self.is(Kind::string) && find_filter(self.as_string()) != nullptr);
}
Value is_test(Runtime&, const Value& self, const Args&) {
  return Value::boolean(self.is(Kind::string) && find_test(self.as_string()) != nullptr);
}

constexpr auto k_iterable =
    is_kind<Kind::undefined, Kind::string, Kind::list, Kind::tuple, Kind::dict>;

constexpr Builtin k_tests[] = {
    {"!=", not_equalto},
    {"<", less},
    {"<=", less_equal},
    {"==", equalto},
    {">", greater},
    {">=", greater_equal},
    {"boolean", is_kind<Kind::boolean>},
    {"callable", is_kind<Kind::callable>},
    {"defined", defined},
    {"divisibleby", divisibleby},
    {"eq", equalto},
    {"equalto", equalto},
    {"even", even},
    {"false", is_false},
    {"filter", is_filter},
    {"float", is_kind<Kind::real>},
    {"ge", greater_equal},
    {"greaterthan", greater},
    {"gt", greater},
    {"in", in},
    {"integer", is_kind<Kind::integer>},
    {"iterable", k_iterable},
    {"le", less_equal},
    {"lessthan", less},
    {"lower", is_lower},
    {"lt", less},
    {"mapping", is_kind<Kind::dict>},
    {"ne", not_equalto},
    {"none", is_kind<Kind::none>},
    {"number", is_kind<Kind::boolean, Kind::integer, Kind::real>},
    {"odd", odd},
    {"sameas", sameas},
    {"sequence", k_iterable},
    {"string", is_kind<Kind::string>},
    {"test", is_test},
    {"true", is_true},
    {"undefined", is_kind<Kind::undefined>},
    {"upper", is_upper},
};

}  // namespace

std::span<const Builtin> tests() { return k_tests; }

}  // namespace tenon::jinja
