// A device: hands each call to the part that knows it.
// Once it is lost, whatever starts something says so, and freeing still works.
#pragma once

#include <tenon/sdk/device.hpp>

#include "builds.hpp"
#include "staging.hpp"
#include "stream.hpp"

namespace tenon::opencl {

class Device final : public sdk::Device {
 public:
  static tn_status open(const tn_host* host, const Api& api, const Physical& physical,
                        gpu::Faults& faults, tn_device** out);
  explicit Device(std::unique_ptr<Gpu> gpu)
      : gpu_(std::move(gpu)),
        memory_(*gpu_),
        staging_(*gpu_),
        builds_(*gpu_),
        stream_(*gpu_, memory_) {}

  tn_status heaps(tn_heap* first, uint32_t stride, uint32_t cap, uint32_t* n) override;
  tn_status buffer_alloc(uint32_t heap, uint64_t size, uint32_t usage, tn_buffer** out) override;
  void buffer_free(tn_buffer* freed) override;

  tn_status timeline_create(uint64_t initial, tn_timeline** out) override;
  void timeline_destroy(tn_timeline* destroyed) override;
  tn_status timeline_query(tn_timeline* queried, uint64_t* value) override;
  tn_status timeline_wait(tn_timeline* awaited, uint64_t value, uint64_t timeout_ns) override;

  tn_status queue_open(uint32_t kind, tn_queue** out) override;
  void queue_close(tn_queue* closed) override;
  tn_status submit(tn_queue* to, const tn_submit* work) override;

  tn_status supports(const tn_node_query* query, tn_support* inout) override;
  tn_status compile(const tn_subgraph* graph, const tn_compile_opts* opts, tn_plan** out) override;
  tn_status plan_info(const tn_plan* asked, tn_plan_info* inout) override;
  void plan_free(tn_plan* freed) override;

  tn_status weight_put(const tn_weight_desc* desc, tn_weight** out) override;
  tn_status weights_commit(tn_weight_report* inout) override;
  void weight_free(tn_weight* freed) override;

  tn_status kv_create(const tn_kv_desc* desc, tn_kv** out) override;
  void kv_free(tn_kv* freed) override;
  tn_status kv_size(const tn_kv_desc* desc, uint64_t* bytes) override;

 private:
  std::unique_ptr<Gpu> gpu_;  // first: the others use it
  Memory memory_;
  Staging staging_;
  Builds builds_;
  Stream stream_;
  tn_weight_report weights_{};
};

}  // namespace tenon::opencl
