// Loading: manifest first, then dlopen, query, init, factory.
#include "kernel_pack.hpp"

#include <dlfcn.h>

#include <algorithm>
#include <cctype>
#include <filesystem>

#include "cpu_flags.hpp"
#include "elf_note.hpp"

namespace tenon::conformance {
namespace {

const tn_kernel_factory* open_factory(KernelPack& pack) {
  void* library = dlopen(pack.path.c_str(), RTLD_NOW | RTLD_LOCAL);  // never closed
  if (library == nullptr) return pack.refusal = dlerror(), nullptr;
  const auto query = reinterpret_cast<tn_query_v1_fn>(dlsym(library, TN_ENTRY_SYMBOL));
  const tn_plugin* plugin = query == nullptr ? nullptr : query(TN_ABI_MINOR);
  if (plugin == nullptr) return pack.refusal = "no plugin for this minor", nullptr;
  const tn_host* host = pack.host->table();
  if (plugin->init(host) != TN_OK) return pack.refusal = "init failed", nullptr;
  const void* factory = plugin->get_factory(host, TN_FACTORY_KERNELS);
  if (factory == nullptr) pack.refusal = "manifest offers kernels, get_factory has none";
  return static_cast<const tn_kernel_factory*>(factory);
}

void list_contents(KernelPack& pack, const tn_kernel_factory& factory) {
  const tn_kernel_desc* const* kernels = nullptr;
  const tn_layout_desc* const* layouts = nullptr;
  const uint32_t n_kernels = factory.kernels(&kernels), n_layouts = factory.layouts(&layouts);
  pack.name = factory.pack;
  pack.kernels.assign(kernels, kernels + n_kernels);
  pack.layouts.assign(layouts, layouts + n_layouts);
}

bool machine_runs(const tn_kernel_desc& kernel) {
  if (kernel.needs == nullptr) return true;
  const char* const* end = kernel.needs;
  while (*end != nullptr) ++end;
  return std::all_of(kernel.needs, end, [](const char* name) { return machine_has(name); });
}

std::vector<std::string> layouts_of(const tn_kernel_desc& kernel) {
  if (kernel.layouts == nullptr) return {TN_LAYOUT_PLAIN};
  const char* const* end = kernel.layouts;
  while (*end != nullptr) ++end;
  return {kernel.layouts, end};
}

}  // namespace

KernelPack load_pack(const std::string& path) {
  KernelPack pack;
  pack.path = path;
  pack.name = std::filesystem::path(path).stem().stem().string();
  const std::string manifest = read_manifest(path).value_or("");
  for (const std::string& feature : manifest_list(manifest, "cpu")) {
    if (!machine_has(feature)) pack.missing.push_back(feature);
  }
  if (!pack.missing.empty()) return pack;
  if (const auto* factory = open_factory(pack)) list_contents(pack, *factory);
  return pack;
}

KernelPacks load_packs(const std::string& folder) {
  std::vector<std::string> paths;
  std::error_code missing_folder;
  for (const auto& entry : std::filesystem::directory_iterator(folder, missing_folder)) {
    if (entry.path().string().ends_with(".tenon.so")) paths.push_back(entry.path().string());
  }
  std::sort(paths.begin(), paths.end());
  KernelPacks packs;
  for (const std::string& path : paths) {
    const auto kinds = manifest_list(read_manifest(path).value_or(""), "kinds");
    if (std::find(kinds.begin(), kinds.end(), "kernels") == kinds.end()) continue;
    packs.push_back(std::make_shared<const KernelPack>(load_pack(path)));
  }
  return packs;
}

std::string KernelCase::name() const {
  std::string text = kernel->id;
  if (layout != TN_LAYOUT_PLAIN) text += "_in_" + layout;
  for (char& c : text) {
    if (std::isalnum(static_cast<unsigned char>(c)) == 0) c = '_';
  }
  return text;
}

std::string KernelCase::arithmetic() const {
  return kernel->arithmetic == nullptr ? "" : kernel->arithmetic;
}

const tn_layout_desc* KernelCase::layout_desc(const std::string& dtype) const {
  for (const tn_layout_desc* desc : pack->layouts) {
    if (layout == desc->id && dtype == desc->dtype) return desc;
  }
  return nullptr;
}

std::vector<KernelCase> kernel_cases(const KernelPacks& packs, const std::string& op) {
  std::vector<KernelCase> cases;
  for (const auto& pack : packs) {
    if (!pack->runs()) continue;
    for (const tn_kernel_desc* kernel : pack->kernels) {
      if (op != kernel->op || std::string(kernel->slot) != TN_SLOT_CPU) continue;
      if (!machine_runs(*kernel)) continue;
      for (const std::string& layout : layouts_of(*kernel)) {
        cases.push_back({pack, kernel, layout});
      }
    }
  }
  return cases;
}

}  // namespace tenon::conformance
