// The scan: each candidate goes through the checks in order, cheapest and safest first.
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <map>
#include <set>
#include <system_error>
#include <utility>

#include "framework/plugin/catalog_lists.hpp"
#include "framework/plugin/checked_file.hpp"
#include "framework/plugin/driver_identity.hpp"
#include "framework/plugin/elf_note.hpp"
#include "framework/plugin/manifest.hpp"

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
Listing list_folder(const fs::path& folder, FoundBy found_by) {
  Listing listing;
  listing.reason = check_folder(folder, found_by);
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

// Two ways to one folder have the same canonical path.
fs::path canonical_path(const fs::path& path) {
  std::error_code ec;
  fs::path result = fs::weakly_canonical(path, ec);
  return ec ? path : result;
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
    if (is_of_machine(*name) && !cpu.meets(*name))
      return fmt::format("needs {}, which is not here", *name);
  }
  return "";
}

// The names by which users and rules choose, each of which only one plugin may have.
std::vector<std::string> chosen_names(const PluginTables& tables) {
  std::vector<std::string> names;
  if (tables.backend != nullptr) names.push_back(fmt::format("backend {}", tables.backend->id));
  if (tables.pack != nullptr) names.push_back(fmt::format("kernel pack {}", tables.pack->pack));
  for (const tn_kernel_desc* kernel : tables.kernels) {
    names.push_back(fmt::format("kernel {}", kernel->id));
  }
  return names;
}

class Scan {
 public:
  Scan(const HostTable& host, const ScanOptions& options, CatalogLists& lists)
      : host_(host), options_(options), lists_(lists) {}

  // The error is the reason why the file is refused; it is in the list of candidates too.
  Status consider(const fs::path& path, FoundBy found_by);
  void search(const fs::path& folder, FoundBy found_by);

 private:
  Result<Manifest> check(const CheckedFile& file, ListedPlugin& found) const;
  Status probe(const CheckedFile& file, const Manifest& manifest, const fs::path& path) const;
  Status load(const CheckedFile& file, ListedPlugin& found);
  Status claim(const PluginTables& tables, const ListedPlugin& found);
  void offer(const PluginTables& tables, ListedPlugin& found);

  const HostTable& host_;
  const ScanOptions& options_;
  CatalogLists& lists_;
  std::set<fs::path> folders_;              // searched so far
  std::set<std::pair<dev_t, ino_t>> seen_;  // files looked at so far
  std::map<std::string, fs::path> ids_;     // of loaded plugins -> the file
  std::map<std::string, fs::path> names_;   // chosen_names() of loaded plugins -> the file
};

// Reads the file only; nothing of the plugin runs.
Result<Manifest> Scan::check(const CheckedFile& file, ListedPlugin& found) const {
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
  if (std::string reason = missing_feature(*manifest, options_.cpu); !reason.empty()) {
    return refuse(std::move(reason));
  }
  if (const auto first = ids_.find(manifest->id); first != ids_.end()) {
    return refuse(
        fmt::format("{} is already loaded from {}", manifest->id, first->second.string()));
  }
  return manifest;
}

Status Scan::probe(const CheckedFile& file, const Manifest& manifest, const fs::path& path) const {
  if (!options_.prober) return {};
  const auto sha256 = file.sha256();
  if (!sha256) return fail(sha256);
  const auto open_path = file.open_path();
  if (!open_path) return fail(open_path);
  std::string reason = options_.prober(
      ProbeRequest{path, file.fd(), *open_path, *sha256, driver_identity(manifest.drivers)});
  return reason.empty() ? Status{} : refuse(std::move(reason));
}

// Takes the names that the plugin is chosen by, all or none.
Status Scan::claim(const PluginTables& tables, const ListedPlugin& found) {
  const std::vector<std::string> names = chosen_names(tables);
  for (const std::string& name : names) {
    if (const auto first = names_.find(name); first != names_.end()) {
      return refuse(fmt::format("its {} is already offered by {}", name, first->second.string()));
    }
  }
  for (const std::string& name : names) names_.emplace(name, found.path);
  return {};
}

Status Scan::load(const CheckedFile& file, ListedPlugin& found) {
  const auto manifest = check(file, found);
  if (!manifest) return fail(manifest);
  if (auto ok = probe(file, *manifest, found.path); !ok) return ok;
  const auto load_path = file.load_path();
  if (!load_path) return fail(load_path);
  auto plugin = LoadedPlugin::load(*load_path, *manifest, host_);
  if (!plugin) return fail(plugin);
  if (auto ok = claim(plugin->tables(), found); !ok) return ok;
  offer(plugin->tables(), found);
  ids_.emplace(found.id, found.path);
  lists_.plugins.push_back(std::move(*plugin));
  return {};
}

void Scan::offer(const PluginTables& tables, ListedPlugin& found) {
  const std::size_t plugin = lists_.candidates.size();  // the index that `found` will have
  if (tables.backend != nullptr) {
    lists_.backends.push_back({tables.backend, plugin});
    found.offers.emplace_back(tables.backend->id);
  }
  if (tables.pack != nullptr) {
    lists_.packs.push_back({tables.pack, plugin});
    found.offers.emplace_back(tables.pack->pack);
  }
  for (const tn_kernel_desc* kernel : tables.kernels) {
    KernelOffer row{kernel, plugin, lists_.packs.size() - 1, unmet(*kernel, options_.cpu)};
    (row.dropped.empty() ? lists_.kernels : lists_.dropped).push_back(std::move(row));
  }
  for (const tn_layout_desc* layout : tables.layouts) lists_.layouts.push_back({layout, plugin});
  for (const tn_arch_desc* arch : tables.archs) {
    lists_.archs.push_back({arch, plugin});
    found.offers.emplace_back(arch->id);
  }
}

Status Scan::consider(const fs::path& path, FoundBy found_by) {
  ListedPlugin found;
  found.path = absolute_path(path);
  const auto file = CheckedFile::open(found.path, found_by);
  // The same file by another way needs no second line.
  if (file && !seen_.emplace(file->info().st_dev, file->info().st_ino).second) return {};
  Status status = file ? load(*file, found) : fail(file);
  found.loaded = status.has_value();
  if (!status) found.reason = status.error().message();
  lists_.candidates.push_back(std::move(found));
  return status;
}

void Scan::search(const fs::path& folder, FoundBy found_by) {
  if (!folders_.insert(canonical_path(folder)).second) return;
  lists_.folders.push_back(absolute_path(folder));
  Listing listing = list_folder(absolute_path(folder), found_by);
  if (!listing.reason.empty()) {
    ListedPlugin refused;
    refused.path = absolute_path(folder);
    refused.reason = std::move(listing.reason);
    lists_.candidates.push_back(std::move(refused));
  }
  for (const fs::path& path : listing.files) static_cast<void>(consider(path, found_by));
}

}  // namespace

Status scan_plugins(const HostTable& host, const ScanOptions& options, CatalogLists& lists) {
  Scan scan(host, options, lists);
  for (const fs::path& path : options.files) {
    if (auto ok = scan.consider(path, FoundBy::name); !ok) {
      return refuse(
          fmt::format("plugin {}: {}", absolute_path(path).string(), ok.error().message()));
    }
  }
  for (const fs::path& folder : options.directories) scan.search(folder, FoundBy::search);
  for (const fs::path& folder : options.installed) scan.search(folder, FoundBy::installation);
  return {};
}

}  // namespace tenon
