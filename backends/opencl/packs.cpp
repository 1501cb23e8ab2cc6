// Kernels of the slot "tenon.opencl/1": asked for their launches, and built at once, so that one that
// does not build is refused while there is a choice.
#include <tenon/abi/sizes_1_0.h>
#include <tenon/abi/slots/opencl.h>

#include <algorithm>
#include <cstring>

#include "backends/gpu/slot.hpp"
#include "target.hpp"

namespace tenon::opencl {

tn_status Target::pack_dispatches(const gpu::NodeView& node,
                                  std::vector<gpu::Dispatch>& out) const {
  const auto take = [&](const tn_cl_dispatch& launch, gpu::Dispatch& dispatch) -> tn_status {
    if (launch.source == nullptr || launch.kernel == nullptr)
      return node.decline("its source or its name is absent");
    dispatch.code = {launch.source, std::strlen(launch.source), launch.kernel};
    uint64_t items = 1;
    for (size_t axis = 0; axis < 3; ++axis) {
      dispatch.local[axis] = std::max(launch.local_size[axis], 1u);
      items *= dispatch.local[axis];
      if (items > limits().max_invocations)
        return node.decline("its work-group is larger than the device's");
    }
    const std::string why = builds_.why_not(gpu::key_of(dispatch), dispatch.buffers.size(), items);
    return why.empty() ? TN_OK : node.decline(("its source does not build: " + why).c_str());
  };
  return gpu::ask_pack<tn_cl_kernel, tn_cl_dispatch>(node, TN_SIZE_1_0_tn_cl_dispatch, take, out);
}

}  // namespace tenon::opencl
