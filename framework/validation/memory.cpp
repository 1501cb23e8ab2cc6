// Validation of buffers: what may be allocated, mapped and freed.
#include "framework/validation/layer.hpp"

namespace tenon::validation {
namespace {

tn_status buffer_alloc(tn_device* dev, std::uint32_t heap, std::uint64_t size, std::uint32_t usage,
                       tn_buffer** out) {
  Call call(dev, "buffer_alloc");
  call.require(out != nullptr, "out is NULL");
  call.require(size > 0, "a buffer of 0 bytes");
  if (call.wrong()) return TN_ERR_INVALID;
  const Layer& layer = call.layer();
  call.require(layer.heaps.empty() || heap < layer.heaps.size(),
               "there is no heap " + std::to_string(heap));
  const std::uint64_t most = layer.limits(heap).max_alloc;
  call.require(size <= most, std::to_string(size) + " bytes, a buffer of heap " +
                                 std::to_string(heap) + " has at most " + std::to_string(most));
  if (call.wrong()) return TN_ERR_INVALID;
  tn_buffer* buffer = nullptr;
  const tn_status status = call.api().buffer_alloc(call.device(), heap, size, usage, &buffer);
  Handle* handle = nullptr;
  const tn_status checked = call.answer(status, buffer, Kind::buffer, out, &handle);
  if (handle == nullptr) return checked;
  handle->size = size;
  handle->heap = heap;
  return checked;
}

void buffer_free(tn_device* dev, tn_buffer* buffer) {
  Call call(dev, "buffer_free");
  Handle* handle = call.take(buffer, Kind::buffer);
  if (handle != nullptr) call.api().buffer_free(call.device(), inner<tn_buffer>(handle));
}

tn_status buffer_map(tn_device* dev, tn_buffer* buffer, std::uint64_t offset, std::uint64_t size,
                     std::uint32_t rw, void** out) {
  Call call(dev, "buffer_map");
  Handle* handle = call.live(buffer, Kind::buffer);
  if (handle != nullptr) call.range(*handle, offset, size, "the mapping");
  call.require(out != nullptr, "out is NULL");
  call.require((rw & (TN_MAP_READ | TN_MAP_WRITE)) != 0, "neither to read nor to write");
  if (call.wrong()) return TN_ERR_INVALID;
  *out = nullptr;
  const tn_status status = call.answer(
      call.api().buffer_map(call.device(), inner<tn_buffer>(handle), offset, size, rw, out));
  if (status != TN_OK || *out != nullptr) return status;
  call.plugin_error("TN_OK, but the address is NULL");
  return TN_ERR_INTERNAL;
}

tn_status buffer_unmap(tn_device* dev, tn_buffer* buffer) {
  Call call(dev, "buffer_unmap");
  Handle* handle = call.live(buffer, Kind::buffer);
  if (call.wrong()) return TN_ERR_INVALID;
  return call.answer(call.api().buffer_unmap(call.device(), inner<tn_buffer>(handle)));
}

}  // namespace

void fill_memory(Layer& layer) {
  tn_device_api& t = layer.table;
  t.buffer_alloc = buffer_alloc;
  t.buffer_free = buffer_free;
  t.buffer_map = layer.api->buffer_map != nullptr ? buffer_map : nullptr;
  t.buffer_unmap = layer.api->buffer_unmap != nullptr ? buffer_unmap : nullptr;
}

}  // namespace tenon::validation
