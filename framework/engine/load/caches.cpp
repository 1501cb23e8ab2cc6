// What the caches of a model are made from, how large they are, and making them.
#include "framework/engine/load/caches.hpp"

#include <algorithm>
#include <set>

#include "framework/graph/op_info.hpp"

namespace tenon {
namespace {

// What a device is told of the states that its nodes update; desc() points into it.
class CacheOf {
 public:
  CacheOf(const LoadedModel& loaded, std::size_t target) {
    const GraphContext& context = loaded.context;
    std::set<std::uint32_t> here;
    for (std::size_t n = 0; n < context.graph.nodes.size(); ++n)
      if (context.placement.nodes[n].device == target && context.graph.nodes[n].op->updates >= 0)
        here.insert(context.graph.values[context.graph.nodes[n].out[0]].layer);
    const tn_id dtype = context.host->intern(TN_KIND_DTYPE, loaded.cache_dtype->name);
    for (const std::uint32_t id : here) {
      const KvState& kv = loaded.model->declared().states.at(id);
      states_.push_back({sizeof(tn_state_desc), TN_STATE_KV, id, kv.group, kv.n_kv_heads, kv.dk,
                         kv.dv, dtype, 0, 0, kv.window});
    }
    for (const KvGroup& g : loaded.kv_groups) n_pages_.push_back(g.n_pages);
  }

  const std::vector<tn_state_desc>& states() const { return states_; }
  void keep_only(std::uint32_t group) {
    std::erase_if(states_, [&](const tn_state_desc& s) { return s.group != group; });
  }
  tn_kv_desc desc() const {
    tn_kv_desc desc{};
    desc.struct_size = sizeof(desc);
    desc.n_states = static_cast<std::uint32_t>(states_.size());
    desc.state_stride = sizeof(tn_state_desc);
    desc.states = states_.data();
    desc.n_pages = n_pages_.data();
    desc.n_groups = static_cast<std::uint32_t>(n_pages_.size());
    desc.page_positions = TN_PAGE_POSITIONS;
    return desc;
  }

 private:
  std::vector<tn_state_desc> states_;
  std::vector<std::uint64_t> n_pages_;
};

Result<std::uint64_t> size_of(const Device& device, const CacheOf& cache) {
  if (cache.states().empty()) return 0;
  const tn_kv_desc desc = cache.desc();
  std::uint64_t bytes = 0;
  device.host().take_error();
  const tn_status status = device.api().kv_size(device.handle(), &desc, &bytes);
  if (status != TN_OK) return tl::unexpected(device.error(status, "cannot hold the KV cache"));
  return bytes;
}

std::int64_t pages(std::int64_t positions) {
  return (positions + TN_PAGE_POSITIONS - 1) / TN_PAGE_POSITIONS;
}

}  // namespace

// A row reads window-1 positions before its own, which begin anywhere in a page; a step adds its
// rows, which reach into one page more of each sequence.
std::uint64_t pages_in_use(const LoadOptions& o, std::int64_t window) {
  const std::int64_t context = pages(o.n_ctx), sequences = o.max_sequences;
  if (window == 0) return static_cast<std::uint64_t>(context * sequences);
  const std::int64_t alone = pages(std::min(window, o.n_ctx) + o.batch - 1) + 1;
  const std::int64_t shared = sequences * (pages(std::min(window, o.n_ctx)) + 2) + pages(o.batch);
  return static_cast<std::uint64_t>(std::min(sequences * std::min(context, alone), shared));
}

void plan_groups(LoadedModel& loaded) {
  const LoadOptions& o = loaded.options;
  loaded.kv_groups.clear();
  for (const std::int64_t window : loaded.model->declared().windows) {
    const std::uint64_t most = pages_in_use(o, window);
    const std::uint64_t wanted = window == 0 ? o.kv_pages : std::min(o.kv_pages, most);
    loaded.kv_groups.push_back({window, o.kv_pages == 0 ? most : wanted});
  }
}

Result<std::uint64_t> kv_bytes(const LoadedModel& loaded, std::size_t target, MemoryUse& memory) {
  const Device& device = loaded.context.targets[target].device;
  memory.kv_groups.resize(loaded.kv_groups.size());
  for (std::uint32_t g = 0; g < loaded.kv_groups.size(); ++g) {
    CacheOf group(loaded, target);
    group.keep_only(g);
    const auto bytes = size_of(device, group);
    if (!bytes) return bytes;
    KvGroupUse& use = memory.kv_groups[g];
    use.window = loaded.kv_groups[g].window;
    use.positions = loaded.kv_groups[g].n_pages * TN_PAGE_POSITIONS;
    use.layers += group.states().size();
    use.bytes += *bytes;
  }
  const auto bytes = size_of(device, CacheOf(loaded, target));
  if (bytes) memory.kv += *bytes;
  return bytes;
}

Status create_caches(LoadedModel& loaded) {
  GraphContext& context = loaded.context;
  for (std::size_t d = 0; d < context.targets.size(); ++d) {
    const CacheOf cache(loaded, d);
    context.kv.emplace_back();
    if (cache.states().empty()) continue;
    const Device& device = context.targets[d].device;
    const tn_kv_desc desc = cache.desc();
    tn_kv* kv = nullptr;
    const auto exclusive = device.exclusive();
    context.host->take_error();
    const tn_status status = device.api().kv_create(device.handle(), &desc, &kv);
    if (status != TN_OK) return tl::unexpected(device.error(status, "cannot create the KV cache"));
    context.kv.back() = OwnedKv(device, kv);
  }
  return {};
}

}  // namespace tenon
