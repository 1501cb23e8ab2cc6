// Weights: every tensor to every device that reads it, in file order, in the layout that was bound.
#include <algorithm>
#include <set>

#include "framework/base/stopwatch.hpp"
#include "framework/engine/step/runtime.hpp"
#include "framework/placement/abi_graph.hpp"

namespace tenon {
namespace {

constexpr std::size_t k_page_bytes = 4096;

}  // namespace

std::vector<WeightPlace> Runtime::all_weights() const {
  const Graph& graph = context_.graph;
  std::set<WeightPlace> found;
  for (std::uint32_t n = 0; n < graph.nodes.size(); ++n)
    for (const ValueId v : graph.nodes[n].in)
      if (v != k_no_value && graph.values[graph.root_of(v)].kind == ValueKind::weight)
        found.insert({context_.placement.nodes[n].device, graph.root_of(v)});
  std::vector<WeightPlace> weights(found.begin(), found.end());
  const auto offset = [&](const WeightPlace& w) {
    return model_.declared().tensors.find(graph.values[w.weight].name)->second->offset;
  };
  std::stable_sort(weights.begin(), weights.end(), [&](const WeightPlace& a, const WeightPlace& b) {
    return offset(a) < offset(b);
  });
  return weights;
}

Result<std::uint64_t> Runtime::packed_bytes() const {
  const Extents none{};
  std::uint64_t total = 0;
  for (const auto& [place, layout] : context_.placement.weights) {
    if (layout == nullptr) continue;
    const tn_tensor tensor = to_abi(context_.graph.values[place.weight], host_, none);
    std::uint64_t bytes = 0, align = 0;
    const tn_status status = layout->packed_size(layout, &tensor, &bytes, &align);
    if (status != TN_OK)
      return tl::unexpected(host_.to_error(status, std::string(layout->id) + ": packed_size"));
    total += bytes;
  }
  return total;
}

// Brings the pages of the file in, so that reading it is a figure of its own in the timeline.
Status Runtime::touch_weights() {
  Stopwatch watch;
  std::uint8_t sum = 0;
  std::size_t touched = 0;
  for (const auto& [_, tensor] : model_.declared().tensors) {
    for (std::size_t at = 0; at < tensor->data.size(); at += k_page_bytes)
      sum = static_cast<std::uint8_t>(sum + std::to_integer<std::uint8_t>(tensor->data[at]));
    times_.bytes_mapped += tensor->data.size();
    const double fraction =
        static_cast<double>(++touched) / static_cast<double>(model_.declared().tensors.size());
    if (Status s = report("read", fraction); !s) return s;
  }
  volatile std::uint8_t sink = sum;
  static_cast<void>(sink);
  times_.touch_ms = watch.lap_ms();
  return model_.check_file(ErrorCode::model);
}

Status Runtime::load_weights() {
  if (Status s = touch_weights(); !s) return s;
  memory_.weights_mapped = times_.bytes_mapped;
  const std::vector<WeightPlace> weights = all_weights();
  std::size_t done = 0;
  for (const WeightPlace& place : weights) {
    if (Status s = put_weight(place); !s) return s;
    if (Status s =
            report("weights", static_cast<double>(++done) / static_cast<double>(weights.size()));
        !s)
      return s;
  }
  return commit_weights();
}

Status Runtime::put_weight(const WeightPlace& place) {
  const Value& value = context_.graph.values[place.weight];
  const GgufTensor& source = *model_.declared().tensors.find(value.name)->second;
  const Device& device = context_.targets[place.device].device;
  const auto bound = context_.placement.weights.find(place);
  const tn_layout_desc* layout =
      bound != context_.placement.weights.end() ? bound->second : nullptr;
  tn_tensor tensor = to_abi(value, host_, Extents{});
  if (layout != nullptr) tensor.layout = host_.intern(TN_KIND_LAYOUT, layout->id);
  const tn_weight_desc desc{sizeof(desc), TN_WEIGHT_BORROW_OK, value.name.c_str(), &tensor,
                            layout,       source.data.data(),  source.bytes,       options_.cancel};
  tn_weight* weight = nullptr;
  host_.take_error();
  const tn_status status = device.api().weight_put(device.handle(), &desc, &weight);
  if (status != TN_OK) return tl::unexpected(device.error(status, "cannot load " + value.name));
  context_.weights.emplace(place, OwnedWeight(device, weight));
  return {};
}

Status Runtime::commit_weights() {
  for (const Target& target : context_.targets) {
    tn_weight_report report{};
    report.struct_size = sizeof(report);
    const Device& device = target.device;
    host_.take_error();
    const tn_status status = device.api().weights_commit(device.handle(), &report);
    if (status != TN_OK) return tl::unexpected(device.error(status, "cannot load the weights"));
    times_.bytes_borrowed += report.borrowed_bytes;
    times_.bytes_packed += report.packed_bytes;
    times_.bytes_uploaded += report.uploaded_bytes;
    memory_.allocated += report.packed_bytes + report.uploaded_bytes;
    times_.repack_ms += static_cast<double>(report.pack_ns) / 1e6;
    times_.upload_ms += static_cast<double>(report.upload_ns) / 1e6;
  }
  if (Status whole = model_.check_file(ErrorCode::model); !whole) return whole;
  if (file == nullptr) return {};
  for (const auto& [place, layout] : context_.placement.weights) {
    if (layout == nullptr) continue;  // borrowed: stays mapped
    const GgufTensor& source =
        *model_.declared().tensors.find(context_.graph.values[place.weight].name)->second;
    file->drop(source.offset, source.bytes);
  }
  return {};
}

}  // namespace tenon
