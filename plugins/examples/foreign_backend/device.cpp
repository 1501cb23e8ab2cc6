// Checks the arguments of each call; the work is elsewhere.
#include "device.hpp"

#include <chrono>
#include <string>

#include "plan.hpp"
#include "queue.hpp"
#include "timeline.hpp"
#include "types.hpp"

namespace foreign {

using tenon::sdk::fail;
using tenon::sdk::reply;
using tenon::sdk::same_text;

namespace {

constexpr const char* k_both_layouts = "foreign.r16/1 plain";  // k_r16 first

bool groups_fit(const tn_host* host, const Op& op, const tn_tensor& w) {
  return op.of_weights &&
         Weight::groups_fit(find_type(host->id_name(host->ctx, w.dtype))->row_bytes(w.dim[1]));
}

}  // namespace

tn_status Device::alive() const {
  return lost_ ? fail(host_, TN_ERR_DEVICE_LOST, "the device was lost; open it anew") : TN_OK;
}

tn_status Device::heaps(tn_heap* first, uint32_t stride, uint32_t cap, uint32_t* n) {
  if (const tn_status status = alive(); status != TN_OK) return status;
  tenon::sdk::reply_list(first, stride, cap, n, 1, [this](uint32_t) {
    return tn_heap{sizeof(tn_heap),      TN_HEAP_DEVICE_LOCAL, faults_.capacity(),
                   memory_.free_bytes(), k_max_alloc,          0,
                   k_alignment};
  });
  return TN_OK;
}

tn_status Device::buffer_alloc(uint32_t heap, uint64_t size, uint32_t, tn_buffer** out) {
  if (const tn_status status = alive(); status != TN_OK) return status;
  if (heap != 0 || size == 0) return fail(host_, TN_ERR_INVALID, "no such heap, or no bytes");
  if (size > k_max_alloc) return fail(host_, TN_ERR_INVALID, "a buffer has at most 1 MiB");
  std::unique_ptr<Block> made = memory_.allocate(size);
  if (made == nullptr) return fail(host_, TN_ERR_OOM, "the device's memory is full");
  *out = buffer_handle(made.release());
  return TN_OK;
}

void Device::buffer_free(tn_buffer* freed) { delete block(freed); }

tn_status Device::timeline_create(uint64_t initial, tn_timeline** out) {
  if (const tn_status status = alive(); status != TN_OK) return status;
  *out = handle(new Timeline(initial, lost_));
  return TN_OK;
}

void Device::timeline_destroy(tn_timeline* destroyed) { delete timeline(destroyed); }

// The work failed on the thread of a queue: whoever asks is told.
tn_status Device::told(tn_status status) const {
  if (status == TN_OK || status == TN_ERR_TIMEOUT) return status;
  if (status == TN_ERR_DEVICE_LOST) return alive();
  return fail(host_, status,
              status == TN_ERR_INVALID ? "nothing that was submitted signals this"
                                       : "the work that signals the timeline failed");
}

tn_status Device::timeline_query(tn_timeline* queried, uint64_t* value) {
  return told(timeline(queried)->query(value));
}

tn_status Device::timeline_wait(tn_timeline* awaited, uint64_t value, uint64_t timeout_ns) {
  return told(timeline(awaited)->wait(value, timeout_ns));
}

tn_status Device::queue_open(uint32_t, tn_queue** out) {
  if (const tn_status status = alive(); status != TN_OK) return status;
  *out = handle(new Queue({host_, memory_, faults_, lost_}));
  return TN_OK;
}

void Device::queue_close(tn_queue* closed) { delete queue(closed); }

tn_status Device::submit(tn_queue* to, const tn_submit* work) {
  const tn_status status = alive();
  return status == TN_OK ? queue(to)->submit(work) : status;
}

tn_status Device::supports(const tn_node_query* query, tn_support* inout) {
  if (const tn_status status = alive(); status != TN_OK) return status;
  if (tenon::sdk::must_decline(query->flags) || tenon::sdk::must_decline(query->node->flags))
    return TN_ERR_UNSUPPORTED;
  const char* why = nullptr;
  const Op* op = find_op(host_, *query->node, query->t, &why);
  if (op != nullptr && op->of_state && !keeps_cache_) {
    why = "this device keeps no cache";
    op = nullptr;
  }
  if (op == nullptr) fail(host_, TN_ERR_UNSUPPORTED, why);
  const uint32_t verdict = op != nullptr ? TN_SUPPORT_YES : TN_SUPPORT_NO;
  const bool grouped = op != nullptr && groups_fit(host_, *op, *query->t[0]);
  reply(inout, tn_support{sizeof(tn_support), verdict, grouped ? k_both_layouts : TN_LAYOUT_PLAIN});
  return TN_OK;
}

tn_status Device::compile(const tn_subgraph* graph, const tn_compile_opts* opts, tn_plan** out) {
  if (const tn_status status = alive(); status != TN_OK) return status;
  if (tenon::sdk::must_decline(graph->flags) || tenon::sdk::must_decline(opts->flags))
    return fail(host_, TN_ERR_UNSUPPORTED, "unknown flags");
  std::unique_ptr<Plan> made;
  const tn_status status = Plan::compile(host_, memory_, *graph, made);
  if (status == TN_OK) *out = handle(made.release());
  return status;
}

tn_status Device::plan_info(const tn_plan* asked, tn_plan_info* inout) {
  reply(inout, plan(asked)->info());
  return TN_OK;
}

void Device::plan_free(tn_plan* freed) { delete plan(freed); }

tn_status Device::weight_put(const tn_weight_desc* desc, tn_weight** out) {
  if (const tn_status status = alive(); status != TN_OK) return status;
  if (tenon::sdk::must_decline(desc->flags))
    return fail(host_, TN_ERR_UNSUPPORTED, "unknown flags");
  if (tenon::sdk::raised(desc->cancel)) return TN_ERR_CANCELLED;
  const auto start = std::chrono::steady_clock::now();
  faults_.take_memory();
  std::unique_ptr<Weight> made;
  if (const tn_status status = read_weight(*desc, made); status != TN_OK) return status;
  const std::chrono::nanoseconds spent = std::chrono::steady_clock::now() - start;
  ++weights_.n_weights;
  weights_.uploaded_bytes += desc->bytes;
  weights_.upload_ns += static_cast<uint64_t>(spent.count());
  *out = weight_handle(made.release());
  return TN_OK;
}

tn_status Device::read_weight(const tn_weight_desc& desc, std::unique_ptr<Weight>& out) {
  const tn_tensor& t = *desc.tensor;
  const Type* type = find_type(host_->id_name(host_->ctx, t.dtype));
  const char* layout = t.layout != 0 ? host_->id_name(host_->ctx, t.layout) : TN_LAYOUT_PLAIN;
  const bool grouped = same_text(layout, k_r16);
  const bool packed = desc.layout != nullptr && !same_text(desc.layout->id, TN_LAYOUT_PLAIN);
  if (type == nullptr || t.rank == 0 || t.rank > TN_MAX_RANK || packed ||
      (!grouped && !same_text(layout, TN_LAYOUT_PLAIN)))
    return fail(host_, TN_ERR_UNSUPPORTED, "a type or layout that this device does not store");
  int64_t rows = 1;
  for (uint32_t a = 0; a + 1 < t.rank; ++a) rows *= t.dim[a];
  const int64_t width = t.dim[t.rank - 1];
  if (rows <= 0 || width <= 0 || width % type->block_values != 0 ||
      static_cast<uint64_t>(rows * type->row_bytes(width)) != desc.bytes)
    return fail(host_, TN_ERR_INVALID, "the bytes of a weight are not those of its shape");
  const tn_status status = Weight::make(memory_, *type, rows, width, grouped,
                                        static_cast<const std::byte*>(desc.data), out);
  return status == TN_OK ? status : fail(host_, status, "a row is too long, or the memory is full");
}

tn_status Device::weights_commit(tn_weight_report* inout) {
  if (const tn_status status = alive(); status != TN_OK) return status;
  reply(inout, weights_);
  weights_ = {};
  return TN_OK;
}

void Device::weight_free(tn_weight* freed) { delete weight(freed); }

tn_status Device::kv_create(const tn_kv_desc* desc, tn_kv** out) {
  if (const tn_status status = alive(); status != TN_OK) return status;
  if (!keeps_cache_) return fail(host_, TN_ERR_UNSUPPORTED, "this device keeps no cache");
  std::unique_ptr<Kv> made;
  const tn_status status = Kv::make(host_, memory_, *desc, made);
  if (status == TN_OK) *out = handle(made.release());
  return status;
}

void Device::kv_free(tn_kv* freed) { delete kv(freed); }

tn_status Device::kv_size(const tn_kv_desc* desc, uint64_t* bytes) {
  if (const tn_status status = alive(); status != TN_OK) return status;
  if (!keeps_cache_) return fail(host_, TN_ERR_UNSUPPORTED, "this device keeps no cache");
  return Kv::size(host_, *desc, bytes);
}

}  // namespace foreign
