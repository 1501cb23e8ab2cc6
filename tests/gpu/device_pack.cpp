// The device under test as a pack of kernels: each row of its support matrix, and each kernel of the
// packs for its slots, is a kernel whose run is a subgraph of one node. So the tests of kernels judge a
// device as well.
#include "device_pack.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <deque>
#include <sstream>

#include "node_run.hpp"
#include "plugins/conformance/cpu_flags.hpp"
#include "tests/conformance/kernel_test.hpp"

namespace tenon::conformance {
namespace {

// What the thunks of a kernel need, behind its table of functions.
struct Declared {
  tn_cpu_kernel kernel;  // first: desc.impl points at it
  tn_kernel_desc desc;
  std::string id;
  NodeRun::Kernel run_as;
  Device* device;
  TestHost* host;
  std::set<std::string>* declined;
};

const Declared& declared(const tn_node& node) {
  return *static_cast<const Declared*>(node.bound->impl);
}

std::string reason(const Declared& d) {
  return std::string(d.desc.op) + ": " + d.host->last_error();
}

tn_status check(const tn_node_query* query) noexcept {
  const Declared& d = declared(*query->node);
  NodeRun run(*d.device, *d.host, *query, d.run_as);
  if (run.supported()) return TN_OK;
  d.declined->insert(reason(d));
  return TN_ERR_UNSUPPORTED;
}

tn_status plan(const tn_cpu_args*, tn_cpu_work* inout) noexcept {
  inout->n_phases = 1;
  inout->items[0] = 1;
  return TN_OK;
}

void run(const tn_cpu_args* args, uint32_t, uint64_t, uint64_t, void*) noexcept {
  const Declared& d = declared(*args->node);
  const tn_node_query query{sizeof query, args->n_in, d.host->table(), args->node, args->t,
                            args->n_out,  0};
  NodeRun node(*d.device, *d.host, query, d.run_as);
  if (node.supported()) node.run(*args);
}

std::string id_of(const std::string& backend, const tn_op_decl& decl) {
  std::string id = backend + "." + decl.op;
  for (const char* const* dtypes : {decl.in_dtypes, decl.out_dtypes}) {
    id += ":";
    for (; *dtypes != nullptr; ++dtypes) id += std::string(".") + *dtypes;
  }
  return id;
}

// Whether `longer` has the operands of `decl` and optional ones behind: it judges both.
bool continues(const tn_op_decl& longer, const tn_op_decl& decl) {
  if (std::string(longer.op) != decl.op) return false;
  const char* const* a = longer.in_dtypes;
  for (const char* const* b = decl.in_dtypes; *b != nullptr; ++a, ++b)
    if (*a == nullptr || std::strcmp(*a, *b) != 0) return false;
  return *a != nullptr;
}

class DevicePack {
 public:
  DevicePack() {
    const char* plugin = std::getenv("TENON_GPU_PLUGIN");
    if (plugin == nullptr) plugin = "";
    const char* index = std::getenv("TENON_GPU_DEVICE");
    const auto number = static_cast<uint32_t>(index != nullptr ? std::atoi(index) : 0);
    device_ = Device::open(*pack_->host, plugin, number, report_.refusal);
    pack_->path = plugin;
    pack_->refusal = report_.refusal;
    if (device_ == nullptr) return;
    report_.refusal = "";
    report_.backend = pack_->name = device_->backend();
    report_.device = device_->name();
    for (const tn_op_decl* decl : device_->ops())
      if (std::ranges::none_of(device_->ops(), [&](const auto* d) { return continues(*d, *decl); }))
        add_own(*decl);
    if (const char* packs = std::getenv("TENON_GPU_PACKS")) add_packs(packs);
    report_.n_kernels = kernels_.size();
    packs_ = {pack_};
  }

  const KernelPacks& packs() const { return packs_; }
  const DeviceReport& report() const { return report_; }

 private:
  void add_own(const tn_op_decl& decl) {
    const char* arithmetic = TN_HAS(&decl, arithmetic) ? decl.arithmetic : nullptr;
    tn_kernel_desc desc{
        sizeof desc,     0,       nullptr, nullptr,    decl.op,       decl.in_dtypes,
        decl.out_dtypes, nullptr, nullptr, arithmetic, decl.features, nullptr};
    add(desc, id_of(device_->backend(), decl), {});
  }

  void add_packs(const std::string& paths) {
    std::istringstream in(paths);
    for (std::string path; std::getline(in, path, ':');) {
      foreign_.push_back(load_pack(path));
      const KernelPack& loaded = foreign_.back();
      if (!loaded.runs())
        report_.refusal =
            path + ": " + (loaded.refusal.empty() ? "lacks features" : loaded.refusal);
      for (const tn_kernel_desc* kernel : loaded.kernels)
        if (device_->has_slot(kernel->slot)) add_bound(loaded, *kernel);
    }
  }

  // What it needs and the machine or the device lacks is declined, as what does not fit is.
  void add_bound(const KernelPack& loaded, const tn_kernel_desc& kernel) {
    for (auto need = kernel.needs; need != nullptr && *need != nullptr; ++need)
      if (std::string(*need).starts_with("cpu.") ? !machine_has(*need)
                                                 : !device_->has_feature(*need)) {
        report_.declined.insert(std::string(kernel.op) + ": " + kernel.id + " needs " + *need);
        return;
      }
    constexpr const char* k_plain[] = {TN_LAYOUT_PLAIN, nullptr};
    for (auto l = kernel.layouts != nullptr ? kernel.layouts : k_plain; *l != nullptr; ++l) {
      const std::string suffix =
          std::strcmp(*l, TN_LAYOUT_PLAIN) != 0 ? std::string(" in ") + *l : "";
      tn_kernel_desc desc = kernel;
      desc.layouts = nullptr;  // weights come plain, and are put in the layout
      add(desc, kernel.id + suffix, {&kernel, *l, &loaded.layouts});
    }
  }

  void add(const tn_kernel_desc& desc, std::string id, NodeRun::Kernel run_as) {
    Declared& d = kernels_.emplace_back();
    d.kernel = {sizeof d.kernel, 0, check, plan, run};
    d.id = std::move(id);
    d.run_as = std::move(run_as);
    d.device = device_.get();
    d.host = pack_->host.get();
    d.declined = &report_.declined;
    d.desc = desc;
    d.desc.struct_size = sizeof d.desc;
    d.desc.id = d.id.c_str();
    d.desc.slot = TN_SLOT_CPU;
    d.desc.needs = nullptr;
    d.desc.impl = &d.kernel;
    pack_->kernels.push_back(&d.desc);
  }

  std::shared_ptr<KernelPack> pack_ = std::make_shared<KernelPack>();
  std::unique_ptr<Device> device_;
  std::deque<Declared> kernels_;
  std::deque<KernelPack> foreign_;
  DeviceReport report_;
  KernelPacks packs_;
};

const DevicePack& device_pack() {
  static const DevicePack pack;
  return pack;
}

TEST(DeviceUnderTest, Opens) { EXPECT_EQ(device_under_test().refusal, ""); }

}  // namespace

const DeviceReport& device_under_test() { return device_pack().report(); }

const KernelPacks& packs_under_test() { return device_pack().packs(); }

}  // namespace tenon::conformance
