// The tables of what templates can name: filters, tests, functions, methods and operators. A new
// one is one row. All that they do is paid for by the Runtime they are given.
#pragma once

#include <span>
#include <string_view>
#include <vector>

#include "framework/jinja/runtime.hpp"

namespace tenon::jinja {

// `self` is the value that is filtered, tested or whose method is called.
struct Builtin {
  std::string_view name;
  Callable::Function function;
};

std::span<const Builtin> text_filters();
std::span<const Builtin> sequence_filters();
std::span<const Builtin> tests();
std::span<const Builtin> functions();
// Of values of `kind`; those of loops are in loop.hpp.
std::span<const Builtin> methods_of(Kind kind);
std::vector<std::string_view> arithmetic_operators();

// nullptr when there is none of that name.
Callable::Function find_filter(std::string_view name);
Callable::Function find_test(std::string_view name);

// Python's `format % values` for %s, %r, %d and %%.
Value percent_format(Runtime& rt, const Text& format, std::span<const Value> values);

// The method `name` of `object`, bound to it; undefined when there is none.
Value find_method(Runtime& rt, const Value& object, std::string_view name);

// Calls the filter or test `name`; fails when there is none.
Value apply_filter(Runtime& rt, std::string_view name, const Value& self, const Args& args);
bool apply_test(Runtime& rt, std::string_view name, const Value& self, const Args& args);

}  // namespace tenon::jinja
