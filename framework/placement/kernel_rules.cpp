// Parsing and matching of --kernel rules.
#include "framework/placement/kernel_rules.hpp"

#include "framework/graph/op_table.hpp"

namespace tenon {
namespace {

// "tn.matmul/1" is named by itself, "tn.matmul" and "matmul".
bool names_op(std::string_view rule, std::string_view op) {
  const std::string_view bare = op.substr(0, op.find('/'));
  return rule == op || rule == bare || (bare.starts_with("tn.") && rule == bare.substr(3));
}

std::vector<std::string> split(std::string_view list) {
  std::vector<std::string> parts;
  while (!list.empty()) {
    const std::size_t comma = list.find(',');
    parts.emplace_back(list.substr(0, comma));
    list = comma == std::string_view::npos ? "" : list.substr(comma + 1);
  }
  return parts;
}

}  // namespace

Result<KernelRule> parse_kernel_rule(const std::string& text) {
  const auto bad = [&](const char* why) {
    return fail(ErrorCode::usage,
                "kernel rule \"" + text + "\": " + why + "; write OP[DTYPES]@DEVICE=ID",
                Setting::kernel);
  };
  const std::size_t equals = text.rfind('=');
  if (equals == std::string::npos) return bad("no kernel id");
  KernelRule rule;
  rule.text = text;
  rule.deny = text.compare(equals + 1, 1, "!") == 0;
  rule.id = text.substr(equals + (rule.deny ? 2 : 1));
  if (rule.id.empty()) return bad("no kernel id");
  std::string left = text.substr(0, equals);
  if (const std::size_t at = left.find('@'); at != std::string::npos) {
    rule.device = left.substr(at + 1);
    if (rule.device.empty()) return bad("no device after @");
    left.resize(at);
  }
  if (const std::size_t open = left.find('['); open != std::string::npos) {
    if (left.back() != ']') return bad("no closing bracket");
    rule.dtypes = split(std::string_view(left).substr(open + 1, left.size() - open - 2));
    left.resize(open);
  }
  for (const std::string& dtype : rule.dtypes)
    if (dtype != "*" && find_dtype(dtype) == nullptr) return bad("there is no such type");
  rule.op = left;
  for (const OpInfo& op : all_ops())
    if (names_op(rule.op, op.name)) return rule;
  return bad("there is no such op");
}

bool KernelRule::matches(const Graph& graph, const Node& node, std::string_view device_name) const {
  if (!names_op(op, node.op->name) || (!device.empty() && device != device_name)) return false;
  if (dtypes.size() > node.in.size()) return false;
  for (std::size_t i = 0; i < dtypes.size(); ++i) {
    if (dtypes[i] == "*") continue;
    if (node.in[i] == k_no_value || graph.values[node.in[i]].dtype->name != dtypes[i]) return false;
  }
  return true;
}

}  // namespace tenon
