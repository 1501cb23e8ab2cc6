// Checks the arguments of each call; the work is elsewhere.
#include "device.hpp"

#include <chrono>
#include <cstring>
#include <string>

#include "plan.hpp"
#include "queue.hpp"
#include "timeline.hpp"
#include "types.hpp"

namespace foreign {

using tenon::sdk::fail;
using tenon::sdk::reply;

tn_status Device::heaps(tn_heap* first, uint32_t stride, uint32_t cap, uint32_t* n) {
  tenon::sdk::reply_list(first, stride, cap, n, 1, [this](uint32_t) {
    return tn_heap{sizeof(tn_heap),      TN_HEAP_DEVICE_LOCAL, k_capacity,
                   memory_.free_bytes(), k_capacity,           0,
                   k_alignment};
  });
  return TN_OK;
}

tn_status Device::buffer_alloc(uint32_t heap, uint64_t size, uint32_t, tn_buffer** out) {
  if (heap != 0 || size == 0) return fail(host_, TN_ERR_INVALID, "no such heap, or no bytes");
  std::unique_ptr<Block> made = memory_.allocate(size);
  if (made == nullptr) return fail(host_, TN_ERR_OOM, "the device's memory is full");
  *out = buffer_handle(made.release());
  return TN_OK;
}

void Device::buffer_free(tn_buffer* freed) { delete block(freed); }

tn_status Device::timeline_create(uint64_t initial, tn_timeline** out) {
  *out = handle(new Timeline(initial));
  return TN_OK;
}

void Device::timeline_destroy(tn_timeline* destroyed) { delete timeline(destroyed); }

// The work failed on the thread of a queue: whoever asks is told.
tn_status Device::told(tn_status status) const {
  const bool failed = status != TN_OK && status != TN_ERR_TIMEOUT;
  return failed ? fail(host_, status, "the work that signals the timeline failed") : status;
}

tn_status Device::timeline_query(tn_timeline* queried, uint64_t* value) {
  return told(timeline(queried)->query(value));
}

tn_status Device::timeline_wait(tn_timeline* awaited, uint64_t value, uint64_t timeout_ns) {
  return told(timeline(awaited)->wait(value, timeout_ns));
}

tn_status Device::queue_open(uint32_t, tn_queue** out) {
  *out = handle(new Queue(host_));
  return TN_OK;
}

void Device::queue_close(tn_queue* closed) { delete queue(closed); }

tn_status Device::submit(tn_queue* to, const tn_submit* work) { return queue(to)->submit(work); }

tn_status Device::supports(const tn_node_query* query, tn_support* inout) {
  if (tenon::sdk::must_decline(query->flags) || tenon::sdk::must_decline(query->node->flags))
    return TN_ERR_UNSUPPORTED;
  const char* why = nullptr;
  const Op* op = find_op(host_, *query->node, query->t, &why);
  if (op == nullptr) fail(host_, TN_ERR_UNSUPPORTED, why);
  const uint32_t verdict = op != nullptr ? TN_SUPPORT_YES : TN_SUPPORT_NO;
  reply(inout, tn_support{sizeof(tn_support), verdict, TN_LAYOUT_PLAIN});
  return TN_OK;
}

tn_status Device::compile(const tn_subgraph* graph, const tn_compile_opts* opts, tn_plan** out) {
  if (tenon::sdk::must_decline(graph->flags) || tenon::sdk::must_decline(opts->flags))
    return fail(host_, TN_ERR_UNSUPPORTED, "unknown flags");
  std::unique_ptr<Plan> made;
  const tn_status status = Plan::compile(host_, *graph, made);
  if (status == TN_OK) *out = handle(made.release());
  return status;
}

tn_status Device::plan_info(const tn_plan* asked, tn_plan_info* inout) {
  reply(inout, plan(asked)->info());
  return TN_OK;
}

void Device::plan_free(tn_plan* freed) { delete plan(freed); }

tn_status Device::weight_put(const tn_weight_desc* desc, tn_weight** out) {
  if (tenon::sdk::must_decline(desc->flags))
    return fail(host_, TN_ERR_UNSUPPORTED, "unknown flags");
  if (desc->cancel != nullptr && __atomic_load_n(desc->cancel, __ATOMIC_RELAXED) != 0)
    return TN_ERR_CANCELLED;
  if (desc->layout != nullptr && !tenon::sdk::same_text(desc->layout->id, TN_LAYOUT_PLAIN))
    return fail(host_, TN_ERR_UNSUPPORTED, "weights are stored plain");
  const auto start = std::chrono::steady_clock::now();
  std::unique_ptr<Block> made = memory_.allocate(desc->bytes);
  if (made == nullptr) return fail(host_, TN_ERR_OOM, "the device's memory is full");
  std::memcpy(made->at(0), desc->data, desc->bytes);
  const std::chrono::nanoseconds spent = std::chrono::steady_clock::now() - start;
  ++weights_.n_weights;
  weights_.uploaded_bytes += desc->bytes;
  weights_.upload_ns += static_cast<uint64_t>(spent.count());
  *out = weight_handle(made.release());
  return TN_OK;
}

tn_status Device::weights_commit(tn_weight_report* inout) {
  reply(inout, weights_);
  weights_ = {};
  return TN_OK;
}

void Device::weight_free(tn_weight* freed) { delete block(freed); }

}  // namespace foreign
