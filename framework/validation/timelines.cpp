// Validation of timelines: values only rise, and nobody answers one that was not signalled.
#include "framework/validation/layer.hpp"
#include "framework/validation/values.hpp"

namespace tenon::validation {
namespace {

tn_status timeline_create(tn_device* dev, std::uint64_t initial, tn_timeline** out) {
  Call call(dev, "timeline_create");
  call.require(out != nullptr, "out is NULL");
  if (call.wrong()) return TN_ERR_INVALID;
  tn_timeline* timeline = nullptr;
  const tn_status status = call.api().timeline_create(call.device(), initial, &timeline);
  Handle* handle = nullptr;
  const tn_status checked = call.answer(status, timeline, Kind::timeline, out, &handle);
  if (handle != nullptr) handle->seen = handle->signal = initial;
  return checked;
}

void timeline_destroy(tn_device* dev, tn_timeline* timeline) {
  Call call(dev, "timeline_destroy");
  Handle* handle = call.take(timeline, Kind::timeline);
  if (handle != nullptr) call.api().timeline_destroy(call.device(), inner<tn_timeline>(handle));
}

// What a call that tells of a failure leaves for the host to read.
tn_status explained(Call& call, tn_status status) {
  const auto& take_error = call.layer().take_error;
  if (status == TN_OK || status == TN_ERR_TIMEOUT || !take_error) return status;
  const std::string text = take_error();
  if (text.empty())
    call.plugin_error("status " + std::to_string(status) + " without an error text");
  else
    call.layer().host->set_error(call.layer().host->ctx, status, nullptr, 0, text.c_str());
  return status;
}

void forget_error(const Call& call) {
  if (call.layer().take_error) call.layer().take_error();
}

tn_status timeline_query(tn_device* dev, tn_timeline* timeline, std::uint64_t* value) {
  Call call(dev, "timeline_query");
  Handle* handle = call.live(timeline, Kind::timeline);
  call.require(value != nullptr, "value is NULL");
  if (call.wrong()) return TN_ERR_INVALID;
  const std::uint64_t least = handle->seen;  // before the call: others may be asking too
  forget_error(call);
  const tn_status status = explained(call, call.answer(call.api().timeline_query(
                                               call.device(), inner<tn_timeline>(handle), value)));
  if (status != TN_OK) return status;
  if (*value < least)
    call.plugin_error("the value went back from " + std::to_string(least) + " to " +
                      std::to_string(*value));
  if (*value > handle->signal)
    call.plugin_error("value " + std::to_string(*value) + ", but the last one to be signalled is " +
                      std::to_string(handle->signal));
  call.layer().order.saw(*handle, *value);
  raise(handle->seen, *value);
  return status;
}

tn_status timeline_wait(tn_device* dev, tn_timeline* timeline, std::uint64_t value,
                        std::uint64_t timeout_ns) {
  Call call(dev, "timeline_wait");
  Handle* handle = call.live(timeline, Kind::timeline);
  if (call.wrong()) return TN_ERR_INVALID;
  forget_error(call);
  const tn_status status =
      explained(call, call.answer(call.api().timeline_wait(
                          call.device(), inner<tn_timeline>(handle), value, timeout_ns)));
  if (status == TN_ERR_TIMEOUT && timeout_ns == UINT64_MAX)
    call.plugin_error("a timeout of a wait without one");
  if (status != TN_ERR_TIMEOUT) call.layer().order.saw(*handle, value);  // a failure ends it too
  if (status == TN_OK) raise(handle->seen, value);
  return status;
}

}  // namespace

void raise(std::atomic<std::uint64_t>& value, std::uint64_t to) {
  std::uint64_t now = value;
  while (now < to && !value.compare_exchange_weak(now, to)) {
  }
}

void check_rises(Call& call, const Handle& timeline, std::uint64_t value) {
  constexpr std::uint64_t k_most = std::uint64_t{1} << 31;
  const std::uint64_t last = timeline.signal;
  const std::string from_to =
      timeline.name() + " is signalled " + std::to_string(value) + " after " + std::to_string(last);
  call.require(value > last, from_to + ": values rise");
  call.require(value <= last || value - last < k_most, from_to + ": a step of 2^31 or more");
}

void fill_timelines(Layer& layer) {
  tn_device_api& t = layer.table;
  t.timeline_create = timeline_create;
  t.timeline_destroy = timeline_destroy;
  t.timeline_query = timeline_query;
  t.timeline_wait = timeline_wait;
}

}  // namespace tenon::validation
