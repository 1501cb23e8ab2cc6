// Device: one device of a backend plugin, opened as a host would, with one buffer at a time and
// submissions that are waited for. Calls that fail are failures of the running test.
#pragma once

#include <tenon/abi/tenon.h>

#include <memory>
#include <span>
#include <string>
#include <vector>

#include "plugins/conformance/test_host.hpp"

namespace tenon::conformance {

class Device {
 public:
  // NULL: the plugin has no such device, or it does not open; `why` says so.
  static std::unique_ptr<Device> open(TestHost& host, const char* plugin, uint32_t index,
                                      std::string& why);
  ~Device();
  Device(const Device&) = delete;
  Device& operator=(const Device&) = delete;

  const std::string& name() const { return name_; }
  const char* backend() const { return factory_->id; }
  std::span<const tn_op_decl* const> ops() const;
  // Whether the device takes the node; layouts: of its weights.
  bool supports(const tn_node_query& query, std::string& layouts) const;

  // Kernel slots that it publishes, and names that kernels may need of it.
  bool has_slot(const std::string& slot) const { return is_in(slots_, slot); }
  bool has_feature(const std::string& name) const { return is_in(features_, name); }

  tn_weight* put(const tn_tensor& tensor, const tn_layout_desc* packer,
                 std::span<const uint8_t> plain);
  tn_kv* make_cache(const tn_state_desc& state, uint64_t pages);
  tn_plan* compile(const tn_subgraph& graph, std::span<const int64_t> max_syms);
  tn_buffer* allocate(uint64_t bytes);
  void commit();
  void submit(const std::vector<const tn_cmd*>& cmds);
  // Frees what was made since the last call.
  void release();

 private:
  explicit Device(TestHost& host) : host_(host) {}
  static bool is_in(const std::string& list, const std::string& name) {
    return list.find(" " + name + " ") != std::string::npos;
  }
  void expect_ok(tn_status status, const char* call) const;

  TestHost& host_;
  const tn_backend_factory* factory_ = nullptr;
  const tn_device_api* api_ = nullptr;
  tn_backend* backend_ = nullptr;
  tn_device* device_ = nullptr;
  tn_queue* queue_ = nullptr;
  tn_timeline* done_ = nullptr;
  uint64_t runs_ = 0;
  std::string name_, slots_, features_;  // lists with blanks around each name
  std::vector<tn_plan*> plans_;
  std::vector<tn_weight*> weights_;
  std::vector<tn_kv*> caches_;
  std::vector<tn_buffer*> buffers_;
};

}  // namespace tenon::conformance
