// Validation of queues and submissions:
// commands are checked and translated to the plugin's handles.
#include "framework/validation/layer.hpp"
#include "framework/validation/submission.hpp"

namespace tenon::validation {
namespace {

tn_status queue_open(tn_device* dev, std::uint32_t kind, tn_queue** out) {
  Call call(dev, "queue_open");
  call.require(out != nullptr, "out is NULL");
  call.require(kind == TN_QUEUE_COMPUTE, "there is no queue kind " + std::to_string(kind));
  if (call.wrong()) return TN_ERR_INVALID;
  tn_queue* queue = nullptr;
  const tn_status status = call.api().queue_open(call.device(), kind, &queue);
  return call.answer(status, queue, Kind::queue, out);
}

void queue_close(tn_device* dev, tn_queue* queue) {
  Call call(dev, "queue_close", Call::Thread::dev);
  Handle* handle = call.live(queue, Kind::queue);
  if (handle != nullptr) call.alone(handle->busy, handle->name());
  if (call.wrong() || call.take(queue, Kind::queue) == nullptr) return;
  call.api().queue_close(call.device(), inner<tn_queue>(handle));
  call.layer().order.closed(*handle);
}

tn_status submit(tn_device* dev, tn_queue* queue, const tn_submit* submission) {
  Call call(dev, "submit");
  Handle* handle = call.live(queue, Kind::queue);
  if (handle != nullptr) call.alone(handle->busy, handle->name());
  if (call.lost()) {
    call.host_error("the device is lost");
    return TN_ERR_DEVICE_LOST;
  }
  if (!call.sized(submission, TN_SIZE_1_0_tn_submit, "tn_submit") || call.wrong())
    return TN_ERR_INVALID;
  Submission translated(call, *handle, *submission);
  if (call.wrong()) return TN_ERR_INVALID;
  const tn_status status =
      call.answer(call.api().submit(call.device(), inner<tn_queue>(handle), &translated.get()));
  if (status == TN_OK) translated.accept();
  return status;
}

}  // namespace

void fill_queues(Layer& layer) {
  tn_device_api& t = layer.table;
  t.queue_open = queue_open;
  t.queue_close = queue_close;
  t.submit = submit;
}

}  // namespace tenon::validation
