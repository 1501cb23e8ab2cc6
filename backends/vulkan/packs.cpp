// Kernels of the slot "tenon.vulkan/1": asked for their launches, and compiled at once, so that one
// that does not load is refused while there is a choice.
#include <tenon/abi/sizes_1_0.h>
#include <tenon/abi/slots/vulkan.h>

#include "backends/gpu/slot.hpp"
#include "module.hpp"
#include "target.hpp"

namespace tenon::vulkan {

tn_status Target::pack_dispatches(const gpu::NodeView& node,
                                  std::vector<gpu::Dispatch>& out) const {
  const auto take = [&](const tn_vk_dispatch& launch, gpu::Dispatch& dispatch) -> tn_status {
    const char* entry = launch.entry != nullptr ? launch.entry : "main";
    dispatch.code = {launch.spirv, launch.spirv_bytes, entry};
    if (launch.spirv == nullptr || launch.spirv_bytes % 4 != 0)
      return node.decline("its module is absent, or no whole words");
    const std::string why = pipelines_.why_not(gpu::key_of(dispatch), *node.node->bound);
    return why.empty() ? TN_OK : node.decline(("its module does not load: " + why).c_str());
  };
  return gpu::ask_pack<tn_vk_kernel, tn_vk_dispatch>(node, TN_SIZE_1_0_tn_vk_dispatch, take, out);
}

}  // namespace tenon::vulkan
