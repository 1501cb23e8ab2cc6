// Handles of the validation layer, and the checks that every call is made of.
#include "framework/validation/layer.hpp"

#include <algorithm>
#include <array>

namespace tenon::validation {
namespace {

constexpr std::array<std::string_view, 6> k_kinds = {"buffer", "timeline", "queue",
                                                     "plan",   "weight",   "cache"};

bool known(tn_status status) { return status >= TN_OK && status <= TN_ERR_INTERNAL; }

}  // namespace

std::string_view to_string(Kind kind) { return k_kinds[static_cast<std::size_t>(kind)]; }

std::string Handle::name() const {
  return std::string(to_string(kind)) + " " + std::to_string(number);
}

Handle* Layer::add(Kind kind, void* inner) {
  const std::lock_guard lock(mutex);
  const auto number = static_cast<std::uint32_t>(handles.size() + 1);
  std::unique_ptr<Handle> handle(new Handle{this, kind, number, inner});
  Handle* raw = handle.get();
  handles.emplace(raw, std::move(handle));
  return raw;
}

Handle* Layer::find(const void* pointer) {
  const std::lock_guard lock(mutex);
  const auto found = handles.find(pointer);
  return found != handles.end() ? found->second.get() : nullptr;
}

void Layer::read_heaps() {
  std::uint32_t n = 0;
  if (api->get_heaps(device, nullptr, sizeof(tn_heap), 0, &n) != TN_OK) return;
  std::vector<tn_heap> raw(n);
  for (tn_heap& heap : raw) heap.struct_size = sizeof(heap);
  if (api->get_heaps(device, raw.data(), sizeof(tn_heap), n, &n) != TN_OK) return;
  for (const tn_heap& heap : raw) {
    Limits& limits = heaps.emplace_back();
    limits.alignment = std::max(limits.alignment, heap.alignment);
    if (heap.max_alloc != 0) limits.max_alloc = heap.max_alloc;
    limits.max_range = heap.max_range != 0 ? heap.max_range : limits.max_alloc;
  }
}

Limits Layer::limits(std::uint32_t heap) const {
  return heap < heaps.size() ? heaps[heap] : Limits{};
}

Call::Call(tn_device* device, const char* function, Thread thread)
    : layer_(reinterpret_cast<Layer*>(device)), function_(function), wrong_(device == nullptr) {
  if (wrong_) return;
  was_lost_ = layer_->lost;
  require(!layer_->closed, "the device was closed before");
  if (thread == Thread::dev) alone(layer_->busy, "a function that is serial per device");
}

Call::~Call() {
  for (std::atomic<bool>* busy : held_) *busy = false;
}

void Call::report(std::int32_t level, const std::string& text) {
  if (layer_ == nullptr) return;  // a call without a device: there is nobody to report to
  ++layer_->findings;
  const std::string line =
      std::string(function_) + (subject_.empty() ? "" : " of " + subject_) + ": " + text;
  layer_->host->log(layer_->host->ctx, level, layer_->name.c_str(), line.c_str());
  layer_->host->set_error(layer_->host->ctx, TN_ERR_INVALID, __FILE__, __LINE__, line.c_str());
}

void Call::host_error(const std::string& text) {
  wrong_ = true;
  report(TN_LOG_HOST_MISBEHAVING, text);
}

void Call::plugin_error(const std::string& text) { report(TN_LOG_PLUGIN_MISBEHAVING, text); }

Handle* Call::live(const void* pointer, Kind kind) {
  if (layer_ == nullptr) return nullptr;
  Handle* handle = layer_->find(pointer);
  const std::string wanted = "a " + std::string(to_string(kind));
  if (handle == nullptr) {
    host_error(pointer == nullptr ? wanted + " that is NULL" : wanted + " not of this device");
    return nullptr;
  }
  if (handle->kind == kind && handle->alive) {
    if (subject_.empty()) subject_ = handle->name();
    return handle;
  }
  host_error(handle->kind != kind ? handle->name() + " in the place of " + wanted
                                  : handle->name() + " was freed before");
  return nullptr;
}

Handle* Call::take(void* pointer, Kind kind) {
  Handle* handle = live(pointer, kind);
  if (handle == nullptr || wrong_) return nullptr;
  if (handle->alive.exchange(false)) return handle;
  host_error(handle->name() + " is freed by two threads at once");
  return nullptr;
}

void Call::alone(std::atomic<bool>& busy, const std::string& what) {
  if (busy.exchange(true)) return host_error("two threads at once in " + what);
  held_.push_back(&busy);
}

void Call::range(const Handle& buffer, std::uint64_t offset, std::uint64_t size,
                 const std::string& what) {
  if (offset <= buffer.size && size <= buffer.size - offset) return;
  host_error(what + ": " + std::to_string(size) + " bytes at offset " + std::to_string(offset) +
             " do not lie in the " + std::to_string(buffer.size) + " of " + buffer.name());
}

bool Call::sized(const void* object, std::uint32_t size, std::size_t least,
                 const std::string& type) {
  if (object != nullptr && size >= least && size % 8 == 0) return true;
  host_error(object == nullptr ? type + " is NULL"
                               : type + " has struct_size " + std::to_string(size) + ", not " +
                                     std::to_string(least));
  return false;
}

tn_status Call::answer(tn_status status) {
  if (!known(status)) {
    plugin_error("an unknown status, " + std::to_string(status));
    return TN_ERR_INTERNAL;
  }
  if (status == TN_ERR_DEVICE_LOST)
    layer_->lost = true;
  else if (was_lost_)
    plugin_error("status " + std::to_string(status) + " of a device that was lost");
  return status;
}

tn_status Call::answer_handle(tn_status status, void* inner, Kind kind, Handle** made) {
  const tn_status checked = answer(status);
  if (checked != TN_OK) return checked;
  if (inner == nullptr) {
    plugin_error("TN_OK, but the " + std::string(to_string(kind)) + " is NULL");
    return TN_ERR_INTERNAL;
  }
  *made = layer_->add(kind, inner);
  return TN_OK;
}

}  // namespace tenon::validation
