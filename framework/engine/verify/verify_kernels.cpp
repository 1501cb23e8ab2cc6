// Picking nodes and references, and the measure they are held to.
#include "framework/engine/verify/verify_kernels.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <set>

#include "framework/engine/verify/single_node.hpp"
#include "framework/graph/op_info.hpp"

namespace tenon {
namespace {

constexpr std::int64_t k_rows = 8;
bool of_the_lowest_pack(const tn_kernel_desc& kernel, const KernelSources& sources) {
  return std::none_of(sources.kernels.begin(), sources.kernels.end(), [&](const KernelOffer& k) {
    return std::string_view(k.desc->slot) == kernel.slot && k.desc->score < kernel.score;
  });
}

struct Reference {
  const tn_kernel_desc* kernel;  // nullptr: the device's own
  bool plain;                    // its weights; else as they are stored
};

// The candidate of the lowest score that takes plain weights, and of a device that has ops of its own
// the one among them; the user's rules do not matter.
std::optional<Reference> find_reference(const SingleNode& single, const Target& target,
                                        KernelSources sources, const HostTable& host) {
  sources.rules = {};
  QueryBuilder queries(single.graph(), host, make_extents(1, 1, 1, 1));
  const Target any_pack{target.device, ""};
  const NodeSupport support =
      find_support(single.graph(), single.graph().nodes[0], any_pack, sources, queries);
  const RankedKernel* lowest = nullptr;
  for (const RankedKernel& k : support.kernels) {
    if (k.desc == nullptr) return Reference{nullptr, false};
    if (accepts_layout(*k.desc, TN_LAYOUT_PLAIN) && (lowest == nullptr || k.score < lowest->score))
      lowest = &k;
  }
  return lowest != nullptr ? std::optional(Reference{lowest->desc, true}) : std::nullopt;
}

void warn(const HostTable& host, const tn_kernel_desc& kernel, const std::string& why) {
  const std::string text = fmt::format("{} is not verified: {}", kernel.id, why);
  host.get()->log(host.get()->ctx, TN_LOG_WARN, "verify", text.c_str());
}

// Nothing where there is nothing to compare.
Result<std::optional<KernelCheck>> verify(const GraphContext& context, const KernelSources& sources,
                                          const Model& model, std::uint32_t node,
                                          const tn_kernel_desc& kernel, const Extents& extents) {
  const Target& target = context.targets[context.placement.nodes[node].device];
  const bool has_own = target.device.factory().ops != nullptr;
  if (!has_own && of_the_lowest_pack(kernel, sources)) return std::nullopt;
  const SingleNode single(context, data_of(model), {&node, 1});
  if (single.uses_cache() || !single.obstacle().empty()) {
    warn(*context.host, kernel,
         single.uses_cache() ? "it reads or writes the cache" : single.obstacle());
    return std::nullopt;
  }
  const auto reference = find_reference(single, target, sources, *context.host);
  if (reference && reference->kernel == &kernel) return std::nullopt;
  if (!reference) {
    warn(*context.host, kernel, "there is no reference for plain weights");
    return std::nullopt;
  }
  const NodeStep step = single.random_step(extents, kernel);
  const auto values = single.run({&step, 1}, true);
  if (!values) return fail(values);
  NodeStep exact = step;
  exact.kernels = {reference->kernel};
  const auto expected = single.run({&exact, 1}, !reference->plain);
  if (!expected) return fail(expected);
  KernelCheck check{kernel.id, context.graph.nodes[node].name, {}, kernel_limit(kernel)};
  for (std::size_t i = 0; i < values->front().size(); ++i) {
    const SingleNode::Output& value = values->front()[i];
    check.error.keep_the_worse(
        kernel_error(value.values, expected->front()[i].values, value.width));
  }
  return check;
}

Extents few_rows(const Extents& bounds) {
  const std::int64_t rows = std::min(k_rows, bounds[TN_SYM_ROWS]);
  return make_extents(rows, std::min(k_rows, bounds[TN_SYM_OUT_ROWS]), 1, rows);
}

Error wrong(const tn_kernel_desc& kernel, const KernelCheck& check) {
  return Error(
      ErrorCode::gate,
      fmt::format("the kernel {} is wrong on {}: NMSE {:.2g} against the reference, {:.2g} in "
                  "the worst columns, the limits are {:.0e} and {:.0e}; the kernel rule "
                  "{}=!{} denies it",
                  kernel.id, check.node, check.error.whole, check.error.worst_strip, check.limit,
                  check.strip_limit(), kernel.op, kernel.id),
      Setting::kernel);
}

}  // namespace

double kernel_limit(const tn_kernel_desc& kernel) {
  const std::string_view arithmetic = kernel.arithmetic != nullptr ? kernel.arithmetic : "";
  return arithmetic.starts_with("int8") ? k_int8_limit : k_float_limit;
}

Result<std::vector<KernelCheck>> verify_kernels(const GraphContext& context,
                                                std::span<const ShapeBucket> buckets,
                                                const KernelSources& sources, const Model& model) {
  std::vector<KernelCheck> checks;
  std::set<const tn_kernel_desc*> seen;
  for (std::uint32_t n = 0; n < context.graph.nodes.size(); ++n)
    for (auto bucket = buckets.rbegin(); bucket != buckets.rend(); ++bucket) {  // largest first
      const tn_kernel_desc* kernel = bucket->kernel(context, n);
      if (kernel == nullptr || !seen.insert(kernel).second) continue;
      auto check = verify(context, sources, model, n, *kernel, few_rows(bucket->bounds()));
      if (!check) return fail(check);
      if (!*check) continue;
      if (!(*check)->holds()) return tl::unexpected(wrong(*kernel, **check));
      checks.push_back(std::move(**check));
    }
  return checks;
}

}  // namespace tenon
