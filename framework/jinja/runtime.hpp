// Runtime: the values of one rendering, and Python's basic operations on them.
#pragma once

#include <nlohmann/json.hpp>
#include <optional>
#include <span>
#include <string>

#include "framework/jinja/ast.hpp"
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

// Operations that cannot go on throw Failure, directly or through the budget.
class Runtime : public Budget {
 public:
  explicit Runtime(const Limits& limits, StopFn stop = {})
      : Budget(limits, std::move(stop)),
        strings_(*this),
        lists_(*this),
        dicts_(*this),
        callables_(*this) {}

  [[noreturn]] Value fail(std::string message, ErrorCode code = ErrorCode::model);
  void set_line(int line) { line_ = line; }
  int line() const { return line_; }

  // Counts nested evaluation for as long as it lives.
  class Nesting {
   public:
    explicit Nesting(Runtime& rt) : rt_(rt) {
      if (rt_.depth_ >= rt_.limits().run_depth) rt_.fail("nested too deeply");
      ++rt_.depth_;
    }
    ~Nesting() { --rt_.depth_; }
    Nesting(const Nesting&) = delete;
    Nesting& operator=(const Nesting&) = delete;

   private:
    Runtime& rt_;
  };

  // --- making values, which live as long as the run ---
  Value string(std::string_view text);  // a copy, as text of the template
  Value list(List items, Kind kind = Kind::list);
  Value pair(const Value& first, const Value& second);  // a tuple
  Value dict(Dict entries, Kind kind = Kind::dict);
  Value callable(Callable c);
  // `plain`: strings are the caller's data, except roles of messages, from which templates make
  // control tokens.
  Value from_json(const nlohmann::ordered_json& json, bool plain = true);
  Text keep(String chars, String plain);

  // --- Python's operations ---
  bool truth(const Value& v);
  bool equal(const Value& a, const Value& b);
  bool equal(std::string_view a, std::string_view b);
  // <0, 0, >0; fails for values without an order.
  int compare(const Value& a, const Value& b);
  bool contains(const Value& container, const Value& item);
  // str(v), and repr(v) inside containers.
  Text str(const Value& v);
  Text repr(const Value& v);
  // Items to loop over: of a list, keys of a dict, characters of a string. Fails otherwise.
  std::span<const Value> iterate(const Value& v);
  Value find(const Value& dict, std::string_view key);  // undefined when missing
  void insert(Dict& dict, const Value& key, const Value& value);
  Value attribute(const Value& object, std::string_view name);
  Value item(const Value& object, const Value& key);
  // `a.b.0` for map, sort, selectattr …: each part an item or an attribute, or else `fallback`.
  Value path(const Value& object, const Value& path, const Value& fallback = {});

  std::optional<std::int64_t> now;  // seconds since 1970; none: the clock

 private:
  Value string_item(const Text& text, std::int64_t index);

  int depth_ = 0;
  int line_ = 0;
  Deque<String> strings_;
  Deque<List> lists_;
  Deque<Dict> dicts_;
  Deque<Callable> callables_;
};

// Builds a text piece by piece; each piece keeps where it came from.
class TextBuilder {
 public:
  explicit TextBuilder(Runtime& rt) : rt_(rt), chars_(rt), plain_(rt) {}

  void add(const Text& part);
  void add(std::string_view own) { add(Text{own}); }
  void add(char c) { add(std::string_view(&c, 1)); }
  void add_str(const Value& v);
  void add_repr(const Value& v);
  // A character that stands for `origin`.
  void add_character(std::uint32_t code_point, const Text& origin);
  // `text` in place of something that came from where `origin` did.
  void add_instead(std::string_view text, const Text& origin);

  std::size_t size() const { return chars_.size(); }
  Text view() const { return {chars_, plain_.empty() ? nullptr : plain_.data()}; }
  Value finish() { return Value::string(finish_text()); }
  Text finish_text() { return rt_.keep(std::move(chars_), std::move(plain_)); }

 private:
  Runtime& rt_;
  String chars_, plain_;  // plain_ is empty as long as all is the template's
};

// Python's name of a value's type, for messages.
std::string_view type_name(const Value& v);

// repr of a float, as Python and JSON write it.
std::string format_real(double d);

// json.dumps(v, …) as transformers' tojson does it.
struct JsonStyle {
  std::optional<Text> indent;  // the white space of one level
  Text item_separator = {", "}, key_separator = {": "};
  bool sort_keys = false;
  bool ensure_ascii = false;
};
Value to_json(Runtime& rt, const Value& v, const JsonStyle& style);

// Sorts stably; unlike std::sort it survives an order that contradicts itself, as that of NaN does,
// and unlike std::stable_sort it asks the budget for its memory.
template <class T, class Less>
void merge_sort(Budget& budget, Vector<T>& items, Less less) {
  Vector<T> spare(budget);
  for (std::size_t width = 1; width < items.size(); width *= 2) {
    spare.clear();
    spare.reserve(items.size());
    for (std::size_t at = 0; at < items.size(); at += 2 * width) {
      const auto begin = items.begin() + static_cast<std::ptrdiff_t>(at);
      const auto left = static_cast<std::size_t>(items.end() - begin);
      const auto middle = begin + static_cast<std::ptrdiff_t>(std::min(width, left));
      const auto end = begin + static_cast<std::ptrdiff_t>(std::min(2 * width, left));
      budget.step(static_cast<std::uint64_t>(end - begin));
      std::merge(begin, middle, middle, end, std::back_inserter(spare), less);
    }
    items.swap(spare);
  }
}

}  // namespace tenon::jinja
