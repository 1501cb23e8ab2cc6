// Scenario: what a host does with a device, once and in short: memory, an upload, a plan of two sums, a
// weight, a cache. The first call that fails ends it; everything is freed all the same.
#pragma once

#include <tenon/abi/ops.h>

#include "tests/sdk/foreign_device.hpp"

namespace tenon::conformance {

struct Outcome {
  tn_status status = TN_OK;
  std::string why;
  std::vector<float> sums;

  bool right() const { return status == TN_OK && sums == std::vector<float>(64, 7.0f); }
};

class Scenario {
 public:
  Scenario(TestHost& host, const tn_backend_factory& factory, tn_backend* backend)
      : host_(host), factory_(factory), api_(*factory.api), backend_(backend) {}

  Outcome run() {
    host_.set_error("");
    Outcome outcome;
    outcome.status = work(outcome.sums);
    outcome.why = host_.last_error();
    if (device_ != nullptr) free_all();
    return outcome;
  }

 private:
  static constexpr uint64_t k_bytes = 256;

  tn_status work(std::vector<float>& sums) {
    const tn_open_opts opts{sizeof opts, 0, 0, 0};
    tn_status s = factory_.open(backend_, 0, &opts, &device_);
    if (s == TN_OK) s = api_.queue_open(device_, TN_QUEUE_COMPUTE, &queue_);
    if (s == TN_OK) s = api_.timeline_create(device_, 0, &done_);
    if (s == TN_OK) s = put_weight();
    if (s == TN_OK) s = make_cache();
    if (s == TN_OK) s = api_.buffer_alloc(device_, 0, 4 * k_bytes, TN_USAGE_ACTIVATIONS, &buffer_);
    if (s == TN_OK) s = compile();
    for (int step = 0; s == TN_OK && step < 3; ++step) s = compute(sums);
    return s;
  }

  tn_status put_weight() {
    tn_tensor tensor = graph_.describe("f32", {64});
    tensor.role = TN_ROLE_WEIGHT;
    tn_weight_desc desc{};
    desc.struct_size = sizeof desc;
    desc.tensor = &tensor;
    desc.data = ones_.data();
    desc.bytes = k_bytes;
    const tn_status s = api_.weight_put(device_, &desc, &weight_);
    tn_weight_report report{};
    report.struct_size = sizeof report;
    return s == TN_OK ? api_.weights_commit(device_, &report) : s;
  }

  tn_status make_cache() {
    tn_state_desc state{};
    state.struct_size = sizeof state;
    state.kind = TN_STATE_KV;
    state.n_kv_heads = 2;
    state.dk = state.dv = 8;
    state.dtype = host_.intern(TN_KIND_DTYPE, "f32");
    const uint64_t pages = 2;
    const tn_kv_desc desc{sizeof desc, 0, 1, sizeof state, &state, &pages, 1, TN_PAGE_POSITIONS};
    return api_.kv_create(device_, &desc, &kv_);
  }

  // c = a + b, d = c + b, then d + w.
  tn_status compile() {
    const uint32_t a = graph_.tensor({64}, 0), b = graph_.tensor({64}, k_bytes);
    const uint32_t c = graph_.tensor({64}, 2 * k_bytes), d = graph_.tensor({64}, 3 * k_bytes);
    graph_.node(TN_OP_ADD, {a, b}, c);
    graph_.node(TN_OP_ADD, {c, b}, d);
    const uint32_t w = graph_.weight(graph_.describe("f32", {64}), weight_);
    graph_.node(TN_OP_ADD, {d, w}, a);
    const tn_compile_opts opts{sizeof opts, 0, 0, 0, nullptr};
    return api_.compile(device_, &graph_.graph(), &opts, &plan_);
  }

  tn_status compute(std::vector<float>& sums) {
    sums.assign(64, 0.0f);
    const tn_binding binding{buffer_, 0};
    const tn_cmd_write write{{sizeof write, TN_CMD_WRITE}, inputs_.data(), buffer_, 0, 2 * k_bytes};
    const tn_cmd_execute execute{
        {sizeof execute, TN_CMD_EXECUTE}, plan_, nullptr, &binding, nullptr, 1, 0, nullptr};
    const tn_cmd_read read{{sizeof read, TN_CMD_READ}, buffer_, 0, k_bytes, sums.data()};
    const tn_cmd* cmds[] = {&write.head, &execute.head, &read.head};
    const tn_point signal{done_, ++steps_};
    const tn_submit submit{sizeof submit, 0, nullptr, &signal, cmds, 0, 1, 3, 0, nullptr, &result_};
    const tn_status s = api_.submit(device_, queue_, &submit);
    return s == TN_OK ? api_.timeline_wait(device_, done_, steps_, UINT64_MAX) : s;
  }

  void free_all() {
    if (queue_ != nullptr) api_.queue_close(device_, queue_);
    api_.plan_free(device_, plan_);
    api_.weight_free(device_, weight_);
    api_.kv_free(device_, kv_);
    api_.buffer_free(device_, buffer_);
    api_.timeline_destroy(device_, done_);
    api_.close(device_);
  }

  TestHost& host_;
  const tn_backend_factory& factory_;
  const tn_device_api& api_;
  tn_backend* backend_;
  GraphBuilder graph_{host_};
  const std::vector<float> ones_ = std::vector<float>(64, 1.0f);
  const std::vector<float> inputs_ = std::vector<float>(128, 2.0f);  // a and b
  tn_device* device_ = nullptr;
  tn_queue* queue_ = nullptr;
  tn_timeline* done_ = nullptr;
  tn_buffer* buffer_ = nullptr;
  tn_weight* weight_ = nullptr;
  tn_kv* kv_ = nullptr;
  tn_plan* plan_ = nullptr;
  uint64_t steps_ = 0;
  tn_status result_ = TN_OK;
};

}  // namespace tenon::conformance
