// Functions that every template sees, and the lookup in all tables.
#include <fmt/format.h>

#include <ctime>

#include "framework/base/quoted.hpp"
#include "framework/jinja/builtins.hpp"

namespace tenon::jinja {
namespace {

constexpr std::size_t k_max_range = 100'000;  // as jinja2's sandbox

Value range(Runtime& rt, const Value&, const Args& args) {
  std::int64_t bounds[] = {0, 0, 1};  // start, stop, step
  const std::size_t n = args.positional.size();
  if (n < 1 || n > 3) return rt.fail("range: needs one to three numbers");
  for (std::size_t i = 0; i < n; ++i) {
    if (!args.positional[i].is_integral()) return rt.fail("range: needs integers");
    bounds[n == 1 ? 1 : i] = args.positional[i].as_integer();
  }
  const std::int64_t stop = bounds[1], step = bounds[2];
  if (step == 0) return rt.fail("range: step is zero");
  List items(rt);
  for (std::int64_t i = bounds[0]; step > 0 ? i < stop : i > stop;) {
    rt.step();
    if (items.size() == k_max_range)
      return rt.fail(fmt::format("range: more than {} numbers", k_max_range));
    items.push_back(Value::integer(i));
    if (__builtin_add_overflow(i, step, &i)) break;
  }
  return rt.list(std::move(items));
}

Value dict(Runtime& rt, const Value&, const Args& args) {
  Dict entries(rt);
  if (!args.positional.empty() && args.positional[0].is(Kind::dict))
    entries = args.positional[0].as_dict();
  for (const auto& [name, value] : args.named) rt.insert(entries, Value::string({name}), value);
  return rt.dict(std::move(entries));
}

Value name_space(Runtime& rt, const Value& self, const Args& args) {
  const Value entries = dict(rt, self, args);
  return Value::dict(&entries.as_dict(), Kind::name_space);
}

Value raise_exception(Runtime& rt, const Value&, const Args& args) {
  return rt.fail(std::string(rt.str(args.get(0, "message")).chars.substr(0, 1000)));
}

Value strftime_now(Runtime& rt, const Value&, const Args& args) {
  const std::time_t now = rt.now ? static_cast<std::time_t>(*rt.now) : std::time(nullptr);
  std::tm local{};
  if (localtime_r(&now, &local) == nullptr) return rt.fail("strftime_now: no such time");
  char buffer[256];
  const std::string format(rt.str(args.get(0, "format")).chars.substr(0, sizeof buffer));
  const std::size_t n = std::strftime(buffer, sizeof buffer, format.c_str(), &local);
  if (n == 0 && !format.empty()) return rt.fail("strftime_now: the result is too long");
  return rt.string({buffer, n});
}

constexpr Builtin k_functions[] = {
    {"dict", dict},   {"namespace", name_space},      {"raise_exception", raise_exception},
    {"range", range}, {"strftime_now", strftime_now},
};

Callable::Function find_in(std::span<const Builtin> table, std::string_view name) {
  for (const Builtin& row : table)
    if (row.name == name) return row.function;
  return nullptr;
}

}  // namespace

std::span<const Builtin> functions() { return k_functions; }

Callable::Function find_filter(std::string_view name) {
  const Callable::Function text = find_in(text_filters(), name);
  return text != nullptr ? text : find_in(sequence_filters(), name);
}

Callable::Function find_test(std::string_view name) { return find_in(tests(), name); }

Value apply_filter(Runtime& rt, std::string_view name, const Value& self, const Args& args) {
  const Callable::Function filter = find_filter(name);
  rt.step();
  if (filter == nullptr) return rt.fail("no filter named " + quoted(name, 40));
  return filter(rt, self, args);
}

bool apply_test(Runtime& rt, std::string_view name, const Value& self, const Args& args) {
  const Callable::Function test = find_test(name);
  rt.step();
  if (test == nullptr) rt.fail("no test named " + quoted(name, 40));
  return test(rt, self, args).as_integer() != 0;
}

}  // namespace tenon::jinja
