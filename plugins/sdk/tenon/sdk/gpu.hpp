// Kernels of the GPU slots in C++: say which launches a node takes, list the kernel in the pack.
//   struct Silu {
//     static tn_status launches(const Node& node, VulkanLaunches& out) {
//       const uint32_t n = Node::width(node.tensor(1));
//       out.add(k_spirv).reads(0).writes(1).word(n).groups(0, (n + 255) / 256);
//       return TN_OK;
//     }
//   };
//   constexpr auto k_silu = vulkan_kernel<Silu>("com.acme.silu", TN_OP_SILU).in<"f32">().out<"f32">();
#pragma once

#include <tenon/abi/slots/opencl.h>
#include <tenon/abi/slots/vulkan.h>

#include <tenon/sdk/kernel.hpp>

#pragma GCC visibility push(hidden)
namespace tenon {
namespace sdk {
inline namespace v1_0 {

// A node that a kernel is asked about. Operands are numbered as in ops.h: inputs, then outputs.
class Node {
 public:
  Node(const tn_node_query& query, const tn_gpu_limits& limits) : query_(query), limits_(limits) {}

  const tn_tensor& tensor(unsigned i) const { return *query_.t[i]; }
  bool has(unsigned i) const { return query_.t[i] != nullptr; }
  const tn_gpu_limits& limits() const { return limits_; }
  template <class P>
  P params() const {
    return sdk::params<P>(*query_.node);
  }
  uint64_t features() const { return query_.node->features; }
  tn_status decline(const char* why) const { return fail(query_.host, TN_ERR_UNSUPPORTED, why); }

  // Values along the last axis.
  static uint32_t width(const tn_tensor& t) { return static_cast<uint32_t>(t.dim[t.rank - 1]); }
  // Whether t is rows, each of which is one value of 32 bits behind the other.
  static bool has_rows(const tn_tensor& t) {
    return t.rank == 2 && (t.dim[1] <= 1 || t.stride[1] == 4) && t.stride[0] % 4 == 0;
  }
  // Words from one row to the next.
  static uint32_t row_words(const tn_tensor& t) { return static_cast<uint32_t>(t.stride[0] / 4); }

 private:
  const tn_node_query& query_;
  const tn_gpu_limits& limits_;
};

// One launch; D is tn_vk_dispatch or tn_cl_dispatch.
template <class D>
class Launch {
 public:
  explicit Launch(D& raw) : raw_(raw) {
    raw_.launch.groups[0] = raw_.launch.groups[1] =
        raw_.launch.groups[2] = {1, TN_SYM_STATIC, 1, 0};
  }

  Launch& reads(unsigned operand) { return raw_.launch.reads |= 1u << operand, *this; }
  Launch& writes(unsigned operand) { return raw_.launch.writes |= 1u << operand, *this; }
  // Words that launches of the node leave each other.
  Launch& scratch(uint64_t bytes, bool written) {
    raw_.launch.scratch_bytes = bytes;
    (written ? raw_.launch.writes : raw_.launch.reads) |= TN_GPU_SCRATCH;
    return *this;
  }
  // The kernel's own words, in order; more than TN_GPU_MAX_WORDS are refused by the device.
  Launch& word(uint32_t word) {
    const uint32_t i = raw_.launch.n_words++;
    if (i < TN_GPU_MAX_WORDS) raw_.launch.words[i] = word;
    return *this;
  }
  Launch& constant(uint32_t id, uint32_t value) {
    const uint32_t i = raw_.launch.n_constants++;
    if (i >= TN_GPU_MAX_CONSTANTS) return *this;
    raw_.launch.constant_ids[i] = id;
    raw_.launch.constants[i] = value;
    return *this;
  }
  Launch& groups(unsigned axis, uint32_t fixed) {
    return raw_.launch.groups[axis] = {fixed, TN_SYM_STATIC, 1, 0}, *this;
  }
  // A work-group for each `unit` steps along the first axis of a tensor.
  Launch& groups_along(unsigned axis, const tn_tensor& t, uint32_t unit = 1) {
    const auto bound = static_cast<uint32_t>(t.dim[0]);
    if (t.sym[0] == TN_SYM_STATIC) return groups(axis, (bound + unit - 1) / unit);
    return raw_.launch.groups[axis] = {1, t.sym[0], unit, 0}, *this;
  }

 private:
  D& raw_;
};

// What dispatches() answers.
template <class D>
class Launches {
 public:
  const D* data() const { return all_.data(); }
  uint32_t size() const { return n_; }

 protected:
  // The device refuses more than it can take.
  D& next() { return all_[n_ < TN_GPU_MAX_LAUNCHES ? n_++ : TN_GPU_MAX_LAUNCHES - 1]; }

 private:
  std::array<D, TN_GPU_MAX_LAUNCHES> all_{};
  uint32_t n_ = 0;
};

class VulkanLaunches : public Launches<tn_vk_dispatch> {
 public:
  template <size_t N>
  Launch<tn_vk_dispatch> add(const uint32_t (&spirv)[N], const char* entry = "main") {
    tn_vk_dispatch& raw = next();
    raw = {sizeof raw, 0, spirv, sizeof spirv, entry, {}};
    return Launch(raw);
  }
};

class OpenclLaunches : public Launches<tn_cl_dispatch> {
 public:
  Launch<tn_cl_dispatch> add(const char* source, const char* kernel, uint32_t items = 256) {
    tn_cl_dispatch& raw = next();
    raw = {sizeof raw, 0, source, kernel, {items, 1, 1}, 0, {}};
    return Launch(raw);
  }
};

namespace detail {

template <class K, class All, class D>
tn_status dispatches(const tn_node_query* query, const tn_gpu_limits* limits, D* first,
                     uint32_t stride, uint32_t cap, uint32_t* n) noexcept {
  return guarded([&] {
    All all;
    const tn_gpu_limits own = take(limits);
    const tn_status status = K::launches(Node(*query, own), all);
    if (status != TN_OK) return status;
    reply_list(first, stride, cap, n, all.size(), [&](uint32_t i) { return all.data()[i]; });
    return tn_status{TN_OK};
  });
}

template <class K>
inline constexpr tn_vk_kernel k_vk_kernel = {sizeof(tn_vk_kernel), 0,
                                             dispatches<K, VulkanLaunches, tn_vk_dispatch>};
template <class K>
inline constexpr tn_cl_kernel k_cl_kernel = {sizeof(tn_cl_kernel), 0,
                                             dispatches<K, OpenclLaunches, tn_cl_dispatch>};

constexpr Kernel of_slot(const char* slot, const char* id, const char* op, const void* impl) {
  return {{sizeof(tn_kernel_desc), 300, id, slot, op, nullptr, nullptr, nullptr, nullptr, nullptr,
           0, impl}};
}

}  // namespace detail

// Kernels of the slots "tenon.vulkan/1" and "tenon.opencl/1"; K has launches(Node, VulkanLaunches&),
// or launches(Node, OpenclLaunches&). Above 100 they are preferred to the device's own.
template <class K>
constexpr Kernel vulkan_kernel(const char* id, const char* op) {
  return detail::of_slot(TN_SLOT_VULKAN, id, op, &detail::k_vk_kernel<K>);
}
template <class K>
constexpr Kernel opencl_kernel(const char* id, const char* op) {
  return detail::of_slot(TN_SLOT_OPENCL, id, op, &detail::k_cl_kernel<K>);
}

}  // namespace v1_0
}  // namespace sdk
}  // namespace tenon
#pragma GCC visibility pop
