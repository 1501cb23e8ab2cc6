// From devices to a plan: the graph, where its nodes run, and that it fits into memory.
#include <algorithm>

#include "framework/base/stopwatch.hpp"
#include "framework/engine/load/device_choice.hpp"
#include "framework/engine/load/planning.hpp"
#include "framework/graph/fuse.hpp"
#include "framework/placement/bucket_kernels.hpp"
#include "framework/placement/operand_limits.hpp"
#include "framework/placement/place_tail.hpp"

namespace tenon {
namespace {

constexpr std::array<std::int64_t, 3> k_small_batches = {1, 8, 64};

void name_devices(LoadedModel& loaded) {
  for (PlaceRule& rule : loaded.place) rule.device = spec_of(loaded.context.targets[rule.target]);
}

// What place rules name, and where nothing is said the backend.
Result<BackendSpec> home_spec(const LoadOptions& o) {
  for (const PlaceRule& rule : o.place) {
    if (rule.part != ModelPart::rest) continue;
    if (o.backend == "auto") return rule.device;
    return fail(ErrorCode::usage,
                "the backend is \"" + o.backend + "\" and the placement has a rest as well",
                Setting::backend);
  }
  return parse_backend(o.backend);
}

Status open_targets(LoadedModel& loaded, Devices& devices, LoadReport& report) {
  Stopwatch watch;
  const LoadOptions& o = loaded.options;
  loaded.context.host = &devices.host();
  const auto home = home_spec(o);
  if (!home) return fail(home);
  std::vector<BackendSpec> specs = {*home};
  for (const PlaceRule& rule : o.place) specs.push_back(rule.device);
  auto chosen = choose_devices(devices, specs, o.n_threads, o.validate);
  if (!chosen) return fail(chosen);
  loaded.context.targets = std::move(chosen->targets);
  loaded.place = o.place;
  for (std::size_t r = 0; r < loaded.place.size(); ++r)
    loaded.place[r].target = chosen->of_spec[r + 1];
  if (std::ranges::find(loaded.place, ModelPart::rest, &PlaceRule::part) == loaded.place.end())
    loaded.place.push_back({ModelPart::rest, {}});
  name_devices(loaded);
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

// What every device that a node is wanted on can bind.
std::uint64_t smallest_range(const LoadedModel& loaded, std::span<const std::uint32_t> wanted) {
  std::uint64_t range = UINT64_MAX;
  for (const std::uint32_t t : wanted)
    range = std::min(range, loaded.context.targets[t].device.limits().max_range);
  return range;
}

// Rules for the layers that the home device gets.
Status split(LoadedModel& loaded) {
  LayerSplit& split = *loaded.options.split;
  const std::vector<Target>& targets = loaded.context.targets;
  const std::uint32_t n_layers = count_layers(loaded.context.graph);
  split.layers = std::min<std::int64_t>(split.layers, n_layers);
  const auto other = std::find_if(targets.begin() + 1, targets.end(),
                                  [](const Target& t) { return t.device.host_memory(); });
  if (targets[0].device.host_memory()) {  // the host is what there is
    if (!split.automatic && split.layers > 0)
      return fail(ErrorCode::unavailable,
                  std::to_string(split.layers) + " layers are to run on a GPU, but the device is " +
                      targets[0].device.info().label(),
                  Setting::backend);
    split.layers = 0;
    loaded.place = split_layers(n_layers, 0, 0);
  } else if (other == targets.end() && split.layers < n_layers) {
    return fail(ErrorCode::unavailable,
                "no device with host memory takes the layers that " +
                    targets[0].device.info().label() + " does not get",
                Setting::backend);
  } else {
    loaded.place = split_layers(n_layers, static_cast<std::uint32_t>(split.layers),
                                static_cast<std::uint32_t>(other - targets.begin()));
  }
  name_devices(loaded);
  return {};
}

// The host reads logits in its own memory as fast as a kernel would.
bool wants_tail(const LoadedModel& loaded, std::span<const std::uint32_t> wanted) {
  const GraphContext& context = loaded.context;
  return loaded.options.tail.value_or(
      !context.targets[wanted[maker_of_logits(context.graph)]].device.host_memory());
}

}  // namespace

Status plan_graph(LoadedModel& loaded, const Catalog& catalog, const LoadReport& report) {
  LoadOptions& o = loaded.options;
  GraphContext& context = loaded.context;
  auto graph = loaded.model->build(o.n_ctx, *loaded.cache_dtype, *context.host);
  if (!graph) return fail(graph);
  context.graph = std::move(*graph);
  if (Status s = report.go_on(); !s) return s;
  fuse(context.graph);
  if (Status s = o.split ? split(loaded) : Status(); !s) return s;
  const auto wanted = wanted_targets(context.graph, loaded.place);
  if (!wanted) return fail(wanted);
  const RowBounds fitting =
      bound_rows(context.graph, smallest_range(loaded, *wanted), {o.batch, o.max_out_rows});
  o.batch = fitting.rows;
  o.max_out_rows = std::min(fitting.out_rows, o.batch);
  const Extents bounds = make_extents(o.batch, o.max_out_rows, o.max_sequences, o.n_ctx);
  const KernelSources sources = kernel_sources(catalog, o.rules);
  auto placement = wants_tail(loaded, *wanted)
                       ? place_with_tail(context.graph, context.targets, sources, *context.host,
                                         bounds, *wanted, report.cancel)
                       : place(context.graph, context.targets, sources, *context.host, bounds,
                               *wanted, report.cancel);
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

namespace {

// What `plan --explain` says of a node that has another kernel for few rows.
void explain(Placement& placement, const ShapeBucket::Kernels& kernels, std::int64_t rows) {
  for (std::size_t n = 0; n < kernels.size(); ++n)
    if (kernels[n] != placement.nodes[n].kernel)
      placement.nodes[n].reason +=
          "; up to " + std::to_string(rows) + " rows: " + name_of(kernels[n]);
}

}  // namespace

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

Result<LoadedModel> place_model(const Model& model, Devices& devices, LoadOptions options,
                                LoadReport& report) {
  LoadedModel loaded;
  loaded.model = &model;
  loaded.options = std::move(options);
  loaded.cache_dtype = find_dtype(loaded.options.cache_type);
  if (Status s = open_targets(loaded, devices, report); !s) return fail(s);
  if (Status s = fit_into_memory(loaded, devices, report); !s) return fail(s);
  return loaded;
}

}  // namespace tenon
