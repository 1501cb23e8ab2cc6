// Catalog: the lists that a scan made, and look-ups in them.
#include "framework/plugin/catalog.hpp"

#include <algorithm>
#include <utility>

#include "framework/plugin/catalog_lists.hpp"

namespace tenon {

Result<Catalog> Catalog::scan(const HostTable& host, const ScanOptions& options) {
  auto lists = std::make_unique<CatalogLists>();
  if (auto ok = scan_plugins(host, options, *lists); !ok) return fail(ok);
  return Catalog(std::move(lists));
}

Catalog::Catalog(std::unique_ptr<CatalogLists> lists) : lists_(std::move(lists)) {}
Catalog::Catalog(Catalog&&) noexcept = default;
Catalog& Catalog::operator=(Catalog&&) noexcept = default;
Catalog::~Catalog() = default;

std::span<const Candidate> Catalog::candidates() const { return lists_->candidates; }
std::span<const BackendOffer> Catalog::backends() const { return lists_->backends; }
std::span<const PackOffer> Catalog::packs() const { return lists_->packs; }
std::span<const KernelOffer> Catalog::kernels() const { return lists_->kernels; }
std::span<const KernelOffer> Catalog::dropped_kernels() const { return lists_->dropped; }
std::span<const LayoutOffer> Catalog::layouts() const { return lists_->layouts; }
std::span<const ArchOffer> Catalog::archs() const { return lists_->archs; }

const BackendOffer* Catalog::find_backend(std::string_view id) const {
  const auto found = std::find_if(lists_->backends.begin(), lists_->backends.end(),
                                  [&](const BackendOffer& offer) { return offer.desc->id == id; });
  return found == lists_->backends.end() ? nullptr : &*found;
}

const ArchOffer* Catalog::find_arch(std::string_view gguf_architecture) const {
  for (const ArchOffer& offer : lists_->archs) {
    for (const char* const* name = offer.desc->gguf_archs; *name != nullptr; ++name) {
      if (gguf_architecture == *name) return &offer;
    }
  }
  return nullptr;
}

}  // namespace tenon
