// Validation of KV caches: their shape, and rows of one page.
#include "framework/validation/layer.hpp"

namespace tenon::validation {
namespace {

void check_desc(Call& call, const tn_kv_desc* desc) {
  if (!call.sized(desc, "tn_kv_desc")) return;
  call.require(desc->n_layers > 0 && desc->layers != nullptr && desc->n_pages > 0,
               "a cache without layers or pages");
  call.require(desc->layer_stride >= sizeof(tn_kv_layer), "a stride below the size of tn_kv_layer");
  for (std::uint32_t i = 0; i < desc->n_layers && !call.wrong(); ++i)
    call.sized(&at_stride(desc->layers, desc->layer_stride, i), "tn_kv_layer");
}

tn_status kv_create(tn_device* dev, const tn_kv_desc* desc, tn_kv** out) {
  Call call(dev, "kv_create", Call::Thread::dev);
  call.require(out != nullptr, "out is NULL");
  check_desc(call, desc);
  if (call.wrong()) return TN_ERR_INVALID;
  tn_kv* kv = nullptr;
  const tn_status status = call.api().kv_create(call.device(), desc, &kv);
  Handle* handle = nullptr;
  const tn_status checked = call.answer(status, kv, Kind::kv, out, &handle);
  if (handle != nullptr) handle->size = desc->n_pages;
  return checked;
}

void kv_free(tn_device* dev, tn_kv* kv) {
  Call call(dev, "kv_free", Call::Thread::dev);
  Handle* handle = call.take(kv, Kind::kv);
  if (handle != nullptr) call.api().kv_free(call.device(), inner<tn_kv>(handle));
}

// The cache the rows are of, or nullptr after a report.
Handle* check_rows(Call& call, tn_kv* kv, const tn_kv_rows* rows) {
  Handle* handle = call.live(kv, Kind::kv);
  if (handle == nullptr || !call.sized(rows, "tn_kv_rows")) return nullptr;
  call.require(rows->page < handle->size,
               "page " + std::to_string(rows->page) + " of " + std::to_string(handle->size));
  call.require(rows->first <= TN_PAGE_POSITIONS && rows->n <= TN_PAGE_POSITIONS - rows->first,
               "rows beyond the end of a page");
  call.require(rows->k != nullptr && rows->v != nullptr, "k or v is NULL");
  return call.wrong() ? nullptr : handle;
}

tn_status kv_export(tn_device* dev, tn_kv* kv, const tn_kv_rows* rows) {
  Call call(dev, "kv_export", Call::Thread::dev);
  Handle* handle = check_rows(call, kv, rows);
  if (handle == nullptr) return TN_ERR_INVALID;
  return call.answer(call.api().kv_export(call.device(), inner<tn_kv>(handle), rows));
}

tn_status kv_import(tn_device* dev, tn_kv* kv, const tn_kv_rows* rows) {
  Call call(dev, "kv_import", Call::Thread::dev);
  Handle* handle = check_rows(call, kv, rows);
  if (handle == nullptr) return TN_ERR_INVALID;
  return call.answer(call.api().kv_import(call.device(), inner<tn_kv>(handle), rows));
}

tn_status kv_size(tn_device* dev, const tn_kv_desc* desc, std::uint64_t* bytes) {
  Call call(dev, "kv_size");
  call.require(bytes != nullptr, "bytes is NULL");
  check_desc(call, desc);
  if (call.wrong()) return TN_ERR_INVALID;
  return call.answer(call.api().kv_size(call.device(), desc, bytes));
}

}  // namespace

void fill_caches(Layer& layer) {
  tn_device_api& t = layer.table;
  t.kv_create = kv_create;
  t.kv_free = kv_free;
  t.kv_export = kv_export;
  t.kv_import = kv_import;
  t.kv_size = kv_size;
}

}  // namespace tenon::validation
