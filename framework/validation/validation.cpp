// The validation layer of one device: its table, its heaps and its end.
#include "framework/validation/validation.hpp"

#include <algorithm>
#include <bit>
#include <utility>

#include "framework/validation/layer.hpp"

namespace tenon {
namespace validation {
namespace {

// "buffer 1, plan 3", at most a few.
std::string leaked(Layer& layer, std::size_t& count) {
  constexpr std::size_t k_shown = 8;
  const std::lock_guard lock(layer.mutex);
  std::vector<const Handle*> alive;
  for (const auto& [_, handle] : layer.handles)
    if (handle->alive) alive.push_back(handle.get());
  std::sort(alive.begin(), alive.end(),
            [](const Handle* a, const Handle* b) { return a->number < b->number; });
  count = alive.size();
  std::string names;
  for (std::size_t i = 0; i < std::min(count, k_shown); ++i)
    names += (i > 0 ? ", " : "") + alive[i]->name();
  return count > k_shown ? names + ", …" : names;
}

void close(tn_device* dev) {
  Call call(dev, "close", Call::Thread::dev);
  if (call.wrong()) return;
  std::size_t count = 0;
  const std::string names = leaked(call.layer(), count);
  // The device is closed all the same: its threads must end.
  call.require(count == 0, std::to_string(count) + " handles were not freed: " + names);
  call.layer().closed = true;
  call.api().close(call.device());
}

tn_status get_heaps(tn_device* dev, tn_heap* first, std::uint32_t stride, std::uint32_t cap,
                    std::uint32_t* n) {
  Call call(dev, "get_heaps");
  call.require(n != nullptr, "n is NULL");
  call.require(cap == 0 || (first != nullptr && stride >= TN_SIZE_1_0_tn_heap),
               "no room for heaps, or a stride below the size of tn_heap");
  for (std::uint32_t i = 0; i < cap && !call.wrong(); ++i)
    call.sized(&at_stride(first, stride, i), TN_SIZE_1_0_tn_heap, "tn_heap");
  if (call.wrong()) return TN_ERR_INVALID;
  const tn_status status = call.answer(call.api().get_heaps(call.device(), first, stride, cap, n));
  if (status == TN_OK && *n == 0) call.plugin_error("there is no heap");
  for (std::uint32_t i = 0; status == TN_OK && i < std::min(cap, *n); ++i)
    if (const std::uint64_t a = at_stride(first, stride, i).alignment; !std::has_single_bit(a))
      call.plugin_error("heap " + std::to_string(i) + " has the alignment " + std::to_string(a));
  return status;
}

const void* get_extension(tn_device*, const char*) { return nullptr; }

}  // namespace
}  // namespace validation

Validation::Validation(const tn_host* host, const tn_device_api& api, tn_device* device,
                       std::string name, TakeError take_error)
    : layer_(new validation::Layer{host, &api, device, std::move(name)}) {
  validation::Layer& layer = *layer_;
  layer.take_error = std::move(take_error);
  layer.read_heaps();
  layer.table.struct_size = sizeof(layer.table);
  layer.table.flags = api.flags;
  layer.table.close = validation::close;
  layer.table.get_heaps = validation::get_heaps;
  layer.table.get_extension = validation::get_extension;
  validation::fill_memory(layer);
  validation::fill_timelines(layer);
  validation::fill_queues(layer);
  validation::fill_graphs(layer);
  validation::fill_weights(layer);
  validation::fill_caches(layer);
}

Validation::Validation(Validation&&) noexcept = default;
Validation& Validation::operator=(Validation&&) noexcept = default;
Validation::~Validation() = default;

const tn_device_api& Validation::api() const { return layer_->table; }
tn_device* Validation::handle() const { return layer_->as_device(); }
std::uint64_t Validation::findings() const { return layer_->findings; }

}  // namespace tenon
