// A pack of one kernel of the slot "tenon.vulkan/1": tn.swiglu.
//   gate, up (T,N) f32 -> y (T,N) f32, T as many rows as the step has
// Its score of 50 is below that of the device's own op, so that it runs only where it is asked for:
//   --kernel swiglu@vulkan=tenon.example.vulkan-swiglu
#include <array>
#include <tenon/sdk/gpu.hpp>

namespace {

using namespace tenon::sdk;

constexpr uint32_t k_module[] = {
#include "swiglu.comp.inc"  // the words of the module, made by glslc
};

struct Swiglu {
  static tn_status launches(const Node& node, VulkanLaunches& out) {
    const tn_tensor &gate = node.tensor(0), &up = node.tensor(1), &y = node.tensor(2);
    if (!Node::has_rows(gate) || !Node::has_rows(up) || !Node::has_rows(y))
      return node.decline("needs rows of values without gaps");
    const uint32_t n = Node::width(y);
    out.add(k_module)
        .reads(0)
        .reads(1)
        .writes(2)
        .word(n)
        .word(Node::row_words(gate))
        .word(Node::row_words(up))
        .word(Node::row_words(y))
        .groups(0, (n + 255) / 256)
        .groups_along(1, y);
    return TN_OK;
  }
};

constexpr Kernel k_swiglu = vulkan_kernel<Swiglu>("tenon.example.vulkan-swiglu", TN_OP_SWIGLU)
                                .in<"f32", "f32">()
                                .out<"f32">()
                                .score(50);
constexpr std::array k_kernels = {&k_swiglu.desc};
constexpr std::array<const tn_layout_desc*, 0> k_layouts = {};

}  // namespace

TENON_KERNEL_PACK("tenon.example.vulkan-kernel", "1.0.0", "Tenon", "vulkan_kernel", "", k_kernels,
                  k_layouts)
