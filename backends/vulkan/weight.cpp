// Packing and uploading overlap: while a part is copied by the device, the next is packed.
#include "weight.hpp"

#include <cstring>
#include <tenon/sdk/plugin.hpp>

#include "backends/gpu/ops.hpp"

namespace tenon::vulkan {
namespace {

constexpr uint64_t k_part_bytes = uint64_t{16} << 20;

}  // namespace

tn_status Weight::put(Gpu& gpu, Memory& memory, Stream& stream, const tn_weight_desc& desc,
                      std::unique_ptr<Weight>& out) {
  const tn_tensor& t = *desc.tensor;
  const char* layout = t.layout != 0 ? gpu.host()->id_name(gpu.host()->ctx, t.layout) : "plain";
  const bool packed = desc.layout != nullptr && !sdk::same_text(desc.layout->id, TN_LAYOUT_PLAIN);
  if (packed || !sdk::same_text(layout, TN_LAYOUT_PLAIN))
    return gpu.refuse(TN_ERR_UNSUPPORTED, "a layout that this device does not store");
  auto made = std::make_unique<Weight>();
  made->bytes_ = desc.bytes;
  if (const tn_status status = memory.allocate(desc.bytes, Use::device, made->range_);
      status != TN_OK)
    return status;
  const auto* plain = static_cast<const std::byte*>(desc.data);
  const tn_status status =
      stream.upload(*made->range_, desc.bytes, k_part_bytes,
                    [plain](std::byte* to, uint64_t first, uint64_t n) {
                      std::memcpy(to, plain + first, n);
                    });
  if (status == TN_OK) out = std::move(made);
  return status;
}

}  // namespace tenon::vulkan
