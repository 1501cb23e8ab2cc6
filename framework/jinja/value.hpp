// Values of a running template. They are small, copied freely, and refer to the memory of their
// run: nothing is counted or freed before the run ends, so cycles and deep nesting do no harm.
#pragma once

#include <cstdint>
#include <string_view>
#include <utility>

#include "framework/jinja/budget.hpp"

namespace tenon::jinja {

class Value;
class Runtime;
struct Callable;
struct Loop;

enum class Kind : std::uint8_t {
  undefined,  // text: its name, for the message when it is used
  none,
  boolean,
  integer,
  real,
  string,
  list,
  tuple,
  dict,
  name_space,
  callable,
  loop,
};
inline constexpr std::size_t k_kinds = 12;

using List = Vector<Value>;
using Dict = Vector<std::pair<Value, Value>>;  // in order of insertion

// A piece of text, and beside each byte whether it came from the caller's data (1) or from the
// template (0); nullptr: all from the template.
struct Text {
  std::string_view chars;
  const char* plain = nullptr;

  std::size_t size() const { return chars.size(); }
  Text substr(std::size_t at, std::size_t n = std::string_view::npos) const {
    return {chars.substr(at, n), plain != nullptr ? plain + at : nullptr};
  }
};

class Value {
 public:
  Value() : integer_(0), kind_(Kind::undefined) {}
  static Value undefined(std::string_view name) { return Value(Kind::undefined, {name}); }
  static Value none() { return Value(Kind::none, std::int64_t{0}); }
  static Value boolean(bool b) { return Value(Kind::boolean, std::int64_t{b}); }
  static Value integer(std::int64_t i) { return Value(Kind::integer, i); }
  static Value real(double d) {
    Value v(Kind::real, std::int64_t{0});
    v.real_ = d;
    return v;
  }
  static Value string(const Text& text) { return Value(Kind::string, text); }
  static Value list(List* l, Kind kind = Kind::list) {
    Value v(kind, std::int64_t{0});
    v.list_ = l;
    return v;
  }
  static Value dict(Dict* d, Kind kind = Kind::dict) {
    Value v(kind, std::int64_t{0});
    v.dict_ = d;
    return v;
  }
  static Value callable(const Callable* c) {
    Value v(Kind::callable, std::int64_t{0});
    v.callable_ = c;
    return v;
  }
  static Value loop(Loop* l) {
    Value v(Kind::loop, std::int64_t{0});
    v.loop_ = l;
    return v;
  }

  Kind kind() const { return kind_; }
  bool is(Kind kind) const { return kind_ == kind; }
  bool is_sequence() const { return is(Kind::list) || is(Kind::tuple); }
  bool is_integral() const { return is(Kind::integer) || is(Kind::boolean); }
  bool is_number() const { return is_integral() || is(Kind::real); }

  std::int64_t as_integer() const { return integer_; }  // also of booleans
  double as_real() const { return is(Kind::real) ? real_ : static_cast<double>(integer_); }
  Text as_text() const { return {as_string(), plain_}; }
  std::string_view as_string() const { return {chars_, size_}; }
  List& as_list() const { return *list_; }
  Dict& as_dict() const { return *dict_; }
  const Callable& as_callable() const { return *callable_; }
  Loop& as_loop() const { return *loop_; }
  bool has_name() const { return is(Kind::undefined) && chars_ != nullptr; }
  const void* identity() const { return chars_; }

  // A string that `safe` or `escape` gave: what is added to it is escaped.
  // A list that Python would make only when asked, so that it has neither a length nor a JSON form.
  bool is_markup() const { return is(Kind::string) && marked_; }
  bool is_lazy() const { return is(Kind::list) && marked_; }
  Value marked() const {
    Value v = *this;
    v.marked_ = true;
    return v;
  }

 private:
  Value(Kind kind, std::int64_t i) : integer_(i), kind_(kind) {}
  Value(Kind kind, const Text& text)
      : integer_(0),
        plain_(text.plain),
        size_(static_cast<std::uint32_t>(text.size())),
        kind_(kind) {
    chars_ = text.chars.data();
  }

  union {
    std::int64_t integer_;
    double real_;
    const char* chars_;
    List* list_;
    Dict* dict_;
    const Callable* callable_;
    Loop* loop_;
  };
  const char* plain_ = nullptr;
  std::uint32_t size_ = 0;  // budgets keep every text below 4 GB
  Kind kind_;
  bool marked_ = false;
};

// The arguments of a call.
struct Args {
  explicit Args(Budget& budget) : positional(budget), named(budget) {}
  Args(Budget& budget, const Value& only) : Args(budget) { positional.push_back(only); }

  List positional;
  Vector<std::pair<std::string_view, Value>> named;

  // Argument number `index`, also known as `name`; undefined when missing.
  Value get(std::size_t index, std::string_view name) const {
    if (index < positional.size()) return positional[index];
    for (const auto& [key, value] : named)
      if (key == name) return value;
    return {};
  }
  bool has(std::size_t index, std::string_view name) const {
    return !get(index, name).is(Kind::undefined);
  }
};

}  // namespace tenon::jinja
