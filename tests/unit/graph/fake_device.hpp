// FakeDevice: a backend in memory that records what it is told, and computes add, mul and scale.
#pragma once

#include <tenon/abi/ops.h>

#include <deque>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "framework/placement/candidates.hpp"

namespace tenon::graph_test {

// A compiled subgraph, deeply copied: the host's arrays end with compile.
struct FakePlan {
  struct Step {
    std::string op, name;
    std::vector<std::uint32_t> in, out;
    std::vector<std::byte> params;
    const tn_kernel_desc* bound;
  };
  std::vector<tn_tensor> tensors;
  std::vector<Step> nodes;
  std::vector<std::uint32_t> live_out;
  std::vector<tn_weight*> weights;
  std::vector<std::int64_t> max_syms;
};

class FakeDevice {
 public:
  // Called for supports(): nullptr, or why not.
  std::function<const char*(const tn_node_query&)> refuse;
  // The layouts that supports() answers for an op; none: plain.
  std::map<std::string, const char*> layouts;
  std::vector<FakePlan> compiled;
  std::vector<std::string> log;  // "write 64 8", "execute 3", "read 0 4"; sizes in bytes
  tn_status next_submit = TN_OK, next_result = TN_OK, next_compile = TN_OK;
  bool knows_sizes = false;                    // TN_COMPILE_SIZES; else it is declined
  std::vector<tn_weight*> weights_asked_with;  // the last time sizes were asked
  bool poisoned = false;
  bool late = false;  // work is done when it is waited for, with what memory holds then
  int waits = 0;      // for work that was not done
  std::uint64_t alignment = 64, max_alloc = std::uint64_t{1} << 40, max_range = 0;  // of its heap
  std::string features;  // names that kernels may need of it
  int live = 0;          // handles not yet freed, the device included
  std::vector<const std::uint32_t*> cancels;
  std::vector<std::string> freed;  // "queue", "plan", …, in order

  // `slot`: slots, separated by spaces; "" for a device that is asked by itself.
  FakeDevice(const HostTable& host, std::string id, std::string slot, bool host_memory);
  FakeDevice(const FakeDevice&) = delete;
  FakeDevice& operator=(const FakeDevice&) = delete;

  Target target(const std::string& pack = "");
  Result<Device> open();
  tn_device_api& api() { return api_; }
  tn_backend_factory& factory() { return factory_; }
  DeviceInfo info() const;
  void give_own_ops();  // beside its slots

  // Behind the table.
  tn_status run(const tn_submit& submit);
  tn_status compile(const tn_subgraph& graph, const tn_compile_opts& opts, tn_plan** out);
  tn_status supports(const tn_node_query& query, tn_support& answer) const;
  std::uint64_t timeline = 0;
  void finish();  // all that was submitted

 private:
  // A submission, copied as the contract says: the host's arrays end with submit.
  struct Copied {
    struct Cmd {
      tn_cmd_write write{};
      tn_cmd_read read{};
      tn_cmd_execute execute{};
      std::vector<tn_binding> bindings{};
      std::vector<std::int64_t> syms{};
      std::uint32_t type = 0;
    };
    std::vector<Cmd> cmds;
    std::uint64_t signal;
    tn_status* result;
  };
  static Copied copy(const tn_submit& submit);
  void work(const Copied& submission);
  void execute(const tn_cmd_execute& cmd);

  const HostTable& host_;
  std::string id_, slot_;
  bool host_memory_;
  tn_device_api api_;
  tn_backend_factory factory_;
  std::deque<Copied> pending_;
};

// Kernels, packs and layouts that live as long as the test.
class FakeKernels {
 public:
  struct Spec {
    const char* id;
    const char* op;
    std::vector<const char*> in, out = {"f32"};
    std::int32_t score = 100;
    std::vector<const char*> layouts = {};  // empty: plain only
    const char* arithmetic = nullptr;
    std::uint64_t features = 0;
    const char* pack = "main";
    const char* slot = "fake/1";
    std::vector<const char*> needs = {};
  };
  const tn_kernel_desc* add(Spec spec);
  void add_layout(const char* id, const char* dtype, const char* slot = "fake/1");
  void add_rule(const std::string& text);
  KernelSources sources() const { return {kernels_, packs_, layouts_, rules_}; }

 private:
  std::size_t pack(const char* name);
  std::deque<Spec> specs_;
  std::deque<tn_kernel_desc> descs_;
  std::deque<tn_kernel_factory> factories_;
  std::deque<tn_layout_desc> layout_descs_;
  std::vector<KernelOffer> kernels_;
  std::vector<PackOffer> packs_;
  std::vector<LayoutOffer> layouts_;
  std::vector<KernelRule> rules_;
};

}  // namespace tenon::graph_test
