// Engine::plan: what runs where, with which kernel and why; memory by pool.
#include <algorithm>

#include "framework/api/engine_impl.hpp"
#include "framework/graph/op_info.hpp"

namespace tenon {
namespace {

std::string pack_of(const Catalog& catalog, const tn_kernel_desc* kernel) {
  for (const KernelOffer& offer : catalog.kernels())
    if (offer.desc == kernel) return catalog.packs()[offer.pack].desc->pack;
  return "";
}

}  // namespace

MemoryUse Engine::memory() const { return impl_->memory; }

Plan Engine::plan() const {
  if (impl_->runtime == nullptr) return {};  // nothing is loaded since a device was lost
  const GraphContext& context = impl_->runtime->loaded().context;
  Plan plan;
  for (const Target& t : context.targets)
    plan.devices.push_back(t.device.info().backend + "/" + std::to_string(t.device.info().index) +
                           " (" + t.device.info().name + ")");
  plan.place = to_string(impl_->runtime->loaded().place);
  for (std::size_t n = 0; n < context.graph.nodes.size(); ++n) {
    const Node& node = context.graph.nodes[n];
    const Choice& choice = context.placement.nodes[n];
    plan.nodes.push_back({node.name, std::string(node.op->name),
                          context.targets[choice.device].device.info().label(),
                          choice.kernel != nullptr ? choice.kernel->id : "", choice.reason,
                          pack_of(*impl_->host->catalog, choice.kernel), choice.number});
  }
  for (const auto& [place, layout] : context.placement.weights)
    plan.weights.push_back({context.graph.values[place.weight].name,
                            std::string(context.graph.values[place.weight].dtype->name),
                            context.targets[place.device].device.info().label(), layout.id});
  for (const ShapeBucket& b : impl_->runtime->loaded().buckets)
    plan.bucket_rows.push_back(b.bounds()[TN_SYM_ROWS]);
  for (const KernelCheck& c : impl_->runtime->loaded().verified)
    plan.verified.push_back({c.kernel, c.error.whole});
  plan.partitions = static_cast<std::size_t>(std::ranges::count_if(
      context.partitions, [](const Partition& p) { return !p.only_for.has_value(); }));
  plan.n_ctx = n_ctx();
  plan.memory = memory();
  for (const MemoryNeed& need : impl_->runtime->loaded().reservation.needs())
    plan.memory_by_device.push_back({need.device.info().label(), need.bytes});
  return plan;
}

std::string Engine::backend() const {
  std::string text;
  if (impl_->runtime == nullptr) return text;
  const GraphContext& context = impl_->runtime->loaded().context;
  for (std::uint32_t d = 0; d < context.targets.size(); ++d) {
    const auto& nodes = context.placement.nodes;
    if (std::none_of(nodes.begin(), nodes.end(), [&](const Choice& c) { return c.device == d; }))
      continue;
    text += (text.empty() ? "" : " + ") + context.targets[d].device.info().label();
  }
  return text;
}

std::vector<std::string> Engine::kernels() const {
  std::vector<std::string> ids;
  if (impl_->runtime == nullptr) return ids;
  const LoadedModel& loaded = impl_->runtime->loaded();
  for (const ShapeBucket& bucket : loaded.buckets)
    for (std::uint32_t n = 0; n < loaded.context.graph.nodes.size(); ++n) {
      const tn_kernel_desc* kernel = bucket.kernel(loaded.context, n);
      if (kernel != nullptr && std::find(ids.begin(), ids.end(), kernel->id) == ids.end())
        ids.emplace_back(kernel->id);
    }
  return ids;
}

}  // namespace tenon
