// OpInfo: one row per op: operands, shape rule, and for composites what they decompose into.
#pragma once

#include <tenon/abi/ops.h>

#include <span>
#include <string_view>
#include <vector>

#include "framework/base/result.hpp"
#include "framework/graph/graph.hpp"

namespace tenon {

// One operand per letter of OpInfo::operands.
//   w weight matrix, layout negotiable   f f32 values   i i32 values   s state of a layer   a
//   anything an upper-case letter is optional
struct InferArgs {
  const OpInfo& op;
  std::span<const Value* const> in;  // nullptr for an absent optional operand
  const void* params;
  std::uint64_t features;

  template <class P>
  const P& as() const {
    return *static_cast<const P*>(params);
  }
  const Shape& shape(std::size_t i) const { return in[i]->shape; }
  bool has(std::uint64_t feature) const { return (features & feature) != 0; }
  // "tn.matmul/1: <text>"
  tl::unexpected<Error> fail(const std::string& text) const;
};

struct OutSpec {
  Shape shape;
  const DType* dtype = nullptr;  // nullptr: f32
};
using InferResult = Result<std::vector<OutSpec>>;

// A step of a decomposition. Operands count the inputs of the composite first, then the steps.
struct Step {
  std::string_view op;
  std::array<int, 3> in;  // -1: unused
  std::uint64_t features = 0;
  bool takes_params = false;  // the params of the composite are this step's
};

struct OpInfo {
  std::string_view name;
  std::string_view operands;
  std::uint32_t n_out;
  std::uint32_t params_size;
  InferResult (*infer)(const InferArgs&);
  std::span<const Step> steps = {};   // empty: a primitive
  std::span<const int> results = {};  // which operands of the decomposition are the outputs

  bool composite() const { return !steps.empty(); }
  std::size_t min_in() const;
  std::size_t max_in() const { return operands.size(); }
  bool weight_operand(std::size_t i) const { return i < operands.size() && operands[i] == 'w'; }
};

// Every op the host knows; composites from the largest to the smallest, as the fuser tries them.
std::span<const OpInfo* const> all_ops();
const OpInfo* find_op(std::string_view name);

// Whether `indices` is a vector with one entry for each row of `x`.
bool per_row(const Shape& indices, const Shape& x);

// Shared shape rules.
InferResult same_as_first(const InferArgs& a);     // elementwise
InferResult elementwise_pair(const InferArgs& a);  // a, b of one shape, or b one row (BROADCAST)
InferResult infer_from_steps(const InferArgs& a);  // composites: run the decomposition's rules

}  // namespace tenon
