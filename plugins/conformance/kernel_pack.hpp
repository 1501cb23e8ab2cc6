// KernelPack: a kernel pack loaded from a file, through the entry symbol and nothing else.
#pragma once

#include <tenon/abi/tenon.h>

#include <memory>
#include <string>
#include <vector>

#include "test_host.hpp"

namespace tenon::conformance {

struct KernelPack {
  std::string path, name;            // name: "reference" in cpu/reference
  std::string refusal;               // why it was not loaded; empty if it was
  std::vector<std::string> missing;  // manifest features this machine lacks
  std::vector<const tn_kernel_desc*> kernels;
  std::vector<const tn_layout_desc*> layouts;
  std::shared_ptr<TestHost> host = std::make_shared<TestHost>();

  bool runs() const { return refusal.empty() && missing.empty(); }
};

// Loads one pack; a pack that this machine cannot run is listed but not loaded.
KernelPack load_pack(const std::string& path);

using KernelPacks = std::vector<std::shared_ptr<const KernelPack>>;

// Every plugin of the folder that offers kernels, by file name.
KernelPacks load_packs(const std::string& folder);

// One way to run one kernel: the kernel and the layout of its weights.
struct KernelCase {
  std::shared_ptr<const KernelPack> pack;
  const tn_kernel_desc* kernel;
  std::string layout;

  std::string name() const;  // letters, digits and underscores
  std::string arithmetic() const;
  const char* in_dtype(unsigned operand) const { return kernel->in_dtypes[operand]; }
  bool honours(uint64_t features) const { return (features & ~kernel->features) == 0; }
  bool is_reference() const { return pack->name == "reference"; }
  const tn_layout_desc* layout_desc(const std::string& dtype) const;  // null for plain
};

// The cases of one op over all of the packs that run on this machine.
std::vector<KernelCase> kernel_cases(const KernelPacks& packs, const std::string& op);

}  // namespace tenon::conformance
