// A graph of one product, run again and again.
#include "framework/engine/load/device_speed.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "framework/base/stopwatch.hpp"
#include "framework/engine/load/loader.hpp"
#include "framework/graph/op_info.hpp"
#include "framework/placement/abi_graph.hpp"

namespace tenon {
namespace {

constexpr std::int64_t k_rows = 8192, k_width = 2048;
constexpr double k_time_ms = 50;
constexpr std::byte k_filling{0x11};                       // small numbers in every type
constexpr const char* k_types[] = {"q8_0", "f16", "f32"};  // the first that the device takes
constexpr const char* k_matrix = "matrix";

// The row of a table of one, times the matrix.
Result<Graph> product(const DType& dtype) {
  BuildSources sources;
  sources.weight = [&](const std::string& name) -> std::optional<WeightShape> {
    if (name == k_matrix) return WeightShape{&dtype, make_shape({k_rows, k_width})};
    return WeightShape{find_dtype("f32"), make_shape({1, k_width})};
  };
  GraphBuilder b(std::move(sources));
  const std::array<ValueId, 2> embed = {b.weight("table"), b.input("tokens")};
  ValueId row = k_no_value, out = k_no_value;
  b.op(TN_OP_EMBED_ROWS, 0, nullptr, embed, {&row, 1});
  const std::array<ValueId, 2> multiply = {b.weight(k_matrix), row};
  b.op(TN_OP_MATMUL, 0, nullptr, multiply, {&out, 1});
  b.output("logits", out);
  return b.finish();
}

class Measured {
 public:
  Measured(const Device& device, const Catalog& catalog) : catalog_(catalog) {
    context_.host = &device.host();
    context_.targets.push_back({device, ""});
    context_.kv.emplace_back();
  }

  Status prepare(const DType& dtype) {
    auto graph = product(dtype);
    if (!graph) return fail(graph);
    context_.graph = std::move(*graph);
    auto placement = place(context_.graph, context_.targets, kernel_sources(catalog_, {}),
                           *context_.host, extents_);
    if (!placement) return fail(placement);
    context_.placement = std::move(*placement);
    context_.partitions = make_partitions(context_.graph, context_.placement);
    if (Status s = put_weights(); !s) return s;
    bucket_.emplace(context_, extents_);
    if (Status s = allocate_arenas(context_, {&*bucket_, 1}); !s) return s;
    return bucket_->compile(context_);
  }

  // The best of the runs: others share the machine.
  Result<double> run() {
    static constexpr std::int32_t k_token = 0;
    const StepInputs inputs = {{"tokens", {&k_token, 1}}};
    double best_ms = 0;
    const Stopwatch all;
    for (int n = 0; n < 2 || all.elapsed_ms() < k_time_ms; ++n) {  // the first warms up
      const Stopwatch one;
      if (Status s = bucket_->run(context_, extents_, inputs, nullptr); !s) return fail(s);
      if (n > 0) best_ms = n == 1 ? one.elapsed_ms() : std::min(best_ms, one.elapsed_ms());
    }
    return static_cast<double>(matrix_bytes_) / std::max(best_ms, 1e-6) * 1e3;
  }

 private:
  Status put_weights() {
    const Device& device = context_.targets[0].device;
    const auto exclusive = device.exclusive();
    for (const WeightPlace& place : all_weights(context_)) {
      const Value& value = context_.graph.values[place.weight];
      auto& bytes = bytes_.emplace_back(byte_size(value, Extents{}), k_filling);
      if (value.name == k_matrix) matrix_bytes_ = bytes.size();
      auto weight = put_bytes(context_, place, bytes, nullptr);
      if (!weight) return fail(weight);
      context_.weights.emplace(place, std::move(*weight));
    }
    tn_weight_report report{};
    report.struct_size = sizeof(report);
    return device.check(device.api().weights_commit(device.handle(), &report),
                        "cannot load the weights");
  }

  const Catalog& catalog_;
  const Extents extents_ = make_extents(1, 1, 1, 1);
  std::vector<std::vector<std::byte>> bytes_;  // borrowed by the weights
  std::uint64_t matrix_bytes_ = 0;
  GraphContext context_;
  std::optional<ShapeBucket> bucket_;
};

}  // namespace

Result<double> measure_speed(const Device& device, const Catalog& catalog) {
  Status prepared = fail(ErrorCode::unavailable, device.info().label() + ": nothing to measure");
  for (const char* dtype : k_types) {
    Measured measured(device, catalog);
    prepared = measured.prepare(*find_dtype(dtype));
    if (prepared) return measured.run();
  }
  return fail(prepared);
}

std::string identity_of(const DeviceInfo& info, const Catalog& catalog, std::uint32_t n_threads) {
  std::string plugin;
  for (const BackendOffer& offer : catalog.backends())
    if (offer.desc == &info.origin->factory()) {
      const ListedPlugin& p = catalog.candidates()[offer.plugin];
      plugin = p.id + " " + p.version;
    }
  return fmt::format("{}/{} {}, {} bytes, {} units, {} threads, features {}, plugin {}",
                     info.backend, info.index, info.name, info.memory_total, info.units, n_threads,
                     info.features, plugin);
}

std::optional<double> device_speed(Devices& devices, const DeviceInfo& info,
                                   std::uint32_t n_threads) {
  const std::string identity = identity_of(info, devices.catalog(), n_threads);
  if (const auto known = devices.speeds().find(identity)) return known;
  if (!info.unusable.empty()) return std::nullopt;
  const auto device = devices.open(info, n_threads, false);
  if (!device) return std::nullopt;
  const auto speed = measure_speed(*device, devices.catalog());
  if (!speed) return std::nullopt;
  devices.speeds().store(identity, *speed);
  return *speed;
}

}  // namespace tenon
