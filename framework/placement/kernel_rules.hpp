// Kernel rules of the user: pins and denials.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "framework/base/result.hpp"
#include "framework/graph/graph.hpp"

namespace tenon {

// OP[DTYPE,…]@DEVICE=ID pins, …=!ID denies. "[…]" and "@…" may be left out;
// OP may lack its revision: "tn.matmul[q4_1]@cpu=com.acme.q4", "matmul=!com.acme.q4".
struct KernelRule {
  std::string text, op, device, id;
  std::vector<std::string> dtypes;
  bool deny = false;

  bool matches(const Graph& graph, const Node& node, std::string_view device_name) const;
};

Result<KernelRule> parse_kernel_rule(const std::string& text);

}  // namespace tenon
