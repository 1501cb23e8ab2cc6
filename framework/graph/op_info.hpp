// OpInfo: what the host knows about an op: operands, shape rule, and for composites what they
// decompose into. The rows are in op_table.cpp.
#pragma once

#include <tenon/abi/ops.h>

#include <span>
#include <string_view>
#include <vector>

#include "framework/base/result.hpp"
#include "framework/graph/graph.hpp"

namespace tenon {

// What a shape rule reads.
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
  // One letter per operand: w a weight matrix, layout negotiable; f values in f32; i values in i32;
  // s the state of a layer; a anything. An operand with an upper-case letter is optional.
  std::string_view operands;
  std::uint32_t n_out;
  InferResult (*infer)(const InferArgs&);
  std::uint32_t params_size = 0;
  std::uint64_t features = 0;         // the bits that the host knows; it refuses others
  int updates = -1;                   // the state operand whose next version the output is
  std::span<const Step> steps = {};   // empty: a primitive
  std::span<const int> results = {};  // which operands of the decomposition are the outputs

  bool composite() const { return !steps.empty(); }
  std::size_t min_in() const;
  std::size_t max_in() const { return operands.size(); }
  bool optional(std::size_t i) const { return operands[i] < 'a'; }
  // The letter of operand `i` in lower case.
  char kind(std::size_t i) const {
    return optional(i) ? static_cast<char>(operands[i] - 'A' + 'a') : operands[i];
  }
  bool weight_operand(std::size_t i) const { return i < max_in() && kind(i) == 'w'; }
};

// Whether `indices` is a vector with one entry for each row of `x`.
bool per_row(const Shape& indices, const Shape& x);

}  // namespace tenon
