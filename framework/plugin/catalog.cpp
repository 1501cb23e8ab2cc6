// Catalog: each candidate goes through the checks in order, cheapest and safest first.
#include "framework/plugin/catalog.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <deque>
#include <map>
#include <system_error>
#include <utility>

#include "framework/plugin/elf_note.hpp"
#include "framework/plugin/loaded_plugin.hpp"
#include "framework/plugin/manifest.hpp"
#include "framework/plugin/plugin_file.hpp"

namespace tenon {
namespace {

namespace fs = std::filesystem;
constexpr std::string_view k_suffix = ".tenon.so";

tl::unexpected<Error> refuse(std::string reason) {
  return fail(ErrorCode::unavailable, std::move(reason));
}

struct Listing {
  std::vector<fs::path> files;  // sorted: the file system's order is not deterministic
  std::string reason;           // "" or why the folder is not searched
};

// A missing folder is an empty one.
Listing list_folder(const fs::path& folder) {
  Listing listing;
  listing.reason = check_folder(folder, StickyFolder::refuse);
  if (!listing.reason.empty()) return listing;
  std::error_code ec;
  fs::directory_iterator entry(folder, ec);
  for (; !ec && entry != fs::directory_iterator(); entry.increment(ec)) {
    if (entry->path().filename().string().ends_with(k_suffix)) listing.files.push_back(*entry);
  }
  if (ec && ec != std::errc::no_such_file_or_directory) {
    listing.reason = fmt::format("its folder cannot be read: {}", ec.message());
  }
  std::sort(listing.files.begin(), listing.files.end());
  return listing;
}

fs::path absolute_path(const fs::path& path) {
  std::error_code ec;
  fs::path result = fs::absolute(path, ec);
  return ec ? path : result.lexically_normal();
}

std::string missing_feature(const Manifest& manifest, const CpuFeatures& cpu) {
  for (const std::string& name : manifest.cpu) {
    if (!cpu.has(name)) return fmt::format("needs the CPU feature {}, which is not here", name);
  }
  return "";
}

// "" or the first requirement of the kernel that this machine does not meet.
std::string unmet(const tn_kernel_desc& kernel, const CpuFeatures& cpu) {
  for (const char* const* name = kernel.needs; name != nullptr && *name != nullptr; ++name) {
    if (!cpu.meets(*name)) return fmt::format("needs {}, which is not here", *name);
  }
  return "";
}

}  // namespace

struct Catalog::State {
  std::vector<Candidate> candidates;
  std::map<std::string, fs::path> loaded_ids;  // id -> the file that offers it
  std::deque<LoadedPlugin> plugins;            // in order of loading
  std::vector<BackendOffer> backends;
  std::vector<PackOffer> packs;
  std::vector<KernelOffer> kernels, dropped;
  std::vector<LayoutOffer> layouts;
  std::vector<ArchOffer> archs;

  ~State() {
    while (!plugins.empty()) plugins.pop_back();  // the last loaded is shut down first
  }

  Result<Manifest> check(const PluginFile& file, const ScanOptions& options,
                         Candidate& found) const;
  Status load(const HostTable& host, const ScanOptions& options, StickyFolder sticky,
              Candidate& found);
  void consider(const HostTable& host, const ScanOptions& options, const fs::path& path,
                StickyFolder sticky);
  void scan_folder(const HostTable& host, const ScanOptions& options, const fs::path& folder);
  void register_offers(const PluginTables& tables, const CpuFeatures& cpu, Candidate& found);
};

// Reads the file only; nothing of the plugin runs.
Result<Manifest> Catalog::State::check(const PluginFile& file, const ScanOptions& options,
                                       Candidate& found) const {
  const auto json = read_manifest_note(file.fd());
  if (!json) return fail(json);
  auto manifest = parse_manifest(*json);
  if (!manifest) return manifest;
  found.id = manifest->id;
  found.version = manifest->version;
  found.vendor = manifest->vendor;
  found.abi = manifest->abi.text();
  found.kinds = manifest->kinds;
  if (std::string reason = refusal_by_manifest(*manifest); !reason.empty()) {
    return refuse(std::move(reason));
  }
  if (std::string reason = missing_feature(*manifest, options.cpu); !reason.empty()) {
    return refuse(std::move(reason));
  }
  if (const auto first = loaded_ids.find(manifest->id); first != loaded_ids.end()) {
    return refuse(
        fmt::format("{} is already loaded from {}", manifest->id, first->second.string()));
  }
  return manifest;
}

Status Catalog::State::load(const HostTable& host, const ScanOptions& options, StickyFolder sticky,
                            Candidate& found) {
  auto file = PluginFile::open(found.path, sticky);
  if (!file) return fail(file);
  const auto manifest = check(*file, options, found);
  if (!manifest) return fail(manifest);
  if (options.prober) {
    const auto sha256 = file->sha256();
    if (!sha256) return fail(sha256);
    std::string reason = options.prober(ProbeRequest{found.path, file->fd(), *sha256});
    if (!reason.empty()) return refuse(std::move(reason));
  }
  file->keep_open();
  auto plugin = LoadedPlugin::load(file->load_path(), *manifest, host);
  if (!plugin) return fail(plugin);
  register_offers(plugin->tables(), options.cpu, found);
  loaded_ids.emplace(found.id, found.path);
  plugins.push_back(std::move(*plugin));
  return {};
}

void Catalog::State::register_offers(const PluginTables& tables, const CpuFeatures& cpu,
                                     Candidate& found) {
  const std::size_t plugin = candidates.size();  // the index that `found` will have
  if (tables.backend != nullptr) {
    backends.push_back({tables.backend, plugin});
    found.names.emplace_back(tables.backend->id);
  }
  if (tables.pack != nullptr) {
    packs.push_back({tables.pack, plugin});
    found.names.emplace_back(tables.pack->pack);
  }
  for (const tn_kernel_desc* kernel : tables.kernels) {
    KernelOffer offer{kernel, plugin, packs.size() - 1, unmet(*kernel, cpu)};
    (offer.dropped.empty() ? kernels : dropped).push_back(std::move(offer));
  }
  for (const tn_layout_desc* layout : tables.layouts) layouts.push_back({layout, plugin});
  for (const tn_arch_desc* arch : tables.archs) {
    archs.push_back({arch, plugin});
    found.names.emplace_back(arch->id);
  }
}

void Catalog::State::consider(const HostTable& host, const ScanOptions& options,
                              const fs::path& path, StickyFolder sticky) {
  Candidate found;
  found.path = absolute_path(path);
  const Status status = load(host, options, sticky, found);
  found.loaded = status.has_value();
  if (!status) found.reason = status.error().message();
  candidates.push_back(std::move(found));
}

void Catalog::State::scan_folder(const HostTable& host, const ScanOptions& options,
                                 const fs::path& folder) {
  Listing listing = list_folder(absolute_path(folder));
  if (!listing.reason.empty()) {
    Candidate refused;
    refused.path = absolute_path(folder);
    refused.reason = std::move(listing.reason);
    candidates.push_back(std::move(refused));
  }
  for (const fs::path& path : listing.files) consider(host, options, path, StickyFolder::refuse);
}

Result<Catalog> Catalog::scan(const HostTable& host, const ScanOptions& options) {
  auto state = std::make_unique<State>();
  for (const fs::path& path : options.files) {
    state->consider(host, options, path, StickyFolder::allow);
    const Candidate& found = state->candidates.back();
    if (!found.loaded) {
      return refuse(fmt::format("plugin {}: {}", found.path.string(), found.reason));
    }
  }
  for (const fs::path& folder : options.directories) state->scan_folder(host, options, folder);
  return Catalog(std::move(state));
}

Catalog::Catalog(std::unique_ptr<State> state) : state_(std::move(state)) {}
Catalog::Catalog(Catalog&&) noexcept = default;
Catalog& Catalog::operator=(Catalog&&) noexcept = default;
Catalog::~Catalog() = default;

std::span<const Candidate> Catalog::candidates() const { return state_->candidates; }
std::span<const BackendOffer> Catalog::backends() const { return state_->backends; }
std::span<const PackOffer> Catalog::packs() const { return state_->packs; }
std::span<const KernelOffer> Catalog::kernels() const { return state_->kernels; }
std::span<const KernelOffer> Catalog::dropped_kernels() const { return state_->dropped; }
std::span<const LayoutOffer> Catalog::layouts() const { return state_->layouts; }
std::span<const ArchOffer> Catalog::archs() const { return state_->archs; }

const BackendOffer* Catalog::find_backend(std::string_view id) const {
  const auto found = std::find_if(state_->backends.begin(), state_->backends.end(),
                                  [&](const BackendOffer& offer) { return offer.desc->id == id; });
  return found == state_->backends.end() ? nullptr : &*found;
}

const ArchOffer* Catalog::find_arch(std::string_view gguf_architecture) const {
  for (const ArchOffer& offer : state_->archs) {
    for (const char* const* name = offer.desc->gguf_archs; *name != nullptr; ++name) {
      if (gguf_architecture == *name) return &offer;
    }
  }
  return nullptr;
}

}  // namespace tenon
