// Opening devices, buffers and queues through the tables of a backend plugin.
#include "framework/device/device.hpp"

#include <algorithm>
#include <cctype>
#include <iterator>
#include <sstream>

namespace tenon {
namespace {

std::string text_or_empty(const char* text) { return text != nullptr ? text : ""; }

// What users can type behind the name of a backend; "" of anything else.
std::string identity_of(const char* text) {
  const auto plain = [](unsigned char c) {
    return std::isalnum(c) != 0 || c == ':' || c == '.' || c == '-';
  };
  const std::string name = text_or_empty(text);
  const bool whole = name.find(':') != std::string::npos && std::ranges::all_of(name, plain);
  return whole ? name : "";
}

}  // namespace

std::vector<std::string> split_names(const char* names) {
  std::istringstream in(text_or_empty(names));
  return {std::istream_iterator<std::string>(in), {}};
}

Result<std::shared_ptr<const Backend>> Backend::create(const HostTable& host,
                                                       const tn_backend_factory& factory) {
  const tn_backend_opts opts{sizeof(opts), 0};
  tn_backend* handle = nullptr;
  host.take_error();
  const tn_status status = factory.create(host.get(), &opts, &handle);
  if (status != TN_OK || handle == nullptr)
    return tl::unexpected(host.to_error(status != TN_OK ? status : TN_ERR_INTERNAL, factory.id));
  return std::shared_ptr<const Backend>(new Backend(host, factory, handle));
}

Backend::~Backend() { factory_.destroy(handle_); }

std::string DeviceInfo::label() const {
  return several ? backend + "/" + std::to_string(index) : backend;
}

bool DeviceInfo::has_slot(std::string_view slot) const {
  return std::find(slots.begin(), slots.end(), slot) != slots.end();
}

bool DeviceInfo::has_feature(std::string_view wanted) const {
  const std::vector<std::string> names = split_names(features.c_str());
  return std::find(names.begin(), names.end(), wanted) != names.end();
}

Result<std::vector<DeviceInfo>> enumerate_devices(const HostTable& host,
                                                  const tn_backend_factory& factory) {
  auto made = Backend::create(host, factory);
  if (!made) return fail(made);
  return enumerate_devices(*made);
}

Result<std::vector<DeviceInfo>> enumerate_devices(const std::shared_ptr<const Backend>& origin) {
  const HostTable& host = origin->host();
  const tn_backend_factory& factory = origin->factory();
  tn_backend* backend = origin->handle();
  std::uint32_t n = 0;
  host.take_error();
  const tn_status counted = factory.enumerate(backend, nullptr, sizeof(tn_device_info), 0, &n);
  if (counted != TN_OK) return tl::unexpected(host.to_error(counted, factory.id));
  std::vector<tn_device_info> raw(n);
  for (tn_device_info& r : raw) r.struct_size = sizeof(tn_device_info);
  const tn_status listed = factory.enumerate(backend, raw.data(), sizeof(tn_device_info), n, &n);
  if (listed != TN_OK) return tl::unexpected(host.to_error(listed, factory.id));
  std::vector<DeviceInfo> infos;
  for (std::uint32_t i = 0; i < std::min<std::size_t>(n, raw.size()); ++i) {
    DeviceInfo& info = infos.emplace_back();
    info.backend = factory.id;
    info.name = text_or_empty(raw[i].name);
    info.features = text_or_empty(raw[i].features);
    info.unusable = text_or_empty(raw[i].unusable);
    info.identity = identity_of(raw[i].identity);
    info.slots = split_names(raw[i].slots);
    info.index = i;
    info.several = n > 1;
    info.units = raw[i].units;
    info.flags = raw[i].flags;
    info.kind = raw[i].kind;
    info.memory_total = raw[i].memory_total;
    info.memory_free = raw[i].memory_free;
    info.origin = origin;
  }
  return infos;
}

namespace {

// Devices without heaps take nothing that could be too large.
Result<DeviceLimits> read_limits(const HostTable& host, const tn_device_api& api,
                                 tn_device* handle) {
  tn_heap heap{};
  heap.struct_size = sizeof(heap);
  std::uint32_t n = 0;
  host.take_error();
  const tn_status status = api.get_heaps(handle, &heap, sizeof(heap), 1, &n);
  if (status != TN_OK) return tl::unexpected(host.to_error(status, "no heaps"));
  DeviceLimits limits;
  if (n == 0) return limits;
  limits.alignment = std::max(limits.alignment, heap.alignment);
  if (heap.max_alloc != 0) limits.max_alloc = heap.max_alloc;
  limits.max_range = heap.max_range != 0 ? heap.max_range : limits.max_alloc;
  return limits;
}

}  // namespace

Device::State::~State() {
  if (handle != nullptr) api->close(handle);
}

Result<Device> Device::open(const DeviceInfo& info, std::uint32_t n_threads, bool validate) {
  const HostTable& host = info.origin->host();
  const tn_backend_factory& factory = info.origin->factory();
  const tn_open_opts opts{sizeof(opts), 0, n_threads, 0};
  tn_device* handle = nullptr;
  host.take_error();
  const tn_status status = factory.open(info.origin->handle(), info.index, &opts, &handle);
  if (status != TN_OK || handle == nullptr)
    return tl::unexpected(host.to_error(status != TN_OK ? status : TN_ERR_INTERNAL,
                                        info.label() + ": the device does not open"));
  auto state = std::make_shared<State>();
  state->api = factory.api;
  state->info = info;
  state->handle = handle;
  if (validate) {
    state->validation.emplace(host.get(), *factory.api, handle, info.backend,
                              [&host] { return host.take_error(); });
    state->api = &state->validation->api();
    state->handle = state->validation->handle();
  }
  auto limits = read_limits(host, *state->api, state->handle);
  if (!limits) return fail(limits);
  state->limits = *limits;
  Device device;
  device.state_ = std::move(state);
  return device;
}

Error Device::error(tn_status status, std::string_view what) const {
  if (status == TN_ERR_DEVICE_LOST) state_->lost = true;
  return host().to_error(status, info().label() + ": " + std::string(what));
}

Status Device::check(tn_status status, std::string_view what) const {
  if (status == TN_OK) return {};
  return tl::unexpected(error(status, what));
}

Result<DeviceBuffer> allocate(const Device& device, std::uint64_t size, std::uint32_t usage) {
  tn_buffer* raw = nullptr;
  const std::uint64_t bytes = size == 0 ? 64 : size;
  device.host().take_error();
  const tn_status status = device.api().buffer_alloc(device.handle(), 0, bytes, usage, &raw);
  if (status != TN_OK || raw == nullptr)
    return tl::unexpected(device.error(status != TN_OK ? status : TN_ERR_INTERNAL,
                                       "cannot allocate " + std::to_string(bytes) + " bytes"));
  DeviceBuffer buffer{OwnedBuffer(device, raw), bytes, nullptr};
  if (!device.host_memory()) return buffer;
  if (device.api().buffer_map == nullptr)
    return tl::unexpected(device.error(TN_ERR_INTERNAL, "host memory that cannot be mapped"));
  void* mapped = nullptr;
  const tn_status map =
      device.api().buffer_map(device.handle(), raw, 0, bytes, TN_MAP_READ | TN_MAP_WRITE, &mapped);
  if (map != TN_OK) return tl::unexpected(device.error(map, "cannot map a buffer"));
  buffer.mapped = static_cast<std::byte*>(mapped);
  return buffer;
}

Result<DeviceQueue> DeviceQueue::open(const Device& device) {
  DeviceQueue q;
  q.device_ = std::make_unique<Device>(device);
  q.results_ = std::make_unique<Results>();
  if (Status s = q.renew(); !s) return fail(s);
  return q;
}

// Closing the old queue ends what is under way: only then its timeline may go.
Status DeviceQueue::renew() {
  queue_ = {};
  n_pending_ = 0;
  tn_timeline* timeline = nullptr;
  device()->host().take_error();
  const tn_status status = device()->api().timeline_create(device()->handle(), 0, &timeline);
  if (status != TN_OK) return tl::unexpected(device()->error(status, "cannot create a timeline"));
  timeline_ = OwnedTimeline(*device_, timeline);
  value_ = 0;
  tn_queue* queue = nullptr;
  const tn_status opened = device()->api().queue_open(device()->handle(), TN_QUEUE_COMPUTE, &queue);
  if (opened != TN_OK) return tl::unexpected(device()->error(opened, "cannot open a queue"));
  queue_ = OwnedQueue(*device_, queue);
  return {};
}

Status DeviceQueue::submit(std::span<const tn_cmd* const> cmds, const std::uint32_t* cancel) {
  if (n_pending_ == k_depth)
    if (Status s = wait(); !s) return s;
  if (!queue_)  // it did not open again
    if (Status s = renew(); !s) return s;
  const tn_point signal{timeline_.get(), value_ + 1};
  tn_status& result = (*results_)[n_pending_];
  result = TN_OK;
  const tn_submit submission{sizeof(tn_submit),
                             0,
                             nullptr,
                             &signal,
                             cmds.data(),
                             0,
                             1,
                             static_cast<std::uint32_t>(cmds.size()),
                             0,
                             cancel,
                             &result};
  const tn_status status = device()->api().submit(device()->handle(), queue_.get(), &submission);
  if (status != TN_OK) return tl::unexpected(device()->error(status, "submit failed"));
  ++value_;
  ++n_pending_;
  return {};
}

Status DeviceQueue::wait() {
  if (n_pending_ == 0) return {};
  const tn_status status =
      device()->api().timeline_wait(device()->handle(), timeline_.get(), value_, UINT64_MAX);
  if (status != TN_OK) {
    Error why = device()->error(status, "the work failed");
    static_cast<void>(renew());  // whoever submits next is told if it did not work
    return tl::unexpected(std::move(why));
  }
  const tn_status* end = results_->data() + std::exchange(n_pending_, 0);
  const tn_status* early =
      std::find_if(std::as_const(*results_).data(), end, [](tn_status s) { return s != TN_OK; });
  if (early != end) return tl::unexpected(device()->error(*early, "the work ended early"));
  return {};
}

}  // namespace tenon
