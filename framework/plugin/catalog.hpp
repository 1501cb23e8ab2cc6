// Catalog: finds, checks and loads plugins, and lists what they offer; every refusal has a reason.
#pragma once

#include <initializer_list>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "framework/base/result.hpp"
#include "framework/include/tenon/plugins.hpp"
#include "framework/plugin/host_table.hpp"
#include "framework/plugin/offers.hpp"
#include "framework/plugin/scan_options.hpp"

namespace tenon {

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
