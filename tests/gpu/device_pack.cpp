// The device under test as a pack of kernels: each row of its support matrix is a kernel, whose run is
// a subgraph of one node. So the tests of kernels judge a device as well.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <deque>
#include <set>

#include "node_run.hpp"
#include "tests/conformance/kernel_test.hpp"
#include "tests/growth/plugin_under_test.hpp"
#include "unsupported.hpp"

namespace tenon::conformance {
namespace {

// What the thunks of a kernel need, behind its table of functions.
struct Declared {
  tn_cpu_kernel kernel;  // first: desc.impl points at it
  tn_kernel_desc desc;
  std::string id;
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
  NodeRun run(*d.device, *d.host, *query->node, query->t, query->n_in, query->n_out);
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
  NodeRun node(*d.device, *d.host, *args->node, args->t, args->n_in, args->n_out);
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

// What was declined must be listed, and what is listed must have been declined.
class Environment : public testing::Environment {
 public:
  explicit Environment(const std::set<std::string>& declined) : declined_(declined) {}
  void TearDown() override {
    std::set<std::string> listed;
    for (const Unsupported& u : k_unsupported) listed.insert(std::string(u.op) + ": " + u.why);
    for (const std::string& d : declined_)
      EXPECT_TRUE(listed.contains(d)) << "declined, and not in the list: " << d;
    if (testing::GTEST_FLAG(filter) != "*") return;
    for (const std::string& l : listed)
      EXPECT_TRUE(declined_.contains(l)) << "in the list, and not declined: " << l;
  }

 private:
  const std::set<std::string>& declined_;
};

class DevicePack {
 public:
  DevicePack() {
    const char* plugin = plugin_under_test("TENON_GPU_PLUGIN", TENON_GPU_PLUGIN);
    const char* index = std::getenv("TENON_GPU_DEVICE");
    std::string why;
    device_ = Device::open(*pack_->host, plugin,
                           index != nullptr ? static_cast<uint32_t>(std::atoi(index)) : 0, why);
    pack_->path = plugin;
    pack_->refusal = device_ != nullptr ? "" : why;
    if (device_ == nullptr) return;
    pack_->name = device_->backend();
    for (const tn_op_decl* decl : device_->ops())
      if (std::ranges::none_of(device_->ops(), [&](const auto* d) { return continues(*d, *decl); }))
        add(*decl);
    std::printf("    %s on %s: %zu kernels\n", plugin, device_->name().c_str(), kernels_.size());
    packs_ = {pack_};
    testing::AddGlobalTestEnvironment(new Environment(declined_));
  }

  const KernelPacks& packs() const { return packs_; }
  const std::string& refusal() const { return pack_->refusal; }

 private:
  void add(const tn_op_decl& decl) {
    Declared& d = kernels_.emplace_back();
    d.kernel = {sizeof d.kernel, 0, check, plan, run};
    d.id = id_of(device_->backend(), decl);
    d.device = device_.get();
    d.host = pack_->host.get();
    d.declined = &declined_;
    d.desc = {
        sizeof d.desc,   0,       d.id.c_str(), TN_SLOT_CPU,     decl.op,       decl.in_dtypes,
        decl.out_dtypes, nullptr, nullptr,      decl.arithmetic, decl.features, &d.kernel};
    pack_->kernels.push_back(&d.desc);
  }

  std::shared_ptr<KernelPack> pack_ = std::make_shared<KernelPack>();
  std::unique_ptr<Device> device_;
  std::deque<Declared> kernels_;
  std::set<std::string> declined_;
  KernelPacks packs_;
};

const DevicePack& device_pack() {
  static const DevicePack pack;
  return pack;
}

TEST(DeviceUnderTest, Opens) { EXPECT_EQ(device_pack().refusal(), ""); }

}  // namespace

const KernelPacks& packs_under_test() { return device_pack().packs(); }

}  // namespace tenon::conformance
