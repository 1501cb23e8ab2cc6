// Making values; truth, equality and order.
#include "framework/jinja/runtime.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "framework/jinja/builtins.hpp"
#include "framework/jinja/text_utils.hpp"

namespace tenon::jinja {

Value Runtime::fail(std::string message, ErrorCode code) {
  throw Failure{code, std::move(message)};
}

Text Runtime::keep(String chars, String plain) {
  const String& kept = strings_.emplace_back(std::move(chars));
  if (plain.empty()) return {kept};
  return {kept, strings_.emplace_back(std::move(plain)).data()};
}

Value Runtime::string(std::string_view text) {
  TextBuilder out(*this);
  out.add(text);
  return out.finish();
}

Value Runtime::list(List items, Kind kind) {
  return Value::list(&lists_.emplace_back(std::move(items)), kind);
}

Value Runtime::pair(const Value& first, const Value& second) {
  List items(*this);
  items.reserve(2);
  items.push_back(first);
  items.push_back(second);
  return list(std::move(items), Kind::tuple);
}

Value Runtime::dict(Dict entries, Kind kind) {
  return Value::dict(&dicts_.emplace_back(std::move(entries)), kind);
}

Value Runtime::callable(Callable c) { return Value::callable(&callables_.emplace_back(c)); }

namespace {

// Templates build control tokens of these: '<|' + message.role + '|>'.
constexpr std::string_view k_roles[] = {"assistant", "developer", "environment", "function",
                                        "ipython",   "model",     "observation", "system",
                                        "tool",      "user"};

bool is_role(std::string_view text) {
  return std::find(std::begin(k_roles), std::end(k_roles), text) != std::end(k_roles);
}

Value text_of_json(Runtime& rt, std::string_view text, bool plain) {
  rt.work(text.size());
  const std::string mended = text::repaired(text);
  String chars(rt), marks(rt);
  chars.append(mended);
  if (plain) marks.append(mended.size(), '\1');
  return Value::string(rt.keep(std::move(chars), std::move(marks)));
}

}  // namespace

Value Runtime::from_json(const nlohmann::ordered_json& json, bool plain) {
  const Nesting nesting(*this);
  step();
  using Type = nlohmann::ordered_json::value_t;
  switch (json.type()) {
    case Type::boolean:
      return Value::boolean(json.get<bool>());
    case Type::number_integer:
      return Value::integer(json.get<std::int64_t>());
    case Type::number_unsigned: {
      const auto n = json.get<std::uint64_t>();
      return n <= INT64_MAX ? Value::integer(static_cast<std::int64_t>(n))
                            : Value::real(static_cast<double>(n));
    }
    case Type::number_float:
      return Value::real(json.get<double>());
    case Type::string:
      return text_of_json(*this, json.get_ref<const std::string&>(), plain);
    case Type::array: {
      List items(*this);
      for (const auto& item : json) items.push_back(from_json(item, plain));
      return list(std::move(items));
    }
    case Type::object: {
      Dict entries(*this);
      for (const auto& [key, value] : json.items()) {
        const bool role = key == "role" && value.is_string() &&
                          is_role(value.template get_ref<const std::string&>());
        const Value name = text_of_json(*this, key, plain);
        entries.emplace_back(name, from_json(value, plain && !role));
      }
      return dict(std::move(entries));
    }
    default:
      return Value::none();
  }
}

bool Runtime::truth(const Value& v) {
  switch (v.kind()) {
    case Kind::undefined:
    case Kind::none:
      return false;
    case Kind::boolean:
    case Kind::integer:
      return v.as_integer() != 0;
    case Kind::real:
      return v.as_real() != 0;
    case Kind::string:
      return !v.as_string().empty();
    case Kind::list:
    case Kind::tuple:
      return v.is_lazy() || !v.as_list().empty();
    case Kind::dict:
      return !v.as_dict().empty();
    default:
      return true;
  }
}

bool Runtime::equal(std::string_view a, std::string_view b) {
  if (a.size() != b.size()) return false;
  work(a.size());
  return a == b;
}

bool Runtime::equal(const Value& a, const Value& b) {
  const Nesting nesting(*this);
  step();
  if (a.is_number() && b.is_number())
    return a.is_integral() && b.is_integral() ? a.as_integer() == b.as_integer()
                                              : a.as_real() == b.as_real();
  if (a.kind() != b.kind()) return false;
  switch (a.kind()) {
    case Kind::undefined:
    case Kind::none:
      return true;
    case Kind::string:
      return equal(a.as_string(), b.as_string());
    case Kind::list:
    case Kind::tuple:
      return std::equal(a.as_list().begin(), a.as_list().end(), b.as_list().begin(),
                        b.as_list().end(),
                        [this](const Value& x, const Value& y) { return equal(x, y); });
    case Kind::dict: {
      if (a.as_dict().size() != b.as_dict().size()) return false;
      return std::all_of(a.as_dict().begin(), a.as_dict().end(), [&](const auto& entry) {
        return std::any_of(b.as_dict().begin(), b.as_dict().end(), [&](const auto& other) {
          return equal(entry.first, other.first) && equal(entry.second, other.second);
        });
      });
    }
    default:
      return a.identity() == b.identity();
  }
}

int Runtime::compare(const Value& a, const Value& b) {
  const Nesting nesting(*this);
  step();
  if (a.is_integral() && b.is_integral())
    return (a.as_integer() > b.as_integer()) - (a.as_integer() < b.as_integer());
  if (a.is_number() && b.is_number())
    return (a.as_real() > b.as_real()) - (a.as_real() < b.as_real());
  if (a.is(Kind::string) && b.is(Kind::string)) {
    work(std::min(a.as_string().size(), b.as_string().size()));
    return a.as_string().compare(b.as_string());
  }
  if (a.is_sequence() && a.kind() == b.kind()) {
    const List &x = a.as_list(), &y = b.as_list();
    for (std::size_t i = 0; i < x.size() && i < y.size(); ++i)
      if (!equal(x[i], y[i])) return compare(x[i], y[i]);
    return static_cast<int>(x.size() > y.size()) - static_cast<int>(x.size() < y.size());
  }
  fail(fmt::format("'{}' and '{}' have no order", type_name(a), type_name(b)));
}

bool Runtime::contains(const Value& container, const Value& item) {
  const auto same = [&](const Value& v) { return equal(v, item); };
  switch (container.kind()) {
    case Kind::undefined:
      return false;
    case Kind::string:
      if (!item.is(Kind::string)) break;
      return text::Search(*this, container.as_string(), item.as_string()).next(0) !=
             std::string_view::npos;
    case Kind::list:
    case Kind::tuple:
      return std::any_of(container.as_list().begin(), container.as_list().end(), same);
    case Kind::dict:
      return std::any_of(container.as_dict().begin(), container.as_dict().end(),
                         [&](const auto& entry) { return same(entry.first); });
    default:
      break;
  }
  fail(fmt::format("'in' does not work on '{}' and '{}'", type_name(item), type_name(container)));
}

}  // namespace tenon::jinja
