// Validation of weights: put, committed before they are read, freed after every plan that reads them.
#include "framework/validation/layer.hpp"

namespace tenon::validation {
namespace {

tn_status weight_put(tn_device* dev, const tn_weight_desc* desc, tn_weight** out) {
  Call call(dev, "weight_put", Call::Thread::dev);
  call.require(out != nullptr, "out is NULL");
  if (call.sized(desc, TN_SIZE_1_0_tn_weight_desc, "tn_weight_desc")) {
    call.sized(desc->tensor, TN_SIZE_1_0_tn_tensor, "tn_tensor");
    if (desc->layout != nullptr)
      call.sized(desc->layout, TN_SIZE_1_0_tn_layout_desc, "tn_layout_desc");
    call.require(desc->data != nullptr && desc->bytes > 0, "no data");
  }
  if (call.wrong()) return TN_ERR_INVALID;
  tn_weight* weight = nullptr;
  const tn_status status = call.api().weight_put(call.device(), desc, &weight);
  return call.answer(status, weight, Kind::weight, out);
}

void commit_all(Layer& layer) {
  const std::lock_guard lock(layer.mutex);
  for (const auto& [_, handle] : layer.handles)
    if (handle->kind == Kind::weight) handle->committed = true;
}

tn_status weights_commit(tn_device* dev, tn_weight_report* inout) {
  Call call(dev, "weights_commit", Call::Thread::dev);
  call.sized(inout, TN_SIZE_1_0_tn_weight_report, "tn_weight_report");
  if (call.wrong()) return TN_ERR_INVALID;
  const tn_status status = call.answer(call.api().weights_commit(call.device(), inout));
  if (status == TN_OK) commit_all(call.layer());
  return status;
}

void weight_free(tn_device* dev, tn_weight* weight) {
  Call call(dev, "weight_free", Call::Thread::dev);
  Handle* handle = call.live(weight, Kind::weight);
  if (handle != nullptr)
    call.require(handle->plans == 0, std::to_string(handle->plans) + " plans still read it");
  if (call.wrong() || call.take(weight, Kind::weight) == nullptr) return;
  call.api().weight_free(call.device(), inner<tn_weight>(handle));
}

}  // namespace

void fill_weights(Layer& layer) {
  tn_device_api& t = layer.table;
  t.weight_put = weight_put;
  t.weights_commit = weights_commit;
  t.weight_free = weight_free;
}

}  // namespace tenon::validation
