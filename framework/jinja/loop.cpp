// Attributes of `loop`, as a table.
#include "framework/jinja/loop.hpp"

#include "framework/jinja/builtins.hpp"

namespace tenon::jinja {
namespace {

Value number(std::size_t n) { return Value::integer(static_cast<std::int64_t>(n)); }

Value index(Runtime&, const Loop& l) { return number(l.index + 1); }
Value index0(Runtime&, const Loop& l) { return number(l.index); }
Value revindex(Runtime&, const Loop& l) { return number(l.items.size() - l.index); }
Value revindex0(Runtime&, const Loop& l) { return number(l.items.size() - l.index - 1); }
Value first(Runtime&, const Loop& l) { return Value::boolean(l.index == 0); }
Value last(Runtime&, const Loop& l) { return Value::boolean(l.index + 1 == l.items.size()); }
Value length(Runtime&, const Loop& l) { return number(l.items.size()); }
Value depth(Runtime&, const Loop& l) { return Value::integer(l.depth); }
Value depth0(Runtime&, const Loop& l) { return Value::integer(l.depth - 1); }
Value previtem(Runtime&, const Loop& l) { return l.index > 0 ? l.items[l.index - 1] : Value(); }
Value nextitem(Runtime&, const Loop& l) {
  return l.index + 1 < l.items.size() ? l.items[l.index + 1] : Value();
}

struct Attribute {
  std::string_view name;
  Value (*get)(Runtime&, const Loop&);
};
constexpr Attribute k_attributes[] = {
    {"index", index},   {"index0", index0},     {"revindex", revindex}, {"revindex0", revindex0},
    {"first", first},   {"last", last},         {"length", length},     {"depth", depth},
    {"depth0", depth0}, {"previtem", previtem}, {"nextitem", nextitem},
};

Value cycle(Runtime& rt, const Value& self, const Args& args) {
  if (args.positional.empty()) return rt.fail("cycle: no items");
  return args.positional[self.as_loop().index % args.positional.size()];
}

Value changed(Runtime& rt, const Value& self, const Args& args) {
  Loop& loop = self.as_loop();
  const Value now = rt.list(List(args.positional), Kind::tuple);
  if (loop.has_changed && rt.equal(loop.changed, now)) return Value::boolean(false);
  loop.changed = now;
  loop.has_changed = true;
  return Value::boolean(true);
}

constexpr Builtin k_methods[] = {{"cycle", cycle}, {"changed", changed}};

}  // namespace

std::vector<std::string_view> loop_names() {
  std::vector<std::string_view> names;
  for (const Attribute& row : k_attributes) names.push_back(row.name);
  for (const Builtin& row : k_methods) names.push_back(row.name);
  return names;
}

Value loop_attribute(Runtime& rt, const Value& loop, std::string_view name) {
  for (const Attribute& row : k_attributes)
    if (row.name == name) return row.get(rt, loop.as_loop());
  for (const Builtin& row : k_methods)
    if (row.name == name)
      return rt.callable({.name = row.name, .function = row.function, .self = loop});
  return {};
}

}  // namespace tenon::jinja
