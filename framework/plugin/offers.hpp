// What loaded plugins offer, a list each.
#pragma once

#include <tenon/abi/arch.h>
#include <tenon/abi/device.h>
#include <tenon/abi/kernels.h>

#include <cstddef>
#include <string>

namespace tenon {

// Pointers are into the plugins and live as long as the process; `plugin` indexes Catalog::candidates().
template <class T>
struct Offer {
  const T* desc;
  std::size_t plugin;
};
using BackendOffer = Offer<tn_backend_factory>;
using ArchOffer = Offer<tn_arch_desc>;
using LayoutOffer = Offer<tn_layout_desc>;
using PackOffer = Offer<tn_kernel_factory>;

struct KernelOffer {
  const tn_kernel_desc* desc;
  std::size_t plugin, pack;  // pack indexes packs()
  std::string dropped;       // "" if usable, else why not: "needs cpu.avx512vnni"
};

}  // namespace tenon
