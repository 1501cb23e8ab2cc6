// Catalog: the lists that a scan made, and look-ups in them.
#include "framework/plugin/catalog.hpp"

#include <algorithm>
#include <utility>

#include "framework/plugin/catalog_lists.hpp"
#include "framework/plugin/one_line.hpp"

namespace tenon {
namespace {

constexpr std::size_t k_most_listed = 32;  // of a message

}  // namespace

Result<Catalog> Catalog::scan(const HostTable& host, const ScanOptions& options) {
  auto lists = std::make_unique<CatalogLists>();
  if (auto ok = scan_plugins(host, options, *lists); !ok) return fail(ok);
  return Catalog(std::move(lists));
}

Catalog::Catalog(std::unique_ptr<CatalogLists> lists) : lists_(std::move(lists)) {}
Catalog::Catalog(Catalog&&) noexcept = default;
Catalog& Catalog::operator=(Catalog&&) noexcept = default;
Catalog::~Catalog() = default;

std::span<const ListedPlugin> Catalog::candidates() const { return lists_->candidates; }
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

std::string Catalog::refusals(std::initializer_list<std::string_view> kinds) const {
  std::string text;
  std::size_t left_out = 0, listed = 0;
  for (const ListedPlugin& c : lists_->candidates) {
    if (c.loaded ||
        (!c.kinds.empty() && std::ranges::find_first_of(c.kinds, kinds) == c.kinds.end()))
      continue;
    if (++listed > k_most_listed)
      ++left_out;
    else
      text += "\n  " + one_line(c.path.string()) + ": " + c.reason;
  }
  if (left_out > 0) text += "\n  and " + std::to_string(left_out) + " more";
  if (!lists_->candidates.empty()) return text;
  for (const std::filesystem::path& folder : lists_->folders)
    text += (text.empty() ? "\n  no plugin is in " : ", ") + one_line(folder.string());
  return text.empty() ? "\n  no folder was searched" : text;
}

}  // namespace tenon
