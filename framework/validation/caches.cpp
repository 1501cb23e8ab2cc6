// Validation of KV caches: their states and groups.
#include "framework/validation/layer.hpp"

namespace tenon::validation {
namespace {

void check_state(Call& call, const tn_kv_desc& desc, const tn_state_desc& state) {
  if (!call.sized(&state, TN_SIZE_1_0_tn_state_desc, "tn_state_desc")) return;
  const std::string what = "state " + std::to_string(state.id);
  call.require(state.group < desc.n_groups, what + " is of no group");
  call.require(state.n_kv_heads > 0 && state.dk > 0 && state.dv > 0, what + " has no channels");
  call.require(state.window >= 0, what + " has a negative window");
}

void check_desc(Call& call, const tn_kv_desc* desc) {
  if (!call.sized(desc, TN_SIZE_1_0_tn_kv_desc, "tn_kv_desc")) return;
  call.require(desc->n_states > 0 && desc->states != nullptr, "a cache without states");
  call.require(desc->n_groups > 0 && desc->n_pages != nullptr, "a cache without groups");
  call.require(desc->page_positions > 0, "pages without positions");
  call.require(desc->state_stride >= TN_SIZE_1_0_tn_state_desc,
               "a stride below the size of tn_state_desc");
  for (std::uint32_t i = 0; i < desc->n_states && !call.wrong(); ++i)
    check_state(call, *desc, at_stride(desc->states, desc->state_stride, i));
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
  if (handle == nullptr) return checked;
  handle->pages.assign(desc->n_pages, desc->n_pages + desc->n_groups);
  for (std::uint32_t i = 0; i < desc->n_states; ++i) {
    const tn_state_desc& state = at_stride(desc->states, desc->state_stride, i);
    handle->groups[state.id] = state.group;
  }
  return checked;
}

void kv_free(tn_device* dev, tn_kv* kv) {
  Call call(dev, "kv_free", Call::Thread::dev);
  Handle* handle = call.take(kv, Kind::kv);
  if (handle != nullptr) call.api().kv_free(call.device(), inner<tn_kv>(handle));
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
  t.kv_size = kv_size;
}

}  // namespace tenon::validation
