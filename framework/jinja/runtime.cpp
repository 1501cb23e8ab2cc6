// Budgets, value construction, truth, equality, order and item access.
#include "framework/jinja/runtime.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "framework/jinja/builtins.hpp"
#include "framework/jinja/text_utils.hpp"

namespace tenon::jinja {

Value Runtime::fail(std::string message, ErrorCode code) {
  if (!error_) error_ = Error(code, fmt::format("chat template line {}: {}", line_, message));
  return {};
}

bool Runtime::step(std::uint64_t n) {
  steps_ += n;
  if (steps_ > limits_.steps)
    fail(fmt::format("more than {} steps", limits_.steps), ErrorCode::model);
  return !failed();
}

bool Runtime::charge(std::size_t bytes) {
  bytes_ += bytes;
  if (bytes_ > limits_.memory_bytes)
    fail(fmt::format("more than {} bytes of memory", limits_.memory_bytes));
  return !failed();
}

Value Runtime::string(std::string text) {
  if (!charge(text.size() + sizeof(std::string))) return {};
  return Value::string(&strings_.emplace_back(std::move(text)));
}

Value Runtime::list(List items, Kind kind) {
  if (!charge(items.size() * sizeof(Value) + sizeof(List))) return {};
  return Value::list(&lists_.emplace_back(std::move(items)), kind);
}

Value Runtime::dict(Dict entries, Kind kind) {
  if (!charge(entries.size() * sizeof(Dict::value_type) + sizeof(Dict))) return {};
  return Value::dict(&dicts_.emplace_back(std::move(entries)), kind);
}

Value Runtime::callable(Callable c) {
  if (!charge(sizeof(Callable))) return {};
  return Value::callable(&callables_.emplace_back(c));
}

Value Runtime::from_json(const nlohmann::ordered_json& json) {
  const Nesting nesting(*this);
  if (!step()) return {};
  using Type = nlohmann::ordered_json::value_t;
  switch (json.type()) {
    case Type::boolean:
      return Value::boolean(json.get<bool>());
    case Type::number_integer:
      return Value::integer(json.get<std::int64_t>());
    case Type::number_unsigned:
      return Value::integer(static_cast<std::int64_t>(json.get<std::uint64_t>()));
    case Type::number_float:
      return Value::real(json.get<double>());
    case Type::string:
      return string(text::repaired(json.get_ref<const std::string&>()));
    case Type::array: {
      List items;
      for (const auto& item : json) items.push_back(from_json(item));
      return list(std::move(items));
    }
    case Type::object: {
      Dict entries;
      for (const auto& [key, value] : json.items())
        entries.emplace_back(string(text::repaired(key)), from_json(value));
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

bool Runtime::equal(const Value& a, const Value& b) {
  const Nesting nesting(*this);
  if (!step()) return false;
  if (a.is_number() && b.is_number())
    return a.is_integral() && b.is_integral() ? a.as_integer() == b.as_integer()
                                              : a.as_real() == b.as_real();
  if (a.kind() != b.kind()) return false;
  switch (a.kind()) {
    case Kind::undefined:
    case Kind::none:
      return true;
    case Kind::string:
      return work(std::min(a.as_string().size(), b.as_string().size())) &&
             a.as_string() == b.as_string();
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
  if (!step()) return 0;
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
  return 0;
}

bool Runtime::contains(const Value& container, const Value& item) {
  switch (container.kind()) {
    case Kind::undefined:
      return false;
    case Kind::string:
      if (!item.is(Kind::string)) break;
      return work(container.as_string().size()) &&
             container.as_string().find(item.as_string()) != std::string::npos;
    case Kind::list:
    case Kind::tuple:
      return std::any_of(container.as_list().begin(), container.as_list().end(),
                         [&](const Value& v) { return equal(v, item); });
    case Kind::dict:
      return std::any_of(container.as_dict().begin(), container.as_dict().end(),
                         [&](const auto& entry) { return equal(entry.first, item); });
    default:
      break;
  }
  fail(fmt::format("'in' does not work on '{}' and '{}'", type_name(item), type_name(container)));
  return false;
}

List Runtime::iterate(const Value& v) {
  List items;
  switch (v.kind()) {
    case Kind::undefined:
      break;
    case Kind::list:
    case Kind::tuple:
      items = v.as_list();
      break;
    case Kind::dict:
      for (const auto& entry : v.as_dict()) items.push_back(entry.first);
      break;
    case Kind::string:
      for (const std::string_view c : text::characters(v.as_string())) {
        if (!step()) break;
        items.push_back(string(std::string(c)));
      }
      break;
    default:
      fail(fmt::format("'{}' object is not iterable", type_name(v)));
  }
  charge(items.size() * sizeof(Value));
  step(items.size() / 8);
  return items;
}

Value Runtime::find(const Value& dict, std::string_view key) {
  step(dict.as_dict().size() / 8);
  for (const auto& entry : dict.as_dict())
    if (entry.first.is(Kind::string) && entry.first.as_string() == key) return entry.second;
  return {};
}

void Runtime::insert(Dict& dict, const Value& key, const Value& value) {
  const auto same = std::find_if(dict.begin(), dict.end(),
                                 [&](const auto& entry) { return equal(entry.first, key); });
  if (same != dict.end()) {
    same->second = value;
  } else if (charge(sizeof(Dict::value_type))) {
    dict.emplace_back(key, value);
  }
}

std::optional<std::int64_t> Runtime::integer_of(const Value& v) const {
  return v.is_integral() ? std::optional(v.as_integer()) : std::nullopt;
}

Value Runtime::attribute(const Value& object, const std::string& name) {
  if (!step()) return {};
  if (object.is(Kind::undefined))
    return fail(fmt::format("{} is undefined", object.undefined_name() != nullptr
                                                   ? "'" + *object.undefined_name() + "'"
                                                   : "a value"));
  if (name.starts_with("__")) return Value::undefined(&name);  // no way to the machine below
  if (const Value method = find_method(*this, object, name); !method.is(Kind::undefined))
    return method;
  if (object.is(Kind::dict) || object.is(Kind::name_space)) {
    const Value found = find(object, name);
    if (!found.is(Kind::undefined)) return found;
  }
  return Value::undefined(&name);
}

Value Runtime::string_item(const std::string& text, std::int64_t index) {
  const std::vector<std::string_view> characters = text::characters(text);
  work(text.size() * 8);
  const auto n = static_cast<std::int64_t>(characters.size());
  if (index < 0) index += n;
  if (index < 0 || index >= n) return {};
  return string(std::string(characters[static_cast<std::size_t>(index)]));
}

Value Runtime::item(const Value& object, const Value& key) {
  if (!step()) return {};
  if (object.is(Kind::dict)) {
    for (const auto& entry : object.as_dict())
      if (equal(entry.first, key)) return entry.second;
  }
  if (const std::optional<std::int64_t> index = integer_of(key)) {
    if (object.is(Kind::string)) return string_item(object.as_string(), *index);
    if (object.is_lazy()) return {};
    if (object.is_sequence()) {
      const auto n = static_cast<std::int64_t>(object.as_list().size());
      const std::int64_t i = *index < 0 ? *index + n : *index;
      return i >= 0 && i < n ? object.as_list()[static_cast<std::size_t>(i)] : Value();
    }
  }
  if (key.is(Kind::string)) return attribute(object, key.as_string());
  if (object.is(Kind::undefined)) return attribute(object, {});
  return {};
}

Value Runtime::path(const Value& object, const Value& path, const Value& fallback) {
  const auto known = [&](const Value& v) { return v.is(Kind::undefined) ? fallback : v; };
  if (!path.is(Kind::string)) return known(item(object, path));
  Value at = object;
  for (const std::string& part : text::split(path.as_string(), ".")) {
    const bool number = !part.empty() && part.size() < 10 &&
                        part.find_first_not_of("0123456789") == std::string::npos;
    at = known(item(at, number ? Value::integer(std::stoll(part)) : string(part)));
  }
  return at;
}

}  // namespace tenon::jinja
