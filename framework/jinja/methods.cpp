// Methods of strings, dicts, lists and loops. Like transformers' sandbox, none changes its object.
#include <fmt/format.h>

#include <algorithm>

#include "framework/base/quoted.hpp"
#include "framework/jinja/builtins.hpp"
#include "framework/jinja/loop.hpp"
#include "framework/jinja/text_utils.hpp"

namespace tenon::jinja {
namespace {

// An argument as text; fails when it is not.
Text text_arg(Runtime& rt, const Args& args, std::size_t i, std::string_view name) {
  const Value v = args.get(i, name);
  if (!v.is(Kind::string))
    rt.fail(fmt::format("argument {} must be a string, not {}", i + 1, type_name(v)));
  return v.as_text();
}

std::int64_t count_arg(const Args& args, std::size_t i, std::string_view name) {
  const Value v = args.get(i, name);
  return v.is_integral() ? v.as_integer() : -1;
}

template <bool Left, bool Right>
Value strip(Runtime& rt, const Value& self, const Args& args) {
  const bool all = args.positional.empty() || args.positional[0].is(Kind::none);
  const std::string_view set = all ? std::string_view() : text_arg(rt, args, 0, "chars").chars;
  if (!all && set.empty()) return self;
  return Value::string(text::strip(rt, self.as_text(), set, Left, Right));
}

// The separator of split and rsplit; empty: white space.
Text separator(Runtime& rt, const Args& args) {
  if (!args.has(0, "sep") || args.get(0, "sep").is(Kind::none)) return {};
  const Text given = text_arg(rt, args, 0, "sep");
  if (given.size() == 0) rt.fail("split: empty separator");
  return given;
}

Value split(Runtime& rt, const Value& self, const Args& args) {
  const std::int64_t limit = count_arg(args, 1, "maxsplit");
  const Text by = separator(rt, args);
  return rt.list(by.size() == 0 ? text::split_space(rt, self.as_text(), limit)
                                : text::split(rt, self.as_text(), by.chars, limit));
}

Value rsplit(Runtime& rt, const Value& self, const Args& args) {
  const std::int64_t limit = count_arg(args, 1, "maxsplit");
  const Text by = separator(rt, args);
  if (by.size() == 0) return split(rt, self, args);
  return rt.list(text::split_from_right(rt, self.as_text(), by.chars, limit));
}

Value splitlines(Runtime& rt, const Value& self, const Args&) {
  return rt.list(text::split_lines(rt, self.as_text()));
}

// startswith and endswith take a string or a tuple of them.
template <class Holds>
Value any_affix(Runtime& rt, const Args& args, Holds holds) {
  const Value affix = args.get(0, "prefix");
  const bool many = affix.is(Kind::tuple);
  for (const Value& choice :
       many ? std::span<const Value>(affix.as_list()) : std::span<const Value>(&affix, 1)) {
    if (!choice.is(Kind::string))
      rt.fail(fmt::format("prefix must be a string, not {}", type_name(choice)));
    rt.work(choice.as_string().size());
    if (holds(choice.as_string())) return Value::boolean(true);
  }
  return Value::boolean(false);
}
Value startswith(Runtime& rt, const Value& self, const Args& args) {
  return any_affix(rt, args, [&](std::string_view s) { return self.as_string().starts_with(s); });
}
Value endswith(Runtime& rt, const Value& self, const Args& args) {
  return any_affix(rt, args, [&](std::string_view s) { return self.as_string().ends_with(s); });
}

Value removeprefix(Runtime& rt, const Value& self, const Args& args) {
  const std::string_view prefix = text_arg(rt, args, 0, "prefix").chars;
  rt.work(prefix.size());
  if (!self.as_string().starts_with(prefix)) return self;
  return Value::string(self.as_text().substr(prefix.size()));
}
Value removesuffix(Runtime& rt, const Value& self, const Args& args) {
  const std::string_view suffix = text_arg(rt, args, 0, "suffix").chars;
  rt.work(suffix.size());
  if (!self.as_string().ends_with(suffix)) return self;
  return Value::string(self.as_text().substr(0, self.as_string().size() - suffix.size()));
}

Value replace(Runtime& rt, const Value& self, const Args& args) {
  text_arg(rt, args, 0, "old");
  text_arg(rt, args, 1, "new");
  return apply_filter(rt, "replace", self, args);
}

template <Value (*Change)(Runtime&, const Text&)>
Value changed(Runtime& rt, const Value& self, const Args&) {
  return Change(rt, self.as_text());
}

// Positions count code points.
Value position(Runtime& rt, const Text& s, std::size_t at) {
  return Value::integer(at == std::string_view::npos ? -1 : text::length(rt, s.substr(0, at)));
}
Value find(Runtime& rt, const Value& self, const Args& args) {
  const text::Search search(rt, self.as_string(), text_arg(rt, args, 0, "sub").chars);
  return position(rt, self.as_text(), search.next(0));
}
Value rfind(Runtime& rt, const Value& self, const Args& args) {
  const std::string_view part = text_arg(rt, args, 0, "sub").chars;
  return position(rt, self.as_text(), text::find_last(rt, self.as_string(), part));
}
Value index(Runtime& rt, const Value& self, const Args& args) {
  const Value at = find(rt, self, args);
  return at.as_integer() < 0 ? rt.fail("substring not found") : at;
}
Value count(Runtime& rt, const Value& self, const Args& args) {
  const std::string_view part = text_arg(rt, args, 0, "sub").chars;
  if (part.empty()) return Value::integer(text::length(rt, self.as_text()) + 1);
  const text::Search search(rt, self.as_string(), part);
  std::int64_t n = 0;
  for (std::size_t at = search.next(0); at != std::string_view::npos; ++n) {
    rt.step();
    at = search.next(at + part.size());
  }
  return Value::integer(n);
}

Value join(Runtime& rt, const Value& self, const Args& args) {
  const Value items = args.get(0, "iterable");
  for (const Value& item : rt.iterate(items)) {
    rt.step();
    if (!item.is(Kind::string))
      rt.fail(fmt::format("join: expected str, found {}", type_name(item)));
  }
  return apply_filter(rt, "join", items, Args(rt, self));
}

// The replacement fields {}, {0} and {name}, without conversions.
Value format(Runtime& rt, const Value& self, const Args& args) {
  TextBuilder out(rt);
  std::size_t automatic = 0;
  for (Text rest = self.as_text(); rest.size() > 0;) {
    rt.step();
    const char c = rest.chars[0];
    const bool brace = c == '{' || c == '}';
    if (!brace || rest.chars.starts_with("{{") || rest.chars.starts_with("}}")) {
      out.add(rest.substr(0, 1));
      rest = rest.substr(brace ? 2 : 1);
      continue;
    }
    rt.work(rest.size());
    const std::size_t end = rest.chars.find('}');
    if (c == '}' || end == std::string_view::npos) rt.fail("format: single brace");
    const std::string_view field = rest.chars.substr(1, end - 1);
    const bool number =
        !field.empty() && field.size() < 6 && field.find_first_not_of("0123456789") == field.npos;
    const std::size_t index = field.empty() ? automatic++
                              : number      ? std::stoul(std::string(field))
                                            : SIZE_MAX;
    const bool known = index < args.positional.size();
    const Value v = known ? args.positional[index] : args.get(SIZE_MAX, field);
    if (v.is(Kind::undefined) && !known) rt.fail("format: no argument for " + quoted(field, 40));
    out.add_str(v);
    rest = rest.substr(end + 1);
  }
  return out.finish();
}

template <bool (*Holds)(std::string_view)>
Value all_characters(Runtime& rt, const Value& self, const Args&) {
  text::Characters all(rt, self.as_text());
  bool any = false;
  for (Text c; all.next(c); any = true)
    if (!Holds(c.chars)) return Value::boolean(false);
  return Value::boolean(any);
}
bool is_letter_or_number(std::string_view c) { return text::is_letter(c) || text::is_number(c); }

Value items(Runtime& rt, const Value& self, const Args&) {
  return apply_filter(rt, "items", self, Args(rt));
}
Value keys(Runtime& rt, const Value& self, const Args&) {
  return apply_filter(rt, "list", self, Args(rt));
}
Value values(Runtime& rt, const Value& self, const Args&) {
  List out(rt);
  for (const auto& entry : self.as_dict()) out.push_back(entry.second);
  return rt.list(std::move(out));
}
Value get(Runtime& rt, const Value& self, const Args& args) {
  const Value key = args.get(0, "key");
  for (const auto& entry : self.as_dict())
    if (rt.equal(entry.first, key)) return entry.second;
  return args.positional.size() > 1 || !args.named.empty() ? args.get(1, "default") : Value::none();
}
Value copy(Runtime& rt, const Value& self, const Args&) {
  return self.is(Kind::dict) ? rt.dict(self.as_dict()) : rt.list(self.as_list());
}

Value list_index(Runtime& rt, const Value& self, const Args& args) {
  const List& list = self.as_list();
  for (std::size_t i = 0; i < list.size(); ++i)
    if (rt.equal(list[i], args.get(0, "value")))
      return Value::integer(static_cast<std::int64_t>(i));
  return rt.fail("value is not in list");
}
Value list_count(Runtime& rt, const Value& self, const Args& args) {
  return Value::integer(
      std::count_if(self.as_list().begin(), self.as_list().end(),
                    [&](const Value& v) { return rt.equal(v, args.get(0, "value")); }));
}

Value refuse_change(Runtime& rt, const Value&, const Args&) {
  return rt.fail("templates may not change their data");
}

constexpr Builtin k_string_methods[] = {
    {"strip", strip<true, true>},
    {"lstrip", strip<true, false>},
    {"rstrip", strip<false, true>},
    {"split", split},
    {"rsplit", rsplit},
    {"splitlines", splitlines},
    {"startswith", startswith},
    {"endswith", endswith},
    {"removeprefix", removeprefix},
    {"removesuffix", removesuffix},
    {"replace", replace},
    {"upper", changed<text::upper>},
    {"lower", changed<text::lower>},
    {"title", changed<text::title>},
    {"capitalize", changed<text::capitalize>},
    {"find", find},
    {"rfind", rfind},
    {"index", index},
    {"count", count},
    {"format", format},
    {"join", join},
    {"isdigit", all_characters<text::is_number>},
    {"isalpha", all_characters<text::is_letter>},
    {"isalnum", all_characters<is_letter_or_number>},
    {"isspace", all_characters<text::is_white_space>},
};
constexpr Builtin k_dict_methods[] = {
    {"items", items},         {"keys", keys},
    {"values", values},       {"get", get},
    {"copy", copy},           {"update", refuse_change},
    {"pop", refuse_change},   {"setdefault", refuse_change},
    {"clear", refuse_change},
};
constexpr Builtin k_list_methods[] = {
    {"index", list_index},     {"count", list_count},     {"copy", copy},
    {"append", refuse_change}, {"extend", refuse_change}, {"insert", refuse_change},
    {"pop", refuse_change},    {"remove", refuse_change}, {"reverse", refuse_change},
    {"sort", refuse_change},   {"clear", refuse_change},
};

}  // namespace

std::span<const Builtin> methods_of(Kind kind) {
  if (kind == Kind::string) return k_string_methods;
  if (kind == Kind::dict) return k_dict_methods;
  if (kind == Kind::list) return k_list_methods;
  return {};
}

Value find_method(Runtime& rt, const Value& object, std::string_view name) {
  if (object.is(Kind::loop)) return loop_attribute(rt, object, name);
  for (const Builtin& row : methods_of(object.kind()))
    if (row.name == name)
      return rt.callable({.name = row.name, .function = row.function, .self = object});
  return {};
}

}  // namespace tenon::jinja
