// CpuDevice: NULL checks and handles on one side, the parts on the other.
#include "backends/cpu/device/cpu_device.hpp"

#include <algorithm>
#include <cstring>

#include "backends/cpu/device/error.hpp"
#include "backends/cpu/device/kv_cache.hpp"
#include "backends/cpu/device/machine.hpp"
#include "backends/cpu/device/plan.hpp"
#include "backends/cpu/device/queue.hpp"
#include "backends/cpu/device/timeline.hpp"

namespace tenon::cpu {

namespace {

// Hands a new object out as a handle, when there is one and a place for it.
template <class Object, class Handle, class Make>
tn_status hand_out(Handle** out, Make make) {
  Object* made = nullptr;
  const tn_status status = make(out != nullptr ? &made : nullptr);
  if (status == TN_OK) *out = handle(made);
  return status;
}

constexpr unsigned k_max_threads = 1024;

unsigned worker_count(unsigned asked) {
  return std::clamp(asked != 0 ? asked : read_machine().cores, 1u, k_max_threads);
}

}  // namespace

CpuDevice::CpuDevice(const tn_host* host, unsigned n_threads)
    : host_(host), pool_(worker_count(n_threads), read_machine().cores), weights_(host, pool_) {
  if (pool_.size() < worker_count(n_threads)) {
    host_->log(host_->ctx, TN_LOG_WARN, "cpu", "the system refused threads; running with fewer");
  }
}

tn_status CpuDevice::heaps(tn_heap* first, uint32_t stride, uint32_t cap, uint32_t* n) {
  if (n == nullptr || (cap != 0 && first == nullptr)) return invalid("get_heaps: NULL argument");
  sdk::reply_list(first, stride, cap, n, 1, [](uint32_t) { return heap(); });
  return TN_OK;
}

tn_status CpuDevice::buffer_alloc(uint32_t heap, uint64_t size, uint32_t, tn_buffer** out) {
  return hand_out<Buffer>(out,
                          [&](Buffer** made) { return allocate_buffer(host_, heap, size, made); });
}
void CpuDevice::buffer_free(tn_buffer* freed) { delete buffer(freed); }
tn_status CpuDevice::buffer_map(tn_buffer* mapped, uint64_t offset, uint64_t size, uint32_t rw,
                                void** out) {
  return map_buffer(host_, buffer(mapped), offset, size, rw, out);
}
tn_status CpuDevice::buffer_unmap(tn_buffer* mapped) {
  return mapped != nullptr ? TN_OK : invalid("buffer_unmap: buffer is NULL");
}

tn_status CpuDevice::timeline_create(uint64_t initial, tn_timeline** out) {
  if (out == nullptr) return invalid("timeline_create: out is NULL");
  *out = handle(new Timeline(initial));
  return TN_OK;
}
void CpuDevice::timeline_destroy(tn_timeline* destroyed) { delete timeline(destroyed); }
// Failures happened on other threads: whoever asks is told why.
tn_status CpuDevice::reason_of(const Timeline& asked, tn_status status) const {
  const bool poisoned = status != TN_OK && status != TN_ERR_TIMEOUT;
  return poisoned ? sdk::fail(host_, status, asked.why()) : status;
}
tn_status CpuDevice::timeline_query(tn_timeline* queried, uint64_t* value) {
  if (queried == nullptr || value == nullptr) return invalid("timeline_query: NULL argument");
  return reason_of(*timeline(queried), timeline(queried)->query(value));
}
tn_status CpuDevice::timeline_wait(tn_timeline* awaited, uint64_t value, uint64_t timeout_ns) {
  if (awaited == nullptr) return invalid("timeline_wait: timeline is NULL");
  return reason_of(*timeline(awaited), timeline(awaited)->wait(value, timeout_ns));
}
tn_status CpuDevice::queue_open(uint32_t kind, tn_queue** out) {
  if (out == nullptr) return invalid("queue_open: out is NULL");
  if (kind != TN_QUEUE_COMPUTE) {
    return refuse(host_, TN_ERR_UNSUPPORTED, "queue_open: unknown kind %u", kind);
  }
  *out = handle(new Queue(host_, pool_));
  return TN_OK;
}
void CpuDevice::queue_close(tn_queue* closed) { delete queue(closed); }
tn_status CpuDevice::submit(tn_queue* to, const tn_submit* work) {
  return to != nullptr ? queue(to)->submit(work) : invalid("submit: queue is NULL");
}

tn_status CpuDevice::supports(const tn_node_query* query, tn_support* inout) {
  if (query == nullptr || inout == nullptr || query->node == nullptr ||
      inout->struct_size < TN_SIZE_1_0_tn_support) {
    return invalid("supports: question or answer missing or too short");
  }
  inout->verdict = TN_SUPPORT_NO;
  if (sdk::must_decline(query->flags) || sdk::must_decline(query->node->flags)) {
    return TN_ERR_UNSUPPORTED;
  }
  const tn_host* host = query->host != nullptr ? query->host : host_;
  const char* why = nullptr;
  const tn_cpu_kernel* kernel = bound_kernel(*query->node, &why);
  if (kernel == nullptr) {
    refuse(host, TN_ERR_UNSUPPORTED, "%s: %s", or_unnamed(query->node->name), why);
  } else if (kernel->check == nullptr || kernel->check(query) == TN_OK) {
    inout->verdict = TN_SUPPORT_YES;
  }
  return TN_OK;
}

tn_status CpuDevice::compile(const tn_subgraph* graph, const tn_compile_opts* opts, tn_plan** out) {
  return hand_out<Plan>(
      out, [&](Plan** made) { return Plan::compile(host_, pool_, graph, opts, made); });
}
tn_status CpuDevice::plan_info(const tn_plan* asked, tn_plan_info* inout) {
  if (asked == nullptr || inout == nullptr) return invalid("plan_info: NULL argument");
  sdk::reply(inout, plan(asked)->info());
  return TN_OK;
}
void CpuDevice::plan_free(tn_plan* freed) { delete plan(freed); }

tn_status CpuDevice::weight_put(const tn_weight_desc* desc, tn_weight** out) {
  return hand_out<Weight>(out, [&](Weight** made) { return weights_.put(desc, made); });
}
tn_status CpuDevice::weights_commit(tn_weight_report* inout) {
  if (inout == nullptr) return invalid("weights_commit: report is NULL");
  weights_.report(inout);
  return TN_OK;
}
void CpuDevice::weight_free(tn_weight* freed) { delete weight(freed); }

tn_status CpuDevice::kv_create(const tn_kv_desc* desc, tn_kv** out) {
  return hand_out<KvCache>(out, [&](KvCache** made) { return KvCache::create(host_, desc, made); });
}
void CpuDevice::kv_free(tn_kv* freed) { delete kv_cache(freed); }
tn_status CpuDevice::kv_size(const tn_kv_desc* desc, uint64_t* bytes) {
  return KvCache::bytes_for(host_, desc, bytes);
}

}  // namespace tenon::cpu
