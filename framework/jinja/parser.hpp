// Tokens to syntax tree.
#pragma once

#include <string_view>

#include "framework/base/result.hpp"
#include "framework/jinja/ast.hpp"
#include "framework/jinja/limits.hpp"

namespace tenon::jinja {

// Errors (ErrorCode::model) name the line.
Result<Ast> parse(std::string_view source, const Limits& limits = {});

}  // namespace tenon::jinja
