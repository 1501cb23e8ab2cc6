// From devices to a plan: the graph, where its nodes run, and that it fits into memory.
#include <algorithm>
#include <numeric>
#include <set>

#include "framework/base/stopwatch.hpp"
#include "framework/engine/load/caches.hpp"
#include "framework/engine/load/loader.hpp"
#include "framework/graph/fuse.hpp"
#include "framework/graph/op_info.hpp"
#include "framework/placement/abi_graph.hpp"
#include "framework/placement/bucket_kernels.hpp"
#include "framework/placement/operand_limits.hpp"

namespace tenon {
namespace {

constexpr std::array<std::int64_t, 3> k_small_batches = {1, 8, 64};
constexpr std::int64_t k_most_default_context = std::int64_t{1} << 20;
constexpr std::int64_t k_least_context = 512;  // what a default context may shrink to

std::string megabytes(std::uint64_t bytes) {
  return std::to_string((bytes + (1u << 20) - 1) >> 20) + " MiB";
}

// What the model was trained for, unless the file claims something absurd.
std::int64_t default_context(const Model& model) {
  return std::min(model.n_ctx_train(), k_most_default_context);
}

Status open_targets(LoadedModel& loaded, Devices& devices, LoadReport& report) {
  Stopwatch watch;
  loaded.context.host = &devices.host();
  const auto spec = parse_backend(loaded.options.backend);
  if (!spec) return fail(spec);
  auto targets = choose_devices(devices, *spec, loaded.options.n_threads, loaded.options.validate);
  if (!targets) return fail(targets);
  loaded.context.targets = std::move(*targets);
  report.timings.devices_ms = watch.lap_ms();
  return {};
}

// Whether a node of some bucket uses the kernel of that id.
bool used(const LoadedModel& loaded, const std::string& id) {
  for (const ShapeBucket& bucket : loaded.buckets)
    for (std::uint32_t n = 0; n < loaded.context.graph.nodes.size(); ++n) {
      const tn_kernel_desc* kernel = bucket.kernel(loaded.context, n);
      if (kernel != nullptr && id == kernel->id) return true;
    }
  return false;
}

// A pin that has no effect is a mistake to report, not to ignore.
Status check_pins(const LoadedModel& loaded) {
  for (const KernelRule& rule : loaded.options.rules) {
    if (!rule.deny && !used(loaded, rule.id))
      return fail(ErrorCode::unavailable,
                  "kernel rule \"" + rule.text + "\": no node uses " + rule.id +
                      ": it is not loaded, or it declines every node that the rule names",
                  Setting::kernel);
  }
  return {};
}

Status plan_graph(LoadedModel& loaded, const Catalog& catalog, const LoadReport& report) {
  LoadOptions& o = loaded.options;
  GraphContext& context = loaded.context;
  auto graph = loaded.model->build(o.n_ctx, *loaded.cache_dtype, *context.host);
  if (!graph) return fail(graph);
  context.graph = std::move(*graph);
  if (Status s = report.go_on(); !s) return s;
  fuse(context.graph);
  const RowBounds fitting = bound_rows(context.graph, context.targets[0].device.limits().max_range,
                                       {o.batch, o.max_out_rows});
  o.batch = fitting.rows;
  o.max_out_rows = std::min(fitting.out_rows, o.batch);
  const Extents bounds = make_extents(o.batch, o.max_out_rows, o.max_sequences, o.n_ctx);
  auto placement = place(context.graph, context.targets, kernel_sources(catalog, o.rules),
                         *context.host, bounds, report.cancel);
  if (!placement) return fail(placement);
  context.placement = std::move(*placement);
  context.partitions = make_partitions(context.graph, context.placement);
  return {};
}

Status plan_buckets(LoadedModel& loaded, const LoadReport& report) {
  const LoadOptions& o = loaded.options;
  loaded.buckets.clear();
  const auto add = [&](std::int64_t rows) -> Status {
    if (Status s = report.go_on(); !s) return s;
    const std::int64_t out_rows = std::min(rows, o.max_out_rows);
    loaded.buckets.emplace_back(loaded.context,
                                make_extents(rows, out_rows, o.max_sequences, o.n_ctx));
    return {};
  };
  for (const std::int64_t small : k_small_batches)
    if (Status s = small < o.batch ? add(small) : Status(); !s) return s;
  if (Status s = add(o.batch); !s) return s;
  const ShapeBucket& largest = loaded.buckets.back();
  return check_operands(loaded.context.graph, loaded.context.targets, largest.memory(),
                        largest.bounds());
}

// What `plan --explain` says of a node that has another kernel for few rows.
void explain(Placement& placement, const ShapeBucket::Kernels& kernels, std::int64_t rows) {
  for (std::size_t n = 0; n < kernels.size(); ++n)
    if (kernels[n] != placement.nodes[n].kernel)
      placement.nodes[n].reason += "; up to " + std::to_string(rows) + " rows: " + kernels[n]->id;
}

// The largest bucket has the kernels of the placement: it was placed with its bounds. With their
// kernels, the devices know what the buckets will take.
Status bind_buckets(LoadedModel& loaded, const Catalog& catalog, const LoadReport& report) {
  GraphContext& context = loaded.context;
  for (std::size_t b = 0; b + 1 < loaded.buckets.size(); ++b) {
    if (Status s = report.go_on(); !s) return s;
    ShapeBucket& bucket = loaded.buckets[b];
    auto kernels = bucket_kernels(context.graph, context.placement, context.targets,
                                  kernel_sources(catalog, loaded.options.rules), *context.host,
                                  bucket.bounds());
    if (!kernels) return fail(kernels);
    explain(context.placement, *kernels, bucket.bounds()[TN_SYM_ROWS]);
    bucket.use_kernels(std::move(*kernels));
  }
  for (ShapeBucket& bucket : loaded.buckets) {
    if (Status s = report.go_on(); !s) return s;
    if (Status s = bucket.ask_sizes(context); !s) return s;
  }
  return check_pins(loaded);
}

struct WeightBytes {
  std::uint64_t packed = 0, uploaded = 0;
};

// A plain weight is used where it is mapped if the device can address it, else it is uploaded.
Result<WeightBytes> weight_bytes(const LoadedModel& loaded, std::size_t target) {
  const GraphContext& context = loaded.context;
  WeightBytes bytes;
  for (const WeightPlace& place : all_weights(context)) {
    if (place.device != target) continue;
    const auto bound = context.placement.weights.find(place);
    const bool packed = bound != context.placement.weights.end() && bound->second.packer != nullptr;
    const Value& value = context.graph.values[place.weight];
    if (!packed) {
      if (!context.targets[target].device.host_memory())
        bytes.uploaded += byte_size(value, Extents{});
      continue;
    }
    const tn_layout_desc& layout = *bound->second.packer;
    const tn_tensor tensor = to_abi(value, *context.host, Extents{});
    std::uint64_t size = 0, align = 0;
    const tn_status status = layout.packed_size(&layout, &tensor, &size, &align);
    if (status != TN_OK)
      return tl::unexpected(
          context.host->to_error(status, std::string(layout.id) + ": packed_size"));
    bytes.packed += size;
  }
  return bytes;
}

// What loaded.options need of each device; the pools go into `memory`.
Result<std::vector<MemoryNeed>> plan_needs(const LoadedModel& loaded, MemoryUse& memory) {
  const GraphContext& context = loaded.context;
  const ShapeBucket& largest = loaded.buckets.back();
  memory = {};
  memory.staging = largest.memory().staging.bytes();
  std::vector<MemoryNeed> needs;
  for (std::size_t d = 0; d < context.targets.size(); ++d) {
    const auto weights = weight_bytes(loaded, d);
    if (!weights) return fail(weights);
    const auto kv = kv_bytes(loaded, d, memory);
    if (!kv) return fail(kv);
    const std::vector<std::uint64_t> blocks = arena_blocks(loaded.buckets, d);
    const std::uint64_t activations =
        std::accumulate(blocks.begin(), blocks.end(), std::uint64_t{0});
    memory.weights_packed += weights->packed;
    memory.weights_uploaded += weights->uploaded;
    const std::uint64_t scratch = scratch_bytes(loaded.buckets, d);
    memory.activations += activations;
    memory.scratch += scratch;
    needs.push_back({context.targets[d].device,
                     weights->packed + weights->uploaded + *kv + activations + scratch});
    memory.planned += needs.back().bytes;
  }
  const auto host = std::find_if(needs.begin(), needs.end(),
                                 [](const MemoryNeed& n) { return n.device.host_memory(); });
  if (host != needs.end()) host->bytes += memory.staging;
  memory.planned += memory.staging;
  return needs;
}

Error too_little(const Error& error, const MemoryUse& m) {
  return Error(error.code(),
               error.message() + " (weights " + megabytes(m.weights_packed + m.weights_uploaded) +
                   ", cache " + megabytes(m.kv) + ", activations " + megabytes(m.activations) +
                   ", scratch " + megabytes(m.scratch) + "); a smaller context needs less",
               Setting::context);
}

// A context that was asked for must fit; the default one shrinks until it does. The graph is built
// anew each time: its block tables are as wide as the context.
Status plan_within_memory(LoadedModel& loaded, Devices& devices, LoadReport& report) {
  const Stopwatch watch;
  LoadOptions& o = loaded.options;
  const LoadOptions asked = o;
  std::int64_t n_ctx = asked.n_ctx == 0 ? default_context(*loaded.model) : asked.n_ctx;
  for (;; n_ctx /= 2) {
    o = asked;
    o.n_ctx = n_ctx;
    o.batch = std::min(o.batch, n_ctx * o.max_sequences);
    o.max_out_rows = std::min(o.max_out_rows == 0 ? o.max_sequences : o.max_out_rows, o.batch);
    plan_groups(loaded);
    if (Status s = report.at("plan", 0); !s) return s;
    if (Status s = plan_graph(loaded, devices.catalog(), report); !s) return s;
    if (Status s = plan_buckets(loaded, report); !s) return s;
    if (Status s = bind_buckets(loaded, devices.catalog(), report); !s) return s;
    const auto needs = plan_needs(loaded, report.memory);
    if (!needs) return fail(needs);
    const Status reserved = devices.reserve(*needs, loaded.reservation);
    report.timings.plan_ms = watch.elapsed_ms();
    if (reserved || reserved.error().code() != ErrorCode::limit) return reserved;
    if (asked.n_ctx != 0 || n_ctx / 2 < k_least_context)
      return tl::unexpected(too_little(reserved.error(), report.memory));
  }
}

}  // namespace

Result<LoadedModel> place_model(const Model& model, Devices& devices, LoadOptions options,
                                LoadReport& report) {
  LoadedModel loaded;
  loaded.model = &model;
  loaded.options = std::move(options);
  loaded.cache_dtype = find_dtype(loaded.options.cache_type);
  if (Status s = open_targets(loaded, devices, report); !s) return fail(s);
  if (Status s = plan_within_memory(loaded, devices, report); !s) return fail(s);
  return loaded;
}

}  // namespace tenon
