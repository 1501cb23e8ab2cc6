// Values of a running template. They are small, copied freely, and refer to the Heap of their run:
// nothing is counted or freed before the run ends, so cycles and deep nesting do no harm.
#pragma once

#include <cstdint>
#include <deque>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

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

using List = std::vector<Value>;
using Dict = std::vector<std::pair<Value, Value>>;  // in order of insertion

class Value {
 public:
  Value() : integer_(0), kind_(Kind::undefined) {}
  static Value undefined(const std::string* name) { return Value(Kind::undefined, name); }
  static Value none() { return Value(Kind::none, static_cast<const std::string*>(nullptr)); }
  static Value boolean(bool b) { return Value(Kind::boolean, std::int64_t{b}); }
  static Value integer(std::int64_t i) { return Value(Kind::integer, i); }
  static Value real(double d) {
    Value v(Kind::real, std::int64_t{0});
    v.real_ = d;
    return v;
  }
  static Value string(const std::string* s) { return Value(Kind::string, s); }
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
  bool is_mapping() const { return is(Kind::dict); }
  bool is_integral() const { return is(Kind::integer) || is(Kind::boolean); }
  bool is_number() const { return is_integral() || is(Kind::real); }

  std::int64_t as_integer() const { return integer_; }  // also of booleans
  double as_real() const { return is(Kind::real) ? real_ : static_cast<double>(integer_); }
  const std::string& as_string() const { return *string_; }
  List& as_list() const { return *list_; }
  Dict& as_dict() const { return *dict_; }
  const Callable& as_callable() const { return *callable_; }
  Loop& as_loop() const { return *loop_; }
  const std::string* undefined_name() const { return string_; }
  const void* identity() const { return string_; }

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
  Value(Kind kind, const std::string* s) : integer_(0), kind_(kind) { string_ = s; }

  union {
    std::int64_t integer_;
    double real_;
    const std::string* string_;
    List* list_;
    Dict* dict_;
    const Callable* callable_;
    Loop* loop_;
  };
  Kind kind_;
  bool marked_ = false;
};

// The arguments of a call.
struct Args {
  List positional;
  std::vector<std::pair<std::string_view, Value>> named;

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
