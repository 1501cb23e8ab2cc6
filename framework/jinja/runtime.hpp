// Runtime: the memory, the budgets and the first error of one rendering,
// and Python's basic operations.
#pragma once

#include <deque>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>

#include "framework/base/result.hpp"
#include "framework/jinja/ast.hpp"
#include "framework/jinja/limits.hpp"
#include "framework/jinja/value.hpp"

namespace tenon::jinja {

// Something that can be called: a function of the table, a method bound to its object, a macro.
struct Callable {
  using Function = Value (*)(Runtime&, const Value& self, const Args&);
  std::string_view name;
  Function function = nullptr;
  Value self{};
  const Stmt* macro = nullptr;    // its text, parameters and body
  struct Scope* scope = nullptr;  // where the macro was defined
};

// Errors stick: after fail() every step() is false and evaluation runs out with undefined values.
class Runtime {
 public:
  explicit Runtime(const Limits& limits) : limits_(limits) {}
  Runtime(const Runtime&) = delete;
  Runtime& operator=(const Runtime&) = delete;

  // --- errors and budgets ---
  Value fail(std::string message, ErrorCode code = ErrorCode::model);
  bool failed() const { return error_.has_value(); }
  const Error& error() const { return *error_; }
  bool step(std::uint64_t n = 1);
  // Work proportional to `bytes` of text.
  bool work(std::size_t bytes) { return step(1 + bytes / 32); }
  void set_line(int line) { line_ = line; }
  const Limits& limits() const { return limits_; }

  class Nesting {
   public:
    explicit Nesting(Runtime& rt) : rt_(rt) {
      if (++rt_.depth_ > rt_.limits_.run_depth) rt_.fail("nested too deeply");
    }
    ~Nesting() { --rt_.depth_; }
    Nesting(const Nesting&) = delete;
    Nesting& operator=(const Nesting&) = delete;

   private:
    Runtime& rt_;
  };

  // --- making values; memory is charged ---
  Value string(std::string text);
  Value list(List items, Kind kind = Kind::list);
  Value dict(Dict entries, Kind kind = Kind::dict);
  Value callable(Callable c);
  Value from_json(const nlohmann::ordered_json& json);
  template <class T>
  T& keep(std::deque<T>& where, T&& what, std::size_t bytes) {
    charge(bytes);
    return where.emplace_back(std::forward<T>(what));
  }
  bool charge(std::size_t bytes);

  // --- Python's operations ---
  bool truth(const Value& v);
  bool equal(const Value& a, const Value& b);
  // <0, 0, >0; fails for values without an order.
  int compare(const Value& a, const Value& b);
  bool contains(const Value& container, const Value& item);
  // str(v), and repr(v) inside containers.
  std::string str(const Value& v);
  std::string repr(const Value& v);
  // Items to loop over: of a list, keys of a dict, characters of a string. Fails otherwise.
  List iterate(const Value& v);
  Value find(const Value& dict, std::string_view key);  // undefined when missing
  void insert(Dict& dict, const Value& key, const Value& value);
  Value attribute(const Value& object, const std::string& name);
  Value item(const Value& object, const Value& key);
  // `a.b.0` for map, sort, selectattr …: each part an item or an attribute, or else `fallback`.
  Value path(const Value& object, const Value& path, const Value& fallback = {});
  std::optional<std::int64_t> integer_of(const Value& v) const;

  std::optional<std::int64_t> now;  // seconds since 1970; none: the clock

 private:
  void append_repr(std::string& out, const Value& v);
  Value string_item(const std::string& text, std::int64_t index);

  Limits limits_;
  std::uint64_t steps_ = 0;
  std::size_t bytes_ = 0;
  int depth_ = 0;
  int line_ = 0;
  std::optional<Error> error_;
  std::deque<std::string> strings_;
  std::deque<List> lists_;
  std::deque<Dict> dicts_;
  std::deque<Callable> callables_;
};

// Python's name of a value's type, for messages.
std::string_view type_name(const Value& v);

// repr of a float, as Python and JSON write it.
std::string format_real(double d);
// repr of a string.
std::string quote(std::string_view text);

// json.dumps(v, …) as transformers' tojson does it.
struct JsonStyle {
  std::optional<std::string> indent;  // the white space of one level
  std::string item_separator = ", ", key_separator = ": ";
  bool sort_keys = false;
  bool ensure_ascii = false;
};
std::string to_json(Runtime& rt, const Value& v, const JsonStyle& style);

}  // namespace tenon::jinja
