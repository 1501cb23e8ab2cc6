// Candidates: which kernels could run a node on a device, ranked, and why the others cannot.
#pragma once

#include <tenon/abi/kernels.h>

#include <span>
#include <string>
#include <vector>

#include "framework/device/device.hpp"
#include "framework/placement/abi_graph.hpp"
#include "framework/placement/kernel_rules.hpp"
#include "framework/plugin/catalog.hpp"

namespace tenon {

// A device that may be chosen, and what the user said about it.
struct Target {
  Device device;
  std::string pack;  // "avx2" of cpu/avx2: that pack, then packs that score lower; "": all
};

// What kernels there are, and the user's rules.
struct KernelSources {
  std::span<const KernelOffer> kernels;
  std::span<const PackOffer> packs;
  std::span<const LayoutOffer> layouts;
  std::span<const KernelRule> rules;
};

struct RankedKernel {
  const tn_kernel_desc* desc;
  bool pinned;
};

struct NodeSupport {
  bool supported = false;
  std::vector<RankedKernel> kernels;  // best first; empty on devices without a slot
  std::vector<std::string> layouts;   // of weights, preferred first; devices without a slot
  std::string refusal;                // why not supported, one line
};

// Kernels of the target's slot that honour the node's dtypes, features and shape: pinned first,
// then by score, then by later registration. Devices without a slot are asked through supports().
NodeSupport find_support(const Graph& graph, const Node& node, const Target& target,
                         const KernelSources& sources, QueryBuilder& queries);

// Whether `kernel` takes a weight of this dtype in layout `layout`.
bool accepts_layout(const tn_kernel_desc& kernel, std::string_view layout);

}  // namespace tenon
