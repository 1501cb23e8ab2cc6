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

constexpr std::int32_t k_own_score = 100;  // device.h: of an op that is the device's own

// desc nullptr: the device's own op.
struct RankedKernel {
  const tn_kernel_desc* desc;
  bool pinned;
  std::int32_t score = desc != nullptr ? desc->score : k_own_score;
  const char* arithmetic = desc != nullptr ? desc->arithmetic : nullptr;
};

struct NodeSupport {
  bool supported = false;
  std::vector<RankedKernel> kernels;  // best first
  std::vector<std::string> layouts;   // of weights for the device's own op, preferred first
  std::vector<std::string> refused;   // kernels that lack something or do not load: "id: why"
  std::string refusal;                // why not supported, one line
};

// Kernels of the target's slots that honour the node's dtypes, features and shape, and the device's
// own op if supports() says yes: pinned first, then by score, then by later registration.
NodeSupport find_support(const Graph& graph, const Node& node, const Target& target,
                         const KernelSources& sources, QueryBuilder& queries);

// What the kernel needs of the device and the device lacks, or of the host, which knows nothing that
// may be needed of it; or "". What it needs of the machine was asked when its pack was loaded.
std::string unmet_need(const tn_kernel_desc& kernel, const DeviceInfo& device);

// Whether `kernel` takes a weight of this dtype in layout `layout`.
bool accepts_layout(const tn_kernel_desc& kernel, std::string_view layout);
// The same of one that a node may have.
bool accepts_layout(const NodeSupport& support, const RankedKernel& kernel,
                    std::string_view layout);

// How messages call a kernel; nullptr: the device's own.
std::string name_of(const tn_kernel_desc* kernel);

}  // namespace tenon
