// Loading: devices, placement, weights, caches, arenas, compiled variants, one warm-up step.
#include <algorithm>
#include <set>

#include "framework/base/stopwatch.hpp"
#include "framework/engine/step/runtime.hpp"
#include "framework/graph/fuse.hpp"
#include "framework/graph/op_info.hpp"

namespace tenon {
namespace {

constexpr std::array<std::int64_t, 3> k_small_variants = {1, 8, 64};
constexpr std::uint32_t k_max_threads = 512;
constexpr std::int64_t k_most_default_context = std::int64_t{1} << 20;
constexpr std::int64_t k_least_context = 512;  // what a default context may shrink to

std::string megabytes(std::uint64_t bytes) {
  return std::to_string((bytes + (1u << 20) - 1) >> 20) + " MiB";
}

// What the model was trained for, unless the file claims something absurd.
std::int64_t default_context(const Model& model) {
  return std::min(model.n_ctx_train(), k_most_default_context);
}

}  // namespace

Runtime::Runtime(const Model& model, const HostTable& host, const Catalog& catalog,
                 RuntimeOptions options)
    : model_(model), host_(host), catalog_(catalog), options_(std::move(options)) {}

Result<std::unique_ptr<Runtime>> Runtime::create(const Model& model, const HostTable& host,
                                                 const Catalog& catalog, RuntimeOptions options) {
  std::unique_ptr<Runtime> runtime(new Runtime(model, host, catalog, std::move(options)));
  if (Status s = runtime->load(); !s) return fail(s);
  return runtime;
}

Status Runtime::report(std::string_view stage, double fraction) {
  const bool cancelled = options_.cancel != nullptr && *options_.cancel != 0;
  if (cancelled || (options_.progress && !options_.progress(stage, fraction)))
    return fail(ErrorCode::cancelled, "loading was cancelled");
  return {};
}

Status Runtime::load() {
  if (options_.chunk < 1 || options_.chunk > 65536)
    return fail(ErrorCode::usage, "the batch must be 1 to 65536 rows");
  if (options_.n_threads > k_max_threads)
    return fail(ErrorCode::usage,
                "there may be at most " + std::to_string(k_max_threads) + " threads");
  if (options_.max_sequences < 1 || options_.max_sequences > 4096)
    return fail(ErrorCode::usage, "there must be 1 to 4096 sequences");
  if (options_.n_ctx < 0 || options_.n_ctx > model_.n_ctx_train() * 64)
    return fail(ErrorCode::usage, "a context of " + std::to_string(options_.n_ctx) +
                                      " is out of range; the model was trained with " +
                                      std::to_string(model_.n_ctx_train()));
  cache_dtype_ = find_dtype(options_.cache_type);
  if (cache_dtype_ == nullptr)
    return fail(ErrorCode::usage, "there is no cache type \"" + options_.cache_type + "\"",
                Setting::cache_type);
  for (auto stage : {&Runtime::open_targets, &Runtime::plan_within_budget, &Runtime::load_weights,
                     &Runtime::verify_bound_kernels, &Runtime::create_caches,
                     &Runtime::allocate_arenas, &Runtime::compile_variants, &Runtime::warm_up})
    if (Status s = (this->*stage)(); !s) return s;
  return report("ready", 1);
}

Status Runtime::open_targets() {
  Stopwatch watch;
  context_.host = &host_;
  const auto spec = parse_backend(options_.backend);
  if (!spec) return fail(spec);
  auto targets = choose_devices(host_, catalog_, *spec, options_.n_threads, options_.validate);
  if (!targets) return fail(targets);
  context_.targets = std::move(*targets);
  times_.devices_ms = watch.lap_ms();
  if (options_.max_out_rows == 0) options_.max_out_rows = options_.max_sequences;
  return {};
}

Status Runtime::plan_graph() {
  const std::int64_t n_ctx = options_.n_ctx;
  options_.chunk = std::min(options_.chunk, n_ctx * options_.max_sequences);
  options_.max_out_rows = std::min(options_.max_out_rows, options_.chunk);
  const tn_build_req req{sizeof(req), 0, n_ctx, options_.chunk};
  auto graph = model_.build(req, *cache_dtype_, host_);
  if (!graph) return fail(graph);
  context_.graph = std::move(*graph);
  fuse(context_.graph);
  const Extents bounds =
      make_extents(options_.chunk, options_.max_out_rows, options_.max_sequences, n_ctx);
  const KernelSources sources{catalog_.kernels(), catalog_.packs(), catalog_.layouts(),
                              options_.rules};
  auto placement = place(context_.graph, context_.targets, sources, host_, bounds);
  if (!placement) return fail(placement);
  context_.placement = std::move(*placement);
  context_.partitions = make_partitions(context_.graph, context_.placement);
  return check_pins();
}

// A pin that has no effect is a mistake to report, not to ignore.
Status Runtime::check_pins() const {
  for (const KernelRule& rule : options_.rules) {
    const auto& nodes = context_.placement.nodes;
    const bool used = std::any_of(nodes.begin(), nodes.end(), [&](const Choice& c) {
      return c.kernel != nullptr && rule.id == c.kernel->id;
    });
    if (!rule.deny && !used)
      return fail(ErrorCode::unavailable,
                  "kernel rule \"" + rule.text + "\": no node uses " + rule.id +
                      ": it is not loaded, or it declines every node that " + "the rule names",
                  Setting::kernel);
  }
  return {};
}

// Plans for options_.n_ctx; how much all of it needs is in memory_.
Status Runtime::plan_memory() {
  const auto packed = packed_bytes();
  if (!packed) return fail(packed);
  memory_ = {};
  memory_.weights_packed = *packed;
  buckets_.clear();
  const auto rows = static_cast<std::int64_t>(options_.chunk);
  for (const std::int64_t small : k_small_variants)
    if (small < rows)
      buckets_.emplace_back(context_, make_extents(small, std::min(small, options_.max_out_rows),
                                                   options_.max_sequences, options_.n_ctx));
  buckets_.emplace_back(
      context_, make_extents(rows, options_.max_out_rows, options_.max_sequences, options_.n_ctx));
  for (const Arena& arena : buckets_.back().memory().devices) memory_.activations += arena.bytes;
  memory_.staging = buckets_.back().memory().staging.bytes;
  for (std::size_t d = 0; d < context_.targets.size(); ++d) {
    const auto bytes = kv_bytes(d);
    if (!bytes) return fail(bytes);
    memory_.kv += *bytes;
  }
  return {};
}

Result<std::uint64_t> Runtime::home_budget() const {
  tn_heap heap{};
  heap.struct_size = sizeof(heap);
  std::uint32_t n = 0;
  const Device& home = context_.targets[0].device;
  const tn_status status = home.api().get_heaps(home.handle(), &heap, sizeof(heap), 1, &n);
  if (status != TN_OK) return tl::unexpected(home.error(status, "no heaps"));
  return heap.budget;
}

// A context that was asked for must fit; the default one shrinks until it does. The graph is built
// anew each time: a model may look at the size of the context.
Status Runtime::plan_within_budget() {
  Stopwatch watch;
  const auto budget = home_budget();
  if (!budget) return fail(budget);
  const bool by_default = options_.n_ctx == 0;
  if (by_default) options_.n_ctx = default_context(model_);
  for (;; options_.n_ctx /= 2) {
    if (Status s = plan_graph(); !s) return s;
    if (Status s = plan_memory(); !s) return s;
    times_.plan_ms = watch.elapsed_ms();
    if (memory_.planned() <= *budget) return {};
    if (!by_default || options_.n_ctx / 2 < k_least_context) break;
  }
  return fail(ErrorCode::limit,
              "not enough memory: needed " + megabytes(memory_.planned()) + ", available " +
                  megabytes(*budget) + " (weights " + megabytes(memory_.weights_packed) +
                  ", cache " + megabytes(memory_.kv) + ", activations " +
                  megabytes(memory_.activations) + "); a smaller context needs less",
              Setting::context);
}

std::uint64_t Runtime::n_pages() const {
  const std::int64_t per_sequence = (options_.n_ctx + TN_PAGE_POSITIONS - 1) / TN_PAGE_POSITIONS;
  return static_cast<std::uint64_t>(per_sequence) * options_.max_sequences;
}

std::vector<tn_kv_layer> Runtime::kv_layers(std::size_t target) const {
  std::set<std::uint32_t> here;
  for (std::size_t n = 0; n < context_.graph.nodes.size(); ++n)
    if (context_.placement.nodes[n].device == target && context_.graph.nodes[n].op->updates >= 0)
      here.insert(context_.graph.values[context_.graph.nodes[n].out[0]].layer);
  std::vector<tn_kv_layer> layers;
  for (const std::uint32_t l : here) {
    const KvLayer& kv = model_.declared().layers.at(l);
    layers.push_back({sizeof(tn_kv_layer), l, kv.n_kv_heads, kv.dk, kv.dv,
                      host_.intern(TN_KIND_DTYPE, cache_dtype_->name), kv.window});
  }
  return layers;
}

tn_kv_desc Runtime::kv_desc(const std::vector<tn_kv_layer>& layers) const {
  return {sizeof(tn_kv_desc),  static_cast<std::uint32_t>(layers.size()),
          sizeof(tn_kv_layer), 0,
          layers.data(),       n_pages()};
}

Result<std::uint64_t> Runtime::kv_bytes(std::size_t target) const {
  const std::vector<tn_kv_layer> layers = kv_layers(target);
  if (layers.empty()) return 0;
  const Device& device = context_.targets[target].device;
  const tn_kv_desc desc = kv_desc(layers);
  std::uint64_t bytes = 0;
  host_.take_error();
  const tn_status status = device.api().kv_size(device.handle(), &desc, &bytes);
  if (status != TN_OK) return tl::unexpected(device.error(status, "cannot hold the KV cache"));
  return bytes;
}

Status Runtime::verify_bound_kernels() {
  if (!options_.verify_kernels) return {};
  if (Status s = report("verify", 0); !s) return s;
  const KernelSources sources{catalog_.kernels(), catalog_.packs(), catalog_.layouts(),
                              options_.rules};
  auto checks = verify_kernels(context_, sources, model_);
  if (!checks) return fail(checks);
  verified_ = std::move(*checks);
  return {};
}

Status Runtime::create_caches() {
  for (std::size_t d = 0; d < context_.targets.size(); ++d) {
    const std::vector<tn_kv_layer> layers = kv_layers(d);
    context_.kv.emplace_back();
    if (layers.empty()) continue;
    const Device& device = context_.targets[d].device;
    const tn_kv_desc desc = kv_desc(layers);
    tn_kv* kv = nullptr;
    host_.take_error();
    const tn_status status = device.api().kv_create(device.handle(), &desc, &kv);
    if (status != TN_OK) return tl::unexpected(device.error(status, "cannot create the KV cache"));
    context_.kv.back() = OwnedKv(device, kv);
    memory_.allocated += kv_bytes(d).value_or(0);
  }
  pages_ = KvPages(static_cast<std::uint32_t>(n_pages()));
  sequences_.resize(options_.max_sequences);
  const auto width = static_cast<std::size_t>(
      context_.graph.values[context_.graph.inputs.at("block_table")].shape.dim[1]);
  for (Sequence& s : sequences_) s.pages.reserve(width);
  buffers_ = StepBuffers(static_cast<std::size_t>(options_.chunk), options_.max_sequences, width);
  return {};
}

Status Runtime::allocate_arenas() {
  for (std::size_t d = 0; d < context_.targets.size(); ++d) {
    std::uint64_t bytes = 0;
    for (const ShapeBucket& v : buckets_) bytes = std::max(bytes, v.memory().devices[d].bytes);
    auto queue = DeviceQueue::open(context_.targets[d].device);
    if (!queue) return fail(queue);
    auto arena = allocate(context_.targets[d].device, bytes, TN_USAGE_ACTIVATIONS);
    if (!arena) return fail(arena);
    memory_.allocated += bytes;
    context_.queues.push_back(std::move(*queue));
    context_.arenas.push_back(std::move(*arena));
  }
  std::uint64_t staging = 0;
  for (const ShapeBucket& v : buckets_) staging = std::max(staging, v.memory().staging.bytes);
  context_.staging.resize(staging);
  memory_.allocated += staging;
  return {};
}

Status Runtime::compile_variants() {
  Stopwatch watch;
  for (ShapeBucket& v : buckets_) {
    if (Status s = report("compile", 0); !s) return s;
    if (Status s = v.compile(context_); !s) return s;
    memory_.scratch += v.scratch_bytes();
    memory_.allocated += v.scratch_bytes();
  }
  times_.compile_ms = watch.lap_ms();
  return {};
}

Status Runtime::warm_up() {
  Stopwatch watch;
  const auto id = open_sequence();
  if (!id) return fail(id);
  const StepRow row{0, *id, true};
  const auto logits = step({&row, 1}, options_.cancel);
  close_sequence(*id);
  if (Status whole = model_.check_file(ErrorCode::model); !whole) return whole;
  if (!logits) return fail(logits);
  times_.warmup_ms = watch.lap_ms();
  return {};
}

}  // namespace tenon
