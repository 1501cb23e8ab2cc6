// Filtering and ranking of kernels; the order of the filters is the order of the reasons.
#include "framework/placement/candidates.hpp"

#include <algorithm>

#include "framework/graph/op_info.hpp"

namespace tenon {
namespace {

// Whether the operands' dtypes match a NULL-terminated list; "*" is any.
bool dtypes_match(const Graph& graph, const std::vector<ValueId>& values, const char* const* list) {
  for (const ValueId v : values) {
    if (list == nullptr || *list == nullptr) return false;
    const std::string_view want = *list++;
    if (v != k_no_value && want != "*" && graph.values[v].dtype->name != want) return false;
  }
  return true;
}

std::int32_t top_score(const KernelSources& sources, std::string_view pack) {
  std::int32_t best = -1;
  for (const KernelOffer& k : sources.kernels)
    if (pack == sources.packs[k.pack].desc->pack) best = std::max(best, k.desc->score);
  return best;
}

// --backend cpu/avx2: the named pack, then the ones below it.
bool pack_allowed(const KernelOffer& offer, const Target& target, const KernelSources& sources) {
  if (target.pack.empty() || target.pack == sources.packs[offer.pack].desc->pack) return true;
  return offer.desc->score < top_score(sources, target.pack);
}

enum class Rule : std::uint8_t { none, pin, deny };
Rule rule_for(const Graph& graph, const Node& node, const Target& target,
              const KernelSources& sources, const tn_kernel_desc& kernel) {
  for (const KernelRule& rule : sources.rules)
    if (rule.id == kernel.id && rule.matches(graph, node, target.device.info().backend))
      return rule.deny ? Rule::deny : Rule::pin;
  return Rule::none;
}

// The device's own reason for the refusal that just happened.
std::string refusal_text(const Device& device) {
  const std::string text = device.host().take_error();
  return text.empty() ? "declined" : text;
}

// The reason a kernel for this op is not a candidate, or "".
std::string mismatch(const Graph& graph, const Node& node, const tn_kernel_desc& kernel) {
  if (!dtypes_match(graph, node.in, kernel.in_dtypes) ||
      !dtypes_match(graph, node.out, kernel.out_dtypes))
    return "other types";
  if ((node.features & ~kernel.features) != 0) return "unknown feature bits";
  return "";
}

bool says_yes(const Device& device, const tn_node_query& query, tn_support& answer) {
  answer = {};
  answer.struct_size = sizeof(answer);
  device.host().take_error();
  const tn_status status = device.api().supports(device.handle(), &query, &answer);
  return status == TN_OK && answer.verdict == TN_SUPPORT_YES;
}

void add_slot_kernels(const Graph& graph, const Node& node, const Target& target,
                      const KernelSources& sources, QueryBuilder& queries, NodeSupport& support) {
  const Device& device = target.device;
  for (const KernelOffer& offer : sources.kernels) {
    const tn_kernel_desc& kernel = *offer.desc;
    if (!device.info().has_slot(kernel.slot) || node.op->name != kernel.op) continue;
    const Rule rule = rule_for(graph, node, target, sources, kernel);
    if (rule == Rule::deny) {
      support.refusal = std::string(kernel.id) + " is denied by a kernel rule";
      continue;
    }
    if (rule != Rule::pin && !pack_allowed(offer, target, sources)) continue;
    if (const std::string why = mismatch(graph, node, kernel); !why.empty()) {
      support.refusal = std::string(kernel.id) + ": " + why;
      continue;
    }
    tn_support answer{};
    std::string why = unmet_need(kernel, device.info());
    if (why.empty() && !says_yes(device, queries.query(node, &kernel), answer))
      why = refusal_text(device);
    if (why.empty()) {
      support.kernels.push_back({&kernel, rule == Rule::pin});
      continue;
    }
    support.refusal = std::string(kernel.id) + ": " + why;
    support.refused.push_back(support.refusal);
  }
}

// The declared support matrix: "" if some row admits the node, which then is `found`.
std::string undeclared(const Graph& graph, const Node& node, const tn_backend_factory& factory,
                       const tn_op_decl*& found) {
  const tn_op_decl* const* rows = nullptr;
  const std::uint32_t n = factory.ops != nullptr ? factory.ops(&rows) : 0;
  std::string why = "does not offer " + std::string(node.op->name);
  for (std::uint32_t i = 0; i < n; ++i) {
    if (node.op->name != rows[i]->op) continue;
    if (!dtypes_match(graph, node.in, rows[i]->in_dtypes) ||
        !dtypes_match(graph, node.out, rows[i]->out_dtypes))
      why = "offers " + std::string(node.op->name) + " for other types";
    else if ((node.features & ~rows[i]->features) != 0)
      why = "does not honour a feature of this node";
    else
      return found = rows[i], "";
  }
  return why;
}

void add_own(const Graph& graph, const Node& node, const Device& device, QueryBuilder& queries,
             NodeSupport& support) {
  const tn_op_decl* decl = nullptr;
  if (std::string why = undeclared(graph, node, device.factory(), decl); !why.empty()) {
    support.refusal = std::move(why);
    return;
  }
  tn_support answer{};
  if (!says_yes(device, queries.query(node, nullptr), answer)) {
    support.refusal = refusal_text(device);
    return;
  }
  support.layouts = split_names(answer.layouts);
  if (support.layouts.empty()) support.layouts = {TN_LAYOUT_PLAIN};
  const char* arithmetic = TN_HAS(decl, arithmetic) ? decl->arithmetic : nullptr;
  support.kernels.push_back({nullptr, false, k_own_score, arithmetic});
}

}  // namespace

std::string unmet_need(const tn_kernel_desc& kernel, const DeviceInfo& device) {
  for (const char* const* need = kernel.needs; need != nullptr && *need != nullptr; ++need) {
    const std::string_view name = *need;
    if (name.starts_with("host.") || (!is_of_machine(name) && !device.has_feature(name)))
      return "needs " + std::string(name);
  }
  return "";
}

bool accepts_layout(const tn_kernel_desc& kernel, std::string_view layout) {
  if (kernel.layouts == nullptr) return layout == TN_LAYOUT_PLAIN;
  for (const char* const* l = kernel.layouts; *l != nullptr; ++l)
    if (layout == *l) return true;
  return false;
}

bool accepts_layout(const NodeSupport& support, const RankedKernel& kernel,
                    std::string_view layout) {
  if (kernel.desc != nullptr) return accepts_layout(*kernel.desc, layout);
  return std::ranges::find(support.layouts, layout) != support.layouts.end();
}

std::string name_of(const tn_kernel_desc* kernel) {
  return kernel != nullptr ? kernel->id : "the device's own";
}

NodeSupport find_support(const Graph& graph, const Node& node, const Target& target,
                         const KernelSources& sources, QueryBuilder& queries) {
  const DeviceInfo& info = target.device.info();
  NodeSupport support;
  if (info.has_ops()) add_own(graph, node, target.device, queries, support);
  if (!info.slots.empty()) add_slot_kernels(graph, node, target, sources, queries, support);
  std::reverse(support.kernels.begin(), support.kernels.end());  // later registration wins ties
  std::stable_sort(support.kernels.begin(), support.kernels.end(),
                   [](const auto& a, const auto& b) {
                     return a.pinned != b.pinned ? a.pinned : a.score > b.score;
                   });
  support.supported = !support.kernels.empty();
  if (!support.supported && support.refusal.empty())
    support.refusal = "no kernel for " + std::string(node.op->name);
  return support;
}

}  // namespace tenon
