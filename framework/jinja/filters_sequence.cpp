// Filters over lists, dicts and anything else.
#include <fmt/format.h>

#include <algorithm>

#include "framework/jinja/builtins.hpp"
#include "framework/jinja/text_utils.hpp"

namespace tenon::jinja {
namespace {

Value length(Runtime& rt, const Value& self, const Args&) {
  const auto number = [](std::size_t n) { return Value::integer(static_cast<std::int64_t>(n)); };
  if (self.is(Kind::undefined)) return number(0);
  if (self.is_lazy()) return rt.fail("a generator has no length: use | list first");
  if (self.is_sequence()) return number(self.as_list().size());
  if (self.is(Kind::dict)) return number(self.as_dict().size());
  if (!self.is(Kind::string)) return rt.fail(fmt::format("'{}' has no length", type_name(self)));
  return Value::integer(text::length(rt, self.as_text()));
}

Value fallback(Runtime& rt, const Value& self, const Args& args) {
  const bool missing =
      self.is(Kind::undefined) || (rt.truth(args.get(1, "boolean")) && !rt.truth(self));
  if (!missing) return self;
  return args.positional.empty() && args.named.empty() ? rt.string("")
                                                       : args.get(0, "default_value");
}

Value join(Runtime& rt, const Value& self, const Args& args) {
  const Value separator = args.get(0, "d"), by = args.get(1, "attribute");
  TextBuilder out(rt);
  bool first = true;
  for (const Value& item : rt.iterate(self)) {
    if (!first) out.add_str(separator);
    first = false;
    out.add_str(by.is(Kind::undefined) ? item : rt.path(item, by));
  }
  return out.finish();
}

Value first(Runtime& rt, const Value& self, const Args&) {
  const std::span<const Value> items = rt.iterate(self);
  return items.empty() ? Value() : items.front();
}

Value last(Runtime& rt, const Value& self, const Args&) {
  const std::span<const Value> items = rt.iterate(self);
  return items.empty() ? Value() : items.back();
}

List copied(Runtime& rt, std::span<const Value> items) {
  List out(rt);
  out.assign(items.begin(), items.end());
  return out;
}

Value list(Runtime& rt, const Value& self, const Args&) {
  return rt.list(copied(rt, rt.iterate(self)));
}

Value reverse(Runtime& rt, const Value& self, const Args&) {
  List items = copied(rt, rt.iterate(self));
  std::reverse(items.begin(), items.end());
  if (!self.is(Kind::string)) return rt.list(std::move(items));
  TextBuilder out(rt);
  for (const Value& c : items) out.add(c.as_text());
  return out.finish();
}

Value items(Runtime& rt, const Value& self, const Args&) {
  if (self.is(Kind::undefined)) return rt.list(List(rt));
  if (!self.is(Kind::dict)) return rt.fail("items: not a mapping");
  List out(rt);
  for (const auto& [key, value] : self.as_dict()) out.push_back(rt.pair(key, value));
  return rt.list(std::move(out));
}

// Of anything false jinja2 maps and selects nothing.
std::span<const Value> items_if_true(Runtime& rt, const Value& self) {
  if (!rt.truth(self)) return {};
  return rt.iterate(self);
}

Args rest_of(Runtime& rt, const Args& args, std::size_t from) {
  Args rest(rt);
  if (args.positional.size() > from)
    rest.positional.assign(args.positional.begin() + static_cast<std::ptrdiff_t>(from),
                           args.positional.end());
  rest.named = args.named;
  return rest;
}

Value map(Runtime& rt, const Value& self, const Args& args) {
  const bool by_attribute = args.positional.empty();
  const Value by = args.get(0, "attribute"), missing = args.get(1, "default");
  if (!by.is(Kind::string) && !by.is_integral())
    return rt.fail("map: needs the name of a filter or an attribute");
  const Args rest = rest_of(rt, args, 1);
  List out(rt);
  for (const Value& item : items_if_true(rt, self)) {
    rt.step();
    out.push_back(by_attribute ? rt.path(item, by, missing)
                               : apply_filter(rt, rt.str(by).chars, item, rest));
  }
  return rt.list(std::move(out)).marked();
}

// select, reject (test of the item) and selectattr, rejectattr (of one of its attributes).
Value choose(Runtime& rt, const Value& self, const Args& args, bool by_attribute, bool wanted) {
  const std::size_t at = by_attribute ? 1 : 0;
  if (by_attribute && args.positional.empty())
    return rt.fail("selectattr: needs the name of an attribute");
  const Value test = at < args.positional.size() ? args.positional[at] : Value();
  const Args rest = rest_of(rt, args, at + 1);
  List out(rt);
  for (const Value& item : items_if_true(rt, self)) {
    rt.step();
    const Value v = by_attribute ? rt.path(item, args.positional[0]) : item;
    const bool holds =
        test.is(Kind::undefined) ? rt.truth(v) : apply_test(rt, rt.str(test).chars, v, rest);
    if (holds == wanted) out.push_back(item);
  }
  return rt.list(std::move(out)).marked();
}

Value select(Runtime& rt, const Value& self, const Args& args) {
  return choose(rt, self, args, false, true);
}
Value reject(Runtime& rt, const Value& self, const Args& args) {
  return choose(rt, self, args, false, false);
}
Value selectattr(Runtime& rt, const Value& self, const Args& args) {
  return choose(rt, self, args, true, true);
}
Value rejectattr(Runtime& rt, const Value& self, const Args& args) {
  return choose(rt, self, args, true, false);
}

// What items are ordered by: an attribute of theirs, in lower case unless case counts.
struct Keyed {
  Value key, item;
};
Vector<Keyed> keyed(Runtime& rt, std::span<const Value> items, const Value& by,
                    bool case_sensitive) {
  Vector<Keyed> out(rt);
  for (const Value& item : items) {
    rt.step();
    Value key = by.is(Kind::undefined) ? item : rt.path(item, by);
    if (!case_sensitive && key.is(Kind::string)) key = text::lower(rt, key.as_text());
    out.push_back({key, item});
  }
  return out;
}

// Stable, also in reverse, as Python's sort.
List sorted(Runtime& rt, Vector<Keyed> entries, bool reversed) {
  merge_sort(rt, entries, [&](const Keyed& a, const Keyed& b) {
    return reversed ? rt.compare(b.key, a.key) < 0 : rt.compare(a.key, b.key) < 0;
  });
  List out(rt);
  for (const Keyed& entry : entries) out.push_back(entry.item);
  return out;
}

Value sort(Runtime& rt, const Value& self, const Args& args) {
  const bool case_sensitive = rt.truth(args.get(1, "case_sensitive"));
  return rt.list(sorted(rt, keyed(rt, rt.iterate(self), args.get(2, "attribute"), case_sensitive),
                        rt.truth(args.get(0, "reverse"))));
}

Value dictsort(Runtime& rt, const Value& self, const Args& args) {
  const Value by = args.get(1, "by");
  const Value position = Value::integer(by.is(Kind::string) && by.as_string() == "value" ? 1 : 0);
  const Value pairs = items(rt, self, args);
  return rt.list(
      sorted(rt, keyed(rt, rt.iterate(pairs), position, rt.truth(args.get(0, "case_sensitive"))),
             rt.truth(args.get(2, "reverse"))));
}

Value unique(Runtime& rt, const Value& self, const Args& args) {
  List seen(rt), out(rt);
  for (const Keyed& k : keyed(rt, rt.iterate(self), args.get(1, "attribute"),
                              rt.truth(args.get(0, "case_sensitive")))) {
    if (std::any_of(seen.begin(), seen.end(), [&](const Value& v) { return rt.equal(v, k.key); }))
      continue;
    seen.push_back(k.key);
    out.push_back(k.item);
  }
  return rt.list(std::move(out));
}

Value extreme(Runtime& rt, const Value& self, const Args& args, int sign) {
  Keyed best;
  for (const Keyed& k : keyed(rt, rt.iterate(self), args.get(1, "attribute"),
                              rt.truth(args.get(0, "case_sensitive"))))
    if (best.key.is(Kind::undefined) || sign * rt.compare(k.key, best.key) > 0) best = k;
  return best.item;
}
Value min(Runtime& rt, const Value& self, const Args& args) { return extreme(rt, self, args, -1); }
Value max(Runtime& rt, const Value& self, const Args& args) { return extreme(rt, self, args, 1); }

Value add(Runtime& rt, const Value& a, const Value& b) {
  if (!a.is_number() || !b.is_number()) return rt.fail("sum: not a number");
  std::int64_t total = 0;
  if (!a.is_integral() || !b.is_integral()) return Value::real(a.as_real() + b.as_real());
  if (__builtin_add_overflow(a.as_integer(), b.as_integer(), &total))
    return rt.fail("integer overflow");
  return Value::integer(total);
}

Value sum(Runtime& rt, const Value& self, const Args& args) {
  const Value by = args.get(0, "attribute");
  Value total = args.has(1, "start") ? args.get(1, "start") : Value::integer(0);
  for (const Value& item : rt.iterate(self)) {
    rt.step();
    total = add(rt, total, by.is(Kind::undefined) ? item : rt.path(item, by));
  }
  return total;
}

Value batch(Runtime& rt, const Value& self, const Args& args) {
  const Value n = args.get(0, "linecount"), fill = args.get(1, "fill_with");
  if (!n.is_integral() || n.as_integer() < 1) return rt.fail("batch: needs a positive number");
  const auto width = static_cast<std::size_t>(n.as_integer());
  List out(rt), row(rt);
  for (const Value& item : rt.iterate(self)) {
    rt.step();
    row.push_back(item);
    if (row.size() < width) continue;
    out.push_back(rt.list(std::move(row)));
    row = List(rt);
  }
  for (; !row.empty() && !fill.is(Kind::undefined) && row.size() < width; rt.step())
    row.push_back(fill);
  if (!row.empty()) out.push_back(rt.list(std::move(row)));
  return rt.list(std::move(out));
}

Value attr(Runtime& rt, const Value& self, const Args& args) {
  const Value name = args.get(0, "name");
  return name.is(Kind::string) ? rt.attribute(self, name.as_string()) : Value();
}

// (grouper, list) pairs in the order of the grouper.
Value groupby(Runtime& rt, const Value& self, const Args& args) {
  const Value by = args.get(0, "attribute");
  List out(rt);
  const List items =
      sorted(rt, keyed(rt, rt.iterate(self), by, rt.truth(args.get(2, "case_sensitive"))), false);
  for (const Value& item : items) {
    const Value key = rt.path(item, by);
    if (out.empty() || !rt.equal(out.back().as_list()[0], key))
      out.push_back(rt.pair(key, rt.list(List(rt))));
    out.back().as_list()[1].as_list().push_back(item);
  }
  return rt.list(std::move(out));
}

constexpr Builtin k_filters[] = {
    {"attr", attr},       {"batch", batch},      {"count", length},
    {"d", fallback},      {"default", fallback}, {"dictsort", dictsort},
    {"first", first},     {"groupby", groupby},  {"items", items},
    {"join", join},       {"last", last},        {"length", length},
    {"list", list},       {"map", map},          {"max", max},
    {"min", min},         {"reject", reject},    {"rejectattr", rejectattr},
    {"reverse", reverse}, {"select", select},    {"selectattr", selectattr},
    {"sort", sort},       {"sum", sum},          {"unique", unique},
};

}  // namespace

std::span<const Builtin> sequence_filters() { return k_filters; }

}  // namespace tenon::jinja
