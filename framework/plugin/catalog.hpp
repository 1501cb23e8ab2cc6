// Catalog: finds, checks and loads plugins, and lists what they offer; every refusal has a reason.
#pragma once

#include <tenon/abi/arch.h>
#include <tenon/abi/device.h>
#include <tenon/abi/kernels.h>

#include <cstddef>
#include <filesystem>
#include <initializer_list>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "framework/base/result.hpp"
#include "framework/include/tenon/plugins.hpp"
#include "framework/plugin/cpu_features.hpp"
#include "framework/plugin/host_table.hpp"
#include "framework/plugin/prober.hpp"

namespace tenon {

struct ScanOptions {
  std::vector<std::filesystem::path> files;        // --plugin; one refused is an error of the scan
  std::vector<std::filesystem::path> directories;  // in this order, after the files
  std::vector<std::filesystem::path> installed;    // the program's own, after the others
  CpuFeatures cpu = CpuFeatures::of_this_machine();
  Prober prober;  // empty: nothing is probed before it is loaded

  // The search path of the command line, and tenon-probe with its cache where it is installed.
  static ScanOptions standard(Retry retry = Retry::no);
};

// TENON_PLUGIN_PATH and XDG data; nothing for set-uid programs.
std::vector<std::filesystem::path> plugin_directories();
// <executable>/../lib/tenon/plugins/1, and the same of the library that holds this code.
std::vector<std::filesystem::path> installed_directories();

// Pointers are into the plugins and live as long as the process; `plugin` indexes candidates().
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

struct CatalogLists;

// A value: built once, passed down, destroyed last but for its HostTable. Destruction calls
// shutdown of every plugin in reverse order; the code stays mapped.
class Catalog {
 public:
  static Result<Catalog> scan(const HostTable& host, const ScanOptions& options);

  Catalog(Catalog&&) noexcept;
  Catalog& operator=(Catalog&&) noexcept;
  ~Catalog();

  std::span<const ListedPlugin> candidates() const;
  std::span<const BackendOffer> backends() const;
  std::span<const PackOffer> packs() const;
  std::span<const KernelOffer> kernels() const;          // usable here, in registration order
  std::span<const KernelOffer> dropped_kernels() const;  // not usable on this machine, with reasons
  std::span<const LayoutOffer> layouts() const;
  std::span<const ArchOffer> archs() const;

  // NULL if no plugin offers it.
  const BackendOffer* find_backend(std::string_view id) const;
  const ArchOffer* find_arch(std::string_view gguf_architecture) const;

  // Why there are no more of these kinds ("backend", "kernels", "arch"): a line "\n  FILE: reason" for
  // each candidate that was refused and may be of one; where there is no candidate at all, the
  // folders that were searched. For the end of a message.
  std::string refusals(std::initializer_list<std::string_view> kinds) const;

 private:
  explicit Catalog(std::unique_ptr<CatalogLists> lists);
  std::unique_ptr<CatalogLists> lists_;
};

}  // namespace tenon
