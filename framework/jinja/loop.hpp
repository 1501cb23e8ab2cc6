// The `loop` object of a for block.
#pragma once

#include <span>
#include <string_view>
#include <vector>

#include "framework/jinja/runtime.hpp"

namespace tenon::jinja {

struct Loop {
  std::span<const Value> items;
  std::size_t index = 0;  // from 0
  std::int64_t depth = 1;
  const Stmt* stmt = nullptr;  // for recursive loops
  Value changed;               // what loop.changed() saw last
  bool has_changed = false;
};

// The names of all attributes and methods.
std::vector<std::string_view> loop_names();

// `loop.name`; undefined when there is no such attribute.
Value loop_attribute(Runtime& rt, const Value& loop, std::string_view name);

}  // namespace tenon::jinja
