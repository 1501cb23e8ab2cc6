// Weights: every tensor to every device that reads it, in file order, in the layout that was bound.
#include <algorithm>
#include <set>

#include "framework/base/stopwatch.hpp"
#include "framework/engine/load/loader.hpp"
#include "framework/placement/abi_graph.hpp"

namespace tenon {
namespace {

constexpr std::size_t k_page_bytes = 4096;

const GgufTensor& source_of(const GraphContext& context, const Model& model, ValueId weight) {
  return *model.declared().tensors.find(context.graph.values[weight].name)->second;
}

WeightLayout layout_of(const GraphContext& context, const WeightPlace& place) {
  const auto bound = context.placement.weights.find(place);
  return bound != context.placement.weights.end() ? bound->second : WeightLayout{};
}

// Brings the pages of the file in, so that reading it is a figure of its own in the timeline.
Status touch_weights(const Model& model, LoadReport& report) {
  Stopwatch watch;
  std::uint8_t sum = 0;
  std::size_t touched = 0;
  const auto& tensors = model.declared().tensors;
  for (const auto& [_, tensor] : tensors) {
    for (std::size_t at = 0; at < tensor->data.size(); at += k_page_bytes)
      sum = static_cast<std::uint8_t>(sum + std::to_integer<std::uint8_t>(tensor->data[at]));
    report.timings.bytes_mapped += tensor->data.size();
    const double fraction = static_cast<double>(++touched) / static_cast<double>(tensors.size());
    if (Status s = report.at("read", fraction); !s) return s;
  }
  volatile std::uint8_t sink = sum;
  static_cast<void>(sink);
  report.timings.touch_ms = watch.lap_ms();
  return model.check_file(ErrorCode::model);
}

// The report of a device is about all that was put since the commit before, so that nobody else
// may load onto it until the commit is done: `exclusive` is held by the caller.
Status commit_weights(const Device& device, LoadTimings& timings) {
  tn_weight_report done{};
  done.struct_size = sizeof(done);
  device.host().take_error();
  const tn_status status = device.api().weights_commit(device.handle(), &done);
  if (status != TN_OK) return tl::unexpected(device.error(status, "cannot load the weights"));
  timings.bytes_borrowed += done.borrowed_bytes;
  timings.bytes_packed += done.packed_bytes;
  timings.bytes_uploaded += done.uploaded_bytes;
  timings.repack_ms += static_cast<double>(done.pack_ns) / 1e6;
  timings.upload_ms += static_cast<double>(done.upload_ns) / 1e6;
  return {};
}

// What was packed is not read from the file any more.
void drop_packed_sources(const LoadedModel& loaded) {
  for (const auto& [place, layout] : loaded.context.placement.weights) {
    if (layout.packer == nullptr) continue;  // borrowed: stays mapped
    loaded.model->file().drop(source_of(loaded.context, *loaded.model, place.weight));
  }
}

// In one order for all engines, whatever the order of their devices: none waits for another in a circle.
std::vector<std::unique_lock<std::recursive_mutex>> lock_all(const std::vector<Target>& targets) {
  std::vector<const Device*> devices;
  for (const Target& target : targets) devices.push_back(&target.device);
  std::ranges::sort(devices, std::less<>(), &Device::handle);
  std::vector<std::unique_lock<std::recursive_mutex>> locks;
  for (const Device* device : devices) locks.push_back(device->exclusive());
  return locks;
}

}  // namespace

std::vector<WeightPlace> all_weights(const GraphContext& context) {
  const Graph& graph = context.graph;
  std::set<WeightPlace> found;
  for (std::uint32_t n = 0; n < graph.nodes.size(); ++n)
    for (const ValueId v : graph.nodes[n].in)
      if (v != k_no_value && graph.values[graph.root_of(v)].kind == ValueKind::weight)
        found.insert({context.placement.nodes[n].device, graph.root_of(v)});
  return {found.begin(), found.end()};
}

Result<OwnedWeight> put_weight(const GraphContext& context, const Model& model,
                               const WeightPlace& place, const std::uint32_t* cancel) {
  const GgufTensor& source = source_of(context, model, place.weight);
  return put_bytes(context, place, {source.data.data(), source.bytes}, cancel);
}

Result<OwnedWeight> put_bytes(const GraphContext& context, const WeightPlace& place,
                              std::span<const std::byte> bytes, const std::uint32_t* cancel) {
  const Value& value = context.graph.values[place.weight];
  const Device& device = context.targets[place.device].device;
  const WeightLayout layout = layout_of(context, place);
  tn_tensor tensor = to_abi(value, *context.host, Extents{});
  tensor.layout = context.host->intern(TN_KIND_LAYOUT, layout.id.c_str());
  tn_weight_desc desc{};
  desc.struct_size = sizeof(desc);
  desc.flags = TN_WEIGHT_BORROW_OK;
  desc.name = value.name.c_str();
  desc.tensor = &tensor;
  desc.layout = layout.packer;
  desc.data = bytes.data();
  desc.bytes = bytes.size();
  desc.cancel = cancel;
  tn_weight* weight = nullptr;
  const auto exclusive = device.exclusive();
  context.host->take_error();
  const tn_status status = device.api().weight_put(device.handle(), &desc, &weight);
  if (status != TN_OK) return tl::unexpected(device.error(status, "cannot load " + value.name));
  return OwnedWeight(device, weight);
}

Status load_weights(LoadedModel& loaded, LoadReport& report) {
  GraphContext& context = loaded.context;
  if (Status s = touch_weights(*loaded.model, report); !s) return s;
  report.memory.weights_mapped = report.timings.bytes_mapped;
  std::vector<WeightPlace> weights = all_weights(context);
  const auto offset = [&](const WeightPlace& w) {
    const GgufTensor& source = source_of(context, *loaded.model, w.weight);
    return std::pair(source.part, source.offset);
  };
  std::stable_sort(weights.begin(), weights.end(), [&](const WeightPlace& a, const WeightPlace& b) {
    return offset(a) < offset(b);
  });
  const std::vector<std::unique_lock<std::recursive_mutex>> exclusive = lock_all(context.targets);
  std::size_t done = 0;
  for (const WeightPlace& place : weights) {
    auto weight = put_weight(context, *loaded.model, place, report.cancel);
    if (!weight) return fail(weight);
    context.weights.emplace(place, std::move(*weight));
    const double fraction = static_cast<double>(++done) / static_cast<double>(weights.size());
    if (Status s = report.at("weights", fraction); !s) return s;
  }
  for (const Target& target : context.targets)
    if (Status s = commit_weights(target.device, report.timings); !s) return s;
  if (Status whole = loaded.model->check_file(ErrorCode::model); !whole) return whole;
  drop_packed_sources(loaded);
  return {};
}

}  // namespace tenon
