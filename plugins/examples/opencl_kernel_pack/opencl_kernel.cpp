// A pack of one kernel of the slot "tenon.opencl/1": tn.swiglu, as that of vulkan_kernel_pack.
//   --kernel swiglu@opencl=tenon.example.opencl-swiglu
#include <array>
#include <tenon/sdk/gpu.hpp>

namespace {

using namespace tenon::sdk;

constexpr const char* k_source = R"(
typedef struct {
  uint words[32];  // 0 .. 10: where the data of a buffer begins; 12: values of a row; then words
  // from one row to the next of gate, up and y
  uint ends[12];
} Words;

kernel void swiglu(global const uint* step, global const float* gate, global const float* up,
                   global float* y, const Words w) {
  const uint i = get_global_id(0), n = w.words[12];
  if (i >= n) return;
  const uint row = get_group_id(1);
  const float g = gate[w.words[0] + row * w.words[13] + i];
  const float u = up[w.words[1] + row * w.words[14] + i];
  y[w.words[2] + row * w.words[15] + i] = g / (1.0f + exp(-g)) * u;
}
)";

struct Swiglu {
  static tn_status launches(const Node& node, OpenclLaunches& out) {
    const tn_tensor &gate = node.tensor(0), &up = node.tensor(1), &y = node.tensor(2);
    if (!Node::has_rows(gate) || !Node::has_rows(up) || !Node::has_rows(y))
      return node.decline("needs rows of values without gaps");
    const uint32_t n = Node::width(y);
    out.add(k_source, "swiglu")
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

constexpr Kernel k_swiglu = opencl_kernel<Swiglu>("tenon.example.opencl-swiglu", TN_OP_SWIGLU)
                                .in<"f32", "f32">()
                                .out<"f32">()
                                .score(50);
constexpr std::array k_kernels = {&k_swiglu.desc};
constexpr std::array<const tn_layout_desc*, 0> k_layouts = {};

}  // namespace

TENON_KERNEL_PACK("tenon.example.opencl-kernel", "1.0.0", "Tenon", "opencl_kernel", "", k_kernels,
                  k_layouts)
