// Filters that make text or numbers.
#include <fmt/format.h>

#include <charconv>
#include <cmath>

#include "framework/jinja/builtins.hpp"
#include "framework/jinja/text_utils.hpp"

namespace tenon::jinja {
namespace {

std::string text_of(Runtime& rt, const Value& v) {
  std::string s = rt.str(v);
  rt.work(s.size() * 4);
  return s;
}

std::int64_t integer_or(const Value& v, std::int64_t fallback) {
  return v.is_integral() ? v.as_integer() : fallback;
}

Value upper(Runtime& rt, const Value& self, const Args&) {
  return rt.string(text::upper(text_of(rt, self)));
}
Value lower(Runtime& rt, const Value& self, const Args&) {
  return rt.string(text::lower(text_of(rt, self)));
}
Value capitalize(Runtime& rt, const Value& self, const Args&) {
  return rt.string(text::capitalize(text_of(rt, self)));
}
Value string(Runtime& rt, const Value& self, const Args&) { return rt.string(rt.str(self)); }

// jinja2's own: capitals after white space, '-' and opening brackets only.
Value title(Runtime& rt, const Value& self, const Args&) {
  std::string out;
  bool inside = false;
  const std::string s = text_of(rt, self);
  for (const std::string_view c : text::characters(s)) {
    out += inside ? text::lower(c) : text::upper(c);
    inside =
        !text::is_white_space(c) && std::string_view("-({[<").find(c) == std::string_view::npos;
  }
  return rt.string(std::move(out));
}

Value trim(Runtime& rt, const Value& self, const Args& args) {
  const Value set = args.get(0, "chars");
  const std::string s = text_of(rt, self);
  return rt.string(
      std::string(text::strip(s, set.is(Kind::string) ? set.as_string() : "", true, true)));
}

Value replace(Runtime& rt, const Value& self, const Args& args) {
  const std::string s = text_of(rt, self), from = rt.str(args.get(0, "old")),
                    to = rt.str(args.get(1, "new"));
  const std::size_t most = (from.empty() ? s.size() + 1 : s.size() / from.size()) * to.size();
  if (!rt.charge(most)) return {};
  return rt.string(text::replace(s, from, to, integer_or(args.get(2, "count"), -1)));
}

// Lines after the first move right by `width` spaces (or that text).
Value indent(Runtime& rt, const Value& self, const Args& args) {
  const Value width = args.get(0, "width");
  const bool first = rt.truth(args.get(1, "first")), blank = rt.truth(args.get(2, "blank"));
  const std::int64_t spaces =
      std::min<std::int64_t>(std::max<std::int64_t>(integer_or(width, 4), 0), 1 << 16);
  const std::string by = width.is(Kind::string)
                             ? width.as_string()
                             : std::string(static_cast<std::size_t>(spaces), ' ');
  std::string out;
  std::size_t n = 0;
  for (const std::string& line : text::split_lines(text_of(rt, self) + "\n")) {
    if (!rt.charge(line.size() + by.size())) return {};
    if (n > 0) out += '\n';
    if (n > 0 ? blank || !line.empty() : first) out += by;
    out += line;
    ++n;
  }
  return rt.string(std::move(out));
}

Value tojson(Runtime& rt, const Value& self, const Args& args) {
  // transformers: tojson(x, ensure_ascii=False, indent=None, separators=None, sort_keys=False)
  JsonStyle style;
  if (const Value width = args.get(1, "indent"); width.is_integral() || width.is(Kind::string)) {
    const std::int64_t n =
        std::min<std::int64_t>(std::max<std::int64_t>(integer_or(width, 0), 0), 1024);
    style.indent =
        width.is(Kind::string) ? width.as_string() : std::string(static_cast<std::size_t>(n), ' ');
    style.item_separator = ",";
  }
  if (const Value marks = args.get(2, "separators");
      marks.is_sequence() && marks.as_list().size() == 2) {
    style.item_separator = rt.str(marks.as_list()[0]);
    style.key_separator = rt.str(marks.as_list()[1]);
  }
  style.ensure_ascii = rt.truth(args.get(0, "ensure_ascii"));
  style.sort_keys = rt.truth(args.get(3, "sort_keys"));
  return rt.string(to_json(rt, self, style));
}

Value escape(Runtime& rt, const Value& self, const Args&) {
  if (self.is_markup()) return self;
  return rt.string(text::escaped(text_of(rt, self))).marked();
}

Value safe(Runtime& rt, const Value& self, const Args&) {
  return self.is(Kind::string) ? self.marked() : rt.string(rt.str(self)).marked();
}

template <class T>
bool parse_all(std::string_view text, T& out) {
  if (text.starts_with('+')) text.remove_prefix(1);
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), out);
  return error == std::errc() && end == text.data() + text.size() && !text.empty();
}

Value to_int(Runtime& rt, const Value& self, const Args& args) {
  const Value fallback = args.has(0, "default") ? args.get(0, "default") : Value::integer(0);
  double real = self.as_real();
  if (self.is(Kind::string)) {
    const std::string s(text::strip(text_of(rt, self), {}, true, true));
    std::int64_t integer = 0;
    if (parse_all(s, integer)) return Value::integer(integer);
    if (!parse_all(s, real)) return fallback;
  } else if (self.is_integral()) {
    return Value::integer(self.as_integer());
  } else if (!self.is(Kind::real)) {
    return fallback;
  }
  return std::abs(real) < 9.2e18 ? Value::integer(static_cast<std::int64_t>(real)) : fallback;
}

Value to_float(Runtime& rt, const Value& self, const Args& args) {
  double real = 0;
  if (self.is_number()) return Value::real(self.as_real());
  if (self.is(Kind::string) && parse_all(text::strip(text_of(rt, self), {}, true, true), real))
    return Value::real(real);
  return args.has(0, "default") ? args.get(0, "default") : Value::real(0);
}

Value absolute(Runtime& rt, const Value& self, const Args&) {
  if (self.is(Kind::real)) return Value::real(std::abs(self.as_real()));
  if (self.is_integral() && self.as_integer() != INT64_MIN)
    return Value::integer(std::abs(self.as_integer()));
  return rt.fail("abs: not a number");
}

// Python rounds halves to even.
Value round(Runtime& rt, const Value& self, const Args& args) {
  if (!self.is_number()) return rt.fail("round: not a number");
  const std::int64_t digits = std::min<std::int64_t>(
      std::max<std::int64_t>(integer_or(args.get(0, "precision"), 0), 0), 15);
  const Value method = args.get(1, "method");
  const double scale = std::pow(10.0, static_cast<double>(digits)), x = self.as_real() * scale;
  const std::string how = method.is(Kind::string) ? method.as_string() : "common";
  return Value::real((how == "ceil"    ? std::ceil(x)
                      : how == "floor" ? std::floor(x)
                                       : std::nearbyint(x)) /
                     scale);
}

Value wordcount(Runtime& rt, const Value& self, const Args&) {
  return Value::integer(static_cast<std::int64_t>(text::split_space(text_of(rt, self)).size()));
}

// 'x %s' | format(a): the conversions that need no width.
Value format(Runtime& rt, const Value& self, const Args& args) {
  return rt.string(percent_format(rt, rt.str(self), args.positional));
}

constexpr Builtin k_filters[] = {
    {"abs", absolute},   {"capitalize", capitalize}, {"e", escape},      {"escape", escape},
    {"float", to_float}, {"format", format},         {"indent", indent}, {"int", to_int},
    {"lower", lower},    {"replace", replace},       {"round", round},   {"safe", safe},
    {"string", string},  {"title", title},           {"tojson", tojson}, {"trim", trim},
    {"upper", upper},    {"wordcount", wordcount},
};

}  // namespace

std::string percent_format(Runtime& rt, std::string_view format, const List& values) {
  std::string out;
  std::size_t next = 0;
  for (std::size_t i = 0; i < format.size() && rt.step(); ++i) {
    if (format[i] != '%' || i + 1 == format.size()) {
      out.push_back(format[i]);
      continue;
    }
    const char conversion = format[++i];
    if (conversion == '%') {
      out.push_back('%');
    } else if (std::string_view("srd").find(conversion) == std::string_view::npos) {
      rt.fail(fmt::format("format: conversion '%{}' is not supported", conversion));
    } else if (next == values.size()) {
      rt.fail("format: not enough arguments");
    } else if (conversion == 'd' && !values[next].is_number()) {
      rt.fail("format: %d needs a number");
    } else {
      const Value v = values[next++];
      out += conversion == 'd'   ? fmt::format("{:.0f}", std::trunc(v.as_real()))
             : conversion == 'r' ? rt.repr(v)
                                 : rt.str(v);
    }
  }
  if (next < values.size()) rt.fail("format: too many arguments");
  return out;
}

std::span<const Builtin> text_filters() { return k_filters; }

}  // namespace tenon::jinja
