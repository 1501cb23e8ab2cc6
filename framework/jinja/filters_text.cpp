// Filters that make text or numbers.
#include <fmt/format.h>

#include <charconv>
#include <cmath>

#include "framework/jinja/builtins.hpp"
#include "framework/jinja/text_utils.hpp"

namespace tenon::jinja {
namespace {

std::int64_t integer_or(const Value& v, std::int64_t fallback) {
  return v.is_integral() ? v.as_integer() : fallback;
}

Value upper(Runtime& rt, const Value& self, const Args&) { return text::upper(rt, rt.str(self)); }
Value lower(Runtime& rt, const Value& self, const Args&) { return text::lower(rt, rt.str(self)); }
Value capitalize(Runtime& rt, const Value& self, const Args&) {
  return text::capitalize(rt, rt.str(self));
}
Value string(Runtime& rt, const Value& self, const Args&) { return Value::string(rt.str(self)); }
Value title(Runtime& rt, const Value& self, const Args&) {
  return text::title_words(rt, rt.str(self));
}

Value trim(Runtime& rt, const Value& self, const Args& args) {
  const Value set = args.get(0, "chars");
  const std::string_view chars = set.is(Kind::string) ? set.as_string() : std::string_view();
  return Value::string(text::strip(rt, rt.str(self), chars, true, true));
}

Value replace(Runtime& rt, const Value& self, const Args& args) {
  return text::replace(rt, rt.str(self), rt.str(args.get(0, "old")), rt.str(args.get(1, "new")),
                       integer_or(args.get(2, "count"), -1));
}

// `n` spaces, but never more than `most`.
Value spaces(Runtime& rt, std::int64_t n, std::int64_t most) {
  const std::int64_t width = std::min(std::max<std::int64_t>(n, 0), most);
  return rt.string(std::string(static_cast<std::size_t>(width), ' '));
}

// Lines after the first move right by `width` spaces (or that text).
Value indent(Runtime& rt, const Value& self, const Args& args) {
  const Value width = args.get(0, "width");
  const bool first = rt.truth(args.get(1, "first")), blank = rt.truth(args.get(2, "blank"));
  const Value by = width.is(Kind::string) ? width : spaces(rt, integer_or(width, 4), 1 << 16);
  TextBuilder ended(rt), out(rt);
  ended.add_str(self);
  ended.add('\n');
  std::size_t n = 0;
  for (const Value& line : text::split_lines(rt, ended.view())) {
    if (n > 0) out.add('\n');
    if (n > 0 ? blank || !line.as_string().empty() : first) out.add_str(by);
    out.add_str(line);
    ++n;
  }
  return out.finish();
}

Value tojson(Runtime& rt, const Value& self, const Args& args) {
  // transformers: tojson(x, ensure_ascii=False, indent=None, separators=None, sort_keys=False)
  JsonStyle style;
  if (const Value width = args.get(1, "indent"); width.is_integral() || width.is(Kind::string)) {
    const Value by = width.is(Kind::string) ? width : spaces(rt, width.as_integer(), 1024);
    style.indent = by.as_text();
    style.item_separator = {","};
  }
  if (const Value marks = args.get(2, "separators");
      marks.is_sequence() && marks.as_list().size() == 2) {
    style.item_separator = rt.str(marks.as_list()[0]);
    style.key_separator = rt.str(marks.as_list()[1]);
  }
  style.ensure_ascii = rt.truth(args.get(0, "ensure_ascii"));
  style.sort_keys = rt.truth(args.get(3, "sort_keys"));
  return to_json(rt, self, style);
}

Value escape(Runtime& rt, const Value& self, const Args&) {
  if (self.is_markup()) return self;
  return text::escaped(rt, rt.str(self)).marked();
}

Value safe(Runtime& rt, const Value& self, const Args&) {
  return Value::string(rt.str(self)).marked();
}

std::string_view stripped(Runtime& rt, const Value& v) {
  const std::string_view s = text::strip(rt, v.as_text(), {}, true, true).chars;
  return s.size() <= 400 ? s : std::string_view();  // no number of ours is longer
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
    const std::string_view s = stripped(rt, self);
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
  if (self.is(Kind::string) && parse_all(stripped(rt, self), real)) return Value::real(real);
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
  const std::string_view how = method.is(Kind::string) ? method.as_string() : "common";
  return Value::real((how == "ceil"    ? std::ceil(x)
                      : how == "floor" ? std::floor(x)
                                       : std::nearbyint(x)) /
                     scale);
}

Value wordcount(Runtime& rt, const Value& self, const Args&) {
  return Value::integer(static_cast<std::int64_t>(text::split_space(rt, rt.str(self)).size()));
}

// 'x %s' | format(a): the conversions that need no width.
Value format(Runtime& rt, const Value& self, const Args& args) {
  return percent_format(rt, rt.str(self), args.positional);
}

constexpr Builtin k_filters[] = {
    {"abs", absolute},   {"capitalize", capitalize}, {"e", escape},      {"escape", escape},
    {"float", to_float}, {"format", format},         {"indent", indent}, {"int", to_int},
    {"lower", lower},    {"replace", replace},       {"round", round},   {"safe", safe},
    {"string", string},  {"title", title},           {"tojson", tojson}, {"trim", trim},
    {"upper", upper},    {"wordcount", wordcount},
};

}  // namespace

Value percent_format(Runtime& rt, const Text& format, std::span<const Value> values) {
  TextBuilder out(rt);
  std::size_t next = 0;
  for (std::size_t i = 0; i < format.size(); ++i) {
    rt.step();
    if (format.chars[i] != '%' || i + 1 == format.size()) {
      out.add(format.substr(i, 1));
      continue;
    }
    const char conversion = format.chars[++i];
    if (conversion == '%') {
      out.add(format.substr(i, 1));
    } else if (std::string_view("srd").find(conversion) == std::string_view::npos) {
      rt.fail(fmt::format("format: conversion '%{}' is not supported", conversion));
    } else if (next == values.size()) {
      rt.fail("format: not enough arguments");
    } else if (conversion == 'd' && !values[next].is_number()) {
      rt.fail("format: %d needs a number");
    } else if (conversion == 'd') {
      out.add(fmt::format("{:.0f}", std::trunc(values[next++].as_real())));
    } else {
      const Value& v = values[next++];
      conversion == 'r' ? out.add_repr(v) : out.add_str(v);
    }
  }
  if (next < values.size()) rt.fail("format: too many arguments");
  return out.finish();
}

std::span<const Builtin> text_filters() { return k_filters; }

}  // namespace tenon::jinja
