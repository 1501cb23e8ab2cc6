// Checks the arguments of each call; the work is elsewhere.
#include "device.hpp"

#include <chrono>

#include "kv.hpp"
#include "plan.hpp"
#include "target.hpp"

namespace tenon::opencl {
namespace {

// The host's queues have nothing of their own: all work of the device is one stream.
struct Queue {};
tn_queue* handle(Queue* queue) { return reinterpret_cast<tn_queue*>(queue); }
Queue* queue(tn_queue* handle) { return reinterpret_cast<Queue*>(handle); }

}  // namespace

tn_status Device::open(const tn_host* host, const Api& api, const Physical& physical,
                       gpu::Faults& faults, tn_device** out) {
  std::unique_ptr<Gpu> gpu;
  const tn_status status = Gpu::open(host, api, physical, faults, gpu);
  if (status == TN_OK) *out = sdk::handle(new Device(std::move(gpu)));
  return status;
}

tn_status Device::heaps(tn_heap* first, uint32_t stride, uint32_t cap, uint32_t* n) {
  if (const tn_status status = gpu_->alive(); status != TN_OK) return status;
  sdk::reply_list(first, stride, cap, n, 1, [this](uint32_t) { return memory_.heap(); });
  return TN_OK;
}

tn_status Device::buffer_alloc(uint32_t heap, uint64_t size, uint32_t, tn_buffer** out) {
  if (const tn_status status = gpu_->alive(); status != TN_OK) return status;
  if (heap != 0) return gpu_->refuse(TN_ERR_INVALID, "no such heap");
  std::unique_ptr<Block> made;
  const tn_status status = memory_.allocate(size, made);
  if (status == TN_OK) *out = opencl::handle(made.release());
  return status;
}

void Device::buffer_free(tn_buffer* freed) { delete block(freed); }

tn_status Device::timeline_create(uint64_t initial, tn_timeline** out) {
  if (const tn_status status = gpu_->alive(); status != TN_OK) return status;
  *out = gpu::handle(new Timeline(initial));
  return TN_OK;
}

void Device::timeline_destroy(tn_timeline* destroyed) { delete gpu::timeline(destroyed); }

tn_status Device::timeline_query(tn_timeline* queried, uint64_t* value) {
  return stream_.query(*gpu::timeline(queried), value);
}

tn_status Device::timeline_wait(tn_timeline* awaited, uint64_t value, uint64_t timeout_ns) {
  return stream_.wait(*gpu::timeline(awaited), value, timeout_ns);
}

tn_status Device::queue_open(uint32_t, tn_queue** out) {
  if (const tn_status status = gpu_->alive(); status != TN_OK) return status;
  *out = handle(new Queue);
  return TN_OK;
}

void Device::queue_close(tn_queue* closed) {
  if (closed != nullptr) stream_.drain();
  delete queue(closed);
}

tn_status Device::submit(tn_queue*, const tn_submit* work) {
  if (work == nullptr) return gpu_->refuse(TN_ERR_INVALID, "no submission");
  return stream_.submit(*work);
}

tn_status Device::supports(const tn_node_query* query, tn_support* inout) {
  if (const tn_status status = gpu_->alive(); status != TN_OK) return status;
  return gpu::supports(Target(*gpu_, memory_, builds_), *query, inout);
}

tn_status Device::compile(const tn_subgraph* graph, const tn_compile_opts* opts, tn_plan** out) {
  if (const tn_status status = gpu_->alive(); status != TN_OK) return status;
  if (sdk::must_decline(graph->flags) || sdk::must_decline(opts->flags, TN_COMPILE_SIZES))
    return gpu_->refuse(TN_ERR_UNSUPPORTED, "unknown flags");
  std::unique_ptr<Plan> made;
  const tn_status status = Plan::compile(*gpu_, memory_, builds_, *graph, *opts, made);
  if (status == TN_OK) *out = opencl::handle(made.release());
  return status;
}

tn_status Device::plan_info(const tn_plan* asked, tn_plan_info* inout) {
  sdk::reply(inout, plan(asked)->info());
  return TN_OK;
}

void Device::plan_free(tn_plan* freed) { delete plan(freed); }

tn_status Device::weight_put(const tn_weight_desc* desc, tn_weight** out) {
  if (const tn_status status = gpu_->alive(); status != TN_OK) return status;
  if (sdk::must_decline(desc->flags)) return gpu_->refuse(TN_ERR_UNSUPPORTED, "unknown flags");
  if (sdk::raised(desc->cancel)) return TN_ERR_CANCELLED;
  const auto start = std::chrono::steady_clock::now();
  std::unique_ptr<Weight> made;
  const tn_status status = Weight::put(*gpu_, memory_, staging_, *desc, made);
  if (status != TN_OK) return status;
  const std::chrono::nanoseconds spent = std::chrono::steady_clock::now() - start;
  ++weights_.n_weights;
  weights_.uploaded_bytes += desc->bytes;
  weights_.upload_ns += static_cast<uint64_t>(spent.count());
  *out = opencl::handle(made.release());
  return TN_OK;
}

tn_status Device::weights_commit(tn_weight_report* inout) {
  if (const tn_status status = gpu_->alive(); status != TN_OK) return status;
  const auto start = std::chrono::steady_clock::now();
  if (const tn_status status = staging_.finish(); status != TN_OK) return status;
  const std::chrono::nanoseconds spent = std::chrono::steady_clock::now() - start;
  weights_.upload_ns += static_cast<uint64_t>(spent.count());
  sdk::reply(inout, weights_);
  weights_ = {};
  return TN_OK;
}

void Device::weight_free(tn_weight* freed) { delete weight(freed); }

tn_status Device::kv_create(const tn_kv_desc* desc, tn_kv** out) {
  if (const tn_status status = gpu_->alive(); status != TN_OK) return status;
  std::unique_ptr<Kv> made;
  const tn_status status = Kv::make(*gpu_, memory_, *desc, made);
  if (status == TN_OK) *out = opencl::handle(made.release());
  return status;
}

void Device::kv_free(tn_kv* freed) { delete kv(freed); }

tn_status Device::kv_size(const tn_kv_desc* desc, uint64_t* bytes) {
  if (const tn_status status = gpu_->alive(); status != TN_OK) return status;
  return Kv::size(*gpu_, *desc, bytes);
}

}  // namespace tenon::opencl
