// Items, attributes and keys of values; builders of text.
#include <fmt/format.h>

#include <algorithm>

#include "framework/base/quoted.hpp"
#include "framework/base/utf8.hpp"
#include "framework/jinja/builtins.hpp"
#include "framework/jinja/text_utils.hpp"

namespace tenon::jinja {

std::span<const Value> Runtime::iterate(const Value& v) {
  if (v.is(Kind::undefined)) return {};
  if (v.is_sequence()) return v.as_list();
  List items(*this);
  if (v.is(Kind::dict)) {
    items.reserve(v.as_dict().size());
    for (const auto& entry : v.as_dict()) items.push_back(entry.first);
  } else if (v.is(Kind::string)) {
    text::Characters all(*this, v.as_text());
    for (Text c; all.next(c);) items.push_back(Value::string(c));
  } else {
    fail(fmt::format("'{}' object is not iterable", type_name(v)));
  }
  return list(std::move(items)).as_list();
}

Value Runtime::find(const Value& dict, std::string_view key) {
  for (const auto& entry : dict.as_dict()) {
    step();
    if (entry.first.is(Kind::string) && equal(entry.first.as_string(), key)) return entry.second;
  }
  return {};
}

void Runtime::insert(Dict& dict, const Value& key, const Value& value) {
  const auto same = std::find_if(dict.begin(), dict.end(),
                                 [&](const auto& entry) { return equal(entry.first, key); });
  if (same != dict.end()) {
    same->second = value;
  } else {
    dict.emplace_back(key, value);
  }
}

Value Runtime::attribute(const Value& object, std::string_view name) {
  step();
  if (object.is(Kind::undefined))
    fail((object.has_name() ? quoted(object.as_string(), 40) : "a value") + " is undefined");
  if (name.starts_with("__")) return Value::undefined(name);  // no way to the machine below
  if (const Value method = find_method(*this, object, name); !method.is(Kind::undefined))
    return method;
  if (object.is(Kind::dict) || object.is(Kind::name_space)) {
    const Value found = find(object, name);
    if (!found.is(Kind::undefined)) return found;
  }
  return Value::undefined(name);
}

Value Runtime::string_item(const Text& text, std::int64_t index) {
  if (index < 0) index += text::length(*this, text);
  text::Characters all(*this, text);
  for (Text c; index >= 0 && all.next(c); --index)
    if (index == 0) return Value::string(c);
  return {};
}

Value Runtime::item(const Value& object, const Value& key) {
  step();
  if (object.is(Kind::dict)) {
    for (const auto& entry : object.as_dict())
      if (equal(entry.first, key)) return entry.second;
  }
  if (key.is_integral()) {
    if (object.is(Kind::string)) return string_item(object.as_text(), key.as_integer());
    if (object.is_lazy()) return {};
    if (object.is_sequence()) {
      const auto n = static_cast<std::int64_t>(object.as_list().size());
      const std::int64_t i = key.as_integer() < 0 ? key.as_integer() + n : key.as_integer();
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
  for (const Value& part : text::split(*this, path.as_text(), ".")) {
    const std::string_view digits = part.as_string();
    const bool number = !digits.empty() && digits.size() < 10 &&
                        digits.find_first_not_of("0123456789") == std::string_view::npos;
    at = known(item(at, number ? Value::integer(std::stoll(std::string(digits))) : part));
  }
  return at;
}

void TextBuilder::add(const Text& part) {
  rt_.step();
  if (part.plain != nullptr && plain_.empty() && part.size() > 0) plain_.append(size(), '\0');
  const bool tracked = part.plain != nullptr || !plain_.empty();
  chars_.append(part.chars);
  if (tracked && part.plain != nullptr) plain_.append(part.plain, part.size());
  if (tracked && part.plain == nullptr) plain_.append(part.size(), '\0');
}

void TextBuilder::add_instead(std::string_view text, const Text& origin) {
  const bool plain =
      origin.plain != nullptr &&
      std::find(origin.plain, origin.plain + origin.size(), '\1') != origin.plain + origin.size();
  if (plain && plain_.empty()) plain_.append(size(), '\0');
  const bool tracked = plain || !plain_.empty();
  chars_.append(text);
  if (tracked) plain_.append(text.size(), plain ? '\1' : '\0');
}

void TextBuilder::add_character(std::uint32_t code_point, const Text& origin) {
  rt_.step();
  std::string one;
  utf8::append(one, code_point);
  add_instead(one, origin);
}

}  // namespace tenon::jinja
