// Methods of strings, dicts, lists and loops. Like transformers' sandbox, none changes its object.
#include <fmt/format.h>

#include <algorithm>

#include "framework/jinja/builtins.hpp"
#include "framework/jinja/loop.hpp"
#include "framework/jinja/text_utils.hpp"

namespace tenon::jinja {
namespace {

// An argument as text; fails when it is not.
std::string text_arg(Runtime& rt, const Args& args, std::size_t i, std::string_view name) {
  const Value v = args.get(i, name);
  if (v.is(Kind::string)) return v.as_string();
  rt.fail(fmt::format("argument {} must be a string, not {}", i + 1, type_name(v)));
  return {};
}

std::int64_t count_arg(const Args& args, std::size_t i, std::string_view name) {
  const Value v = args.get(i, name);
  return v.is_integral() ? v.as_integer() : -1;
}

Value strip_ends(Runtime& rt, const Value& self, const Args& args, bool left, bool right) {
  const bool all = args.positional.empty() || args.positional[0].is(Kind::none);
  const std::string set = all ? std::string() : text_arg(rt, args, 0, "chars");
  if (!all && set.empty()) return self;
  return rt.string(std::string(text::strip(self.as_string(), set, left, right)));
}
Value strip(Runtime& rt, const Value& self, const Args& args) {
  return strip_ends(rt, self, args, true, true);
}
Value lstrip(Runtime& rt, const Value& self, const Args& args) {
  return strip_ends(rt, self, args, true, false);
}
Value rstrip(Runtime& rt, const Value& self, const Args& args) {
  return strip_ends(rt, self, args, false, true);
}

Value strings(Runtime& rt, std::vector<std::string> parts) {
  List out;
  for (std::string& part : parts) out.push_back(rt.string(std::move(part)));
  return rt.list(std::move(out));
}

Value split(Runtime& rt, const Value& self, const Args& args) {
  const std::int64_t limit = count_arg(args, 1, "maxsplit");
  if (!args.has(0, "sep") || args.get(0, "sep").is(Kind::none))
    return strings(rt, text::split_space(self.as_string(), limit));
  const std::string separator = text_arg(rt, args, 0, "sep");
  if (separator.empty()) return rt.fail("split: empty separator");
  return strings(rt, text::split(self.as_string(), separator, limit));
}

// Cuts from the right: splits everywhere and joins again what is too much.
Value rsplit(Runtime& rt, const Value& self, const Args& args) {
  const std::int64_t limit = count_arg(args, 1, "maxsplit");
  if (limit < 0 || !args.has(0, "sep")) return split(rt, self, args);
  const std::string separator = text_arg(rt, args, 0, "sep");
  if (separator.empty()) return rt.fail("rsplit: empty separator");
  std::vector<std::string> parts;
  std::string_view rest = self.as_string();
  while (parts.size() < static_cast<std::size_t>(limit) &&
         rest.rfind(separator) != std::string_view::npos) {
    const std::size_t at = rest.rfind(separator);
    parts.emplace_back(rest.substr(at + separator.size()));
    rest = rest.substr(0, at);
  }
  parts.emplace_back(rest);
  std::reverse(parts.begin(), parts.end());
  return strings(rt, std::move(parts));
}

Value splitlines(Runtime& rt, const Value& self, const Args&) {
  return strings(rt, text::split_lines(self.as_string()));
}

// startswith and endswith take a string or a tuple of them.
template <class Holds>
Value any_affix(Runtime& rt, const Args& args, Holds holds) {
  const Value affix = args.get(0, "prefix");
  const List choices = affix.is(Kind::tuple) ? affix.as_list() : List{affix};
  for (const Value& choice : choices) {
    if (!choice.is(Kind::string))
      return rt.fail(fmt::format("prefix must be a string, not {}", type_name(choice)));
    if (holds(choice.as_string())) return Value::boolean(true);
  }
  return Value::boolean(false);
}
Value startswith(Runtime& rt, const Value& self, const Args& args) {
  return any_affix(rt, args, [&](const std::string& s) { return self.as_string().starts_with(s); });
}
Value endswith(Runtime& rt, const Value& self, const Args& args) {
  return any_affix(rt, args, [&](const std::string& s) { return self.as_string().ends_with(s); });
}

Value removeprefix(Runtime& rt, const Value& self, const Args& args) {
  const std::string prefix = text_arg(rt, args, 0, "prefix");
  return self.as_string().starts_with(prefix) ? rt.string(self.as_string().substr(prefix.size()))
                                              : self;
}
Value removesuffix(Runtime& rt, const Value& self, const Args& args) {
  const std::string suffix = text_arg(rt, args, 0, "suffix");
  const std::string& s = self.as_string();
  return s.ends_with(suffix) ? rt.string(s.substr(0, s.size() - suffix.size())) : self;
}

Value replace(Runtime& rt, const Value& self, const Args& args) {
  text_arg(rt, args, 0, "old");
  text_arg(rt, args, 1, "new");
  return rt.failed() ? Value() : apply_filter(rt, "replace", self, args);
}

Value upper(Runtime& rt, const Value& self, const Args&) {
  return rt.string(text::upper(self.as_string()));
}
Value lower(Runtime& rt, const Value& self, const Args&) {
  return rt.string(text::lower(self.as_string()));
}
Value title(Runtime& rt, const Value& self, const Args&) {
  return rt.string(text::title(self.as_string()));
}
Value capitalize(Runtime& rt, const Value& self, const Args&) {
  return rt.string(text::capitalize(self.as_string()));
}

// Positions count code points.
Value position(const std::string& s, std::size_t at) {
  const bool found = at != std::string::npos;
  return Value::integer(
      found ? static_cast<std::int64_t>(text::characters(std::string_view(s).substr(0, at)).size())
            : -1);
}
Value find(Runtime& rt, const Value& self, const Args& args) {
  return position(self.as_string(), self.as_string().find(text_arg(rt, args, 0, "sub")));
}
Value rfind(Runtime& rt, const Value& self, const Args& args) {
  return position(self.as_string(), self.as_string().rfind(text_arg(rt, args, 0, "sub")));
}
Value index(Runtime& rt, const Value& self, const Args& args) {
  const Value at = find(rt, self, args);
  return at.as_integer() < 0 ? rt.fail("substring not found") : at;
}
Value count(Runtime& rt, const Value& self, const Args& args) {
  const std::string part = text_arg(rt, args, 0, "sub");
  if (part.empty())
    return Value::integer(static_cast<std::int64_t>(text::characters(self.as_string()).size()) + 1);
  return Value::integer(static_cast<std::int64_t>(text::split(self.as_string(), part).size()) - 1);
}

Value join(Runtime& rt, const Value& self, const Args& args) {
  const Value items = args.get(0, "iterable");
  for (const Value& item : rt.iterate(items))
    if (!item.is(Kind::string))
      return rt.fail(fmt::format("join: expected str, found {}", type_name(item)));
  return apply_filter(rt, "join", items, Args{{self}, {}});
}

// The replacement fields {}, {0} and {name}, without conversions.
Value format(Runtime& rt, const Value& self, const Args& args) {
  std::string out;
  std::size_t automatic = 0;
  std::string_view rest = self.as_string();
  while (!rest.empty() && rt.step()) {
    if (rest.starts_with("{{") || rest.starts_with("}}") || (rest[0] != '{' && rest[0] != '}')) {
      out.push_back(rest[0]);
      rest.remove_prefix(rest[0] == '{' || rest[0] == '}' ? 2 : 1);
      continue;
    }
    const std::size_t end = rest.find('}');
    if (rest[0] == '}' || end == std::string_view::npos) return rt.fail("format: single brace");
    const std::string_view field = rest.substr(1, end - 1);
    const bool number =
        !field.empty() && field.size() < 6 && field.find_first_not_of("0123456789") == field.npos;
    const std::size_t index = field.empty() ? automatic++
                              : number      ? std::stoul(std::string(field))
                                            : SIZE_MAX;
    const bool known = index < args.positional.size();
    const Value v = known ? args.positional[index] : args.get(SIZE_MAX, field);
    if (v.is(Kind::undefined) && !known)
      return rt.fail(fmt::format("format: no argument for '{:.40}'", field));
    out += rt.str(v);
    rest.remove_prefix(end + 1);
  }
  return rt.string(std::move(out));
}

template <bool (*Holds)(std::string_view)>
Value all_characters(Runtime&, const Value& self, const Args&) {
  const std::vector<std::string_view> all = text::characters(self.as_string());
  return Value::boolean(!all.empty() && std::all_of(all.begin(), all.end(), Holds));
}
bool is_letter_or_number(std::string_view c) { return text::is_letter(c) || text::is_number(c); }

Value items(Runtime& rt, const Value& self, const Args&) {
  return apply_filter(rt, "items", self, {});
}
Value keys(Runtime& rt, const Value& self, const Args&) { return rt.list(rt.iterate(self)); }
Value values(Runtime& rt, const Value& self, const Args&) {
  List out;
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
    {"strip", strip},
    {"lstrip", lstrip},
    {"rstrip", rstrip},
    {"split", split},
    {"rsplit", rsplit},
    {"splitlines", splitlines},
    {"startswith", startswith},
    {"endswith", endswith},
    {"removeprefix", removeprefix},
    {"removesuffix", removesuffix},
    {"replace", replace},
    {"upper", upper},
    {"lower", lower},
    {"title", title},
    {"capitalize", capitalize},
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

std::span<const Builtin> methods_of(const Value& object) {
  if (object.is(Kind::string)) return k_string_methods;
  if (object.is(Kind::dict)) return k_dict_methods;
  if (object.is(Kind::list)) return k_list_methods;
  return {};
}

}  // namespace

Value find_method(Runtime& rt, const Value& object, std::string_view name) {
  if (object.is(Kind::loop)) return loop_attribute(rt, object, name);
  for (const Builtin& row : methods_of(object))
    if (row.name == name) {
      if (object.is(Kind::string)) rt.work(object.as_string().size() * 2);
      return rt.callable({.name = row.name, .function = row.function, .self = object});
    }
  return {};
}

}  // namespace tenon::jinja
