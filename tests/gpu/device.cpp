// Opening a device through the raw contract, and the calls of one run.
#include "device.hpp"

#include <dlfcn.h>
#include <gtest/gtest.h>

namespace tenon::conformance {
namespace {

constexpr uint64_t k_patience_ns = 60'000'000'000;

const tn_backend_factory* load(const char* path, const tn_host* host, std::string& why) {
  void* library = dlopen(path, RTLD_NOW | RTLD_LOCAL);  // never closed
  if (library == nullptr) return why = dlerror(), nullptr;
  const auto query = reinterpret_cast<tn_query_v1_fn>(dlsym(library, TN_ENTRY_SYMBOL));
  const tn_plugin* plugin = query != nullptr ? query(TN_ABI_MINOR) : nullptr;
  if (plugin == nullptr || plugin->init(host) != TN_OK) return why = "does not start", nullptr;
  why = "is no backend";
  return static_cast<const tn_backend_factory*>(plugin->get_factory(host, TN_FACTORY_BACKEND));
}

}  // namespace

std::unique_ptr<Device> Device::open(TestHost& host, const char* plugin, uint32_t index,
                                     std::string& why) {
  std::unique_ptr<Device> d(new Device(host));
  d->factory_ = load(plugin, host.table(), why);
  if (d->factory_ == nullptr) return nullptr;
  d->api_ = d->factory_->api;
  const tn_backend_opts none{sizeof none, 0};
  const auto failed = [&](tn_status status) {
    why = host.last_error();
    return status != TN_OK;
  };
  if (failed(d->factory_->create(host.table(), &none, &d->backend_))) return nullptr;
  std::vector<tn_device_info> infos(16);
  for (tn_device_info& info : infos) info.struct_size = sizeof info;
  uint32_t n = 0;
  if (failed(d->factory_->enumerate(d->backend_, infos.data(), sizeof infos[0], 16, &n)))
    return nullptr;
  if (index >= n) return why = "has " + std::to_string(n) + " devices", nullptr;
  d->name_ = infos[index].name;
  const auto list = [](const char* names) { return " " + std::string(names ? names : "") + " "; };
  d->slots_ = list(infos[index].slots);
  d->features_ = list(infos[index].features);
  const tn_open_opts opts{sizeof opts, 0, 0, 0};
  if (failed(d->factory_->open(d->backend_, index, &opts, &d->device_))) return nullptr;
  if (failed(d->api_->queue_open(d->device_, TN_QUEUE_COMPUTE, &d->queue_))) return nullptr;
  if (failed(d->api_->timeline_create(d->device_, 0, &d->done_))) return nullptr;
  return d;
}

Device::~Device() {
  if (device_ != nullptr) {
    if (queue_ != nullptr) api_->queue_close(device_, queue_);
    release();
    if (done_ != nullptr) api_->timeline_destroy(device_, done_);
    api_->close(device_);
  }
  if (backend_ != nullptr) factory_->destroy(backend_);
}

void Device::release() {
  for (tn_plan* plan : plans_) api_->plan_free(device_, plan);
  for (tn_weight* weight : weights_) api_->weight_free(device_, weight);
  for (tn_kv* cache : caches_) api_->kv_free(device_, cache);
  for (tn_buffer* buffer : buffers_) api_->buffer_free(device_, buffer);
  plans_.clear();
  weights_.clear();
  caches_.clear();
  buffers_.clear();
}

void Device::expect_ok(tn_status status, const char* call) const {
  EXPECT_EQ(status, TN_OK) << call << ": " << host_.last_error();
}

std::span<const tn_op_decl* const> Device::ops() const {
  const tn_op_decl* const* decls = nullptr;
  const uint32_t n = factory_->ops != nullptr ? factory_->ops(&decls) : 0;
  return {decls, n};
}

bool Device::supports(const tn_node_query& query, std::string& layouts) const {
  tn_support answer{};
  answer.struct_size = sizeof answer;
  host_.set_error("");
  expect_ok(api_->supports(device_, &query, &answer), "supports");
  layouts = answer.layouts != nullptr ? answer.layouts : "";
  return answer.verdict == TN_SUPPORT_YES;
}

tn_weight* Device::put(const tn_tensor& tensor, const tn_layout_desc* packer,
                       std::span<const uint8_t> plain) {
  tn_weight_desc desc{};
  desc.struct_size = sizeof desc;
  desc.name = "weight";
  desc.tensor = &tensor;
  desc.layout = packer;
  desc.data = plain.data();
  desc.bytes = plain.size();
  tn_weight* weight = nullptr;
  expect_ok(api_->weight_put(device_, &desc, &weight), "weight_put");
  return weights_.emplace_back(weight);
}

void Device::commit() {
  tn_weight_report report{};
  report.struct_size = sizeof report;
  expect_ok(api_->weights_commit(device_, &report), "weights_commit");
}

tn_kv* Device::make_cache(const tn_state_desc& state, uint64_t pages) {
  const tn_kv_desc desc{sizeof desc, 0, 1, sizeof state, &state, &pages, 1, TN_PAGE_POSITIONS};
  tn_kv* cache = nullptr;
  expect_ok(api_->kv_create(device_, &desc, &cache), "kv_create");
  return caches_.emplace_back(cache);
}

tn_plan* Device::compile(const tn_subgraph& graph, std::span<const int64_t> max_syms) {
  const tn_compile_opts opts{sizeof opts, 0, static_cast<uint32_t>(max_syms.size()), 0,
                             max_syms.data()};
  tn_plan* plan = nullptr;
  expect_ok(api_->compile(device_, &graph, &opts, &plan), "compile");
  return plan == nullptr ? nullptr : plans_.emplace_back(plan);
}

tn_buffer* Device::allocate(uint64_t bytes) {
  tn_buffer* buffer = nullptr;
  expect_ok(api_->buffer_alloc(device_, 0, bytes, TN_USAGE_ACTIVATIONS, &buffer), "buffer_alloc");
  return buffers_.emplace_back(buffer);
}

void Device::submit(const std::vector<const tn_cmd*>& cmds) {
  const tn_point signal{done_, ++runs_};
  tn_status result = TN_ERR_INTERNAL;
  const tn_submit s{sizeof(tn_submit),
                    0,
                    nullptr,
                    &signal,
                    cmds.data(),
                    0,
                    1,
                    static_cast<uint32_t>(cmds.size()),
                    0,
                    nullptr,
                    &result};
  expect_ok(api_->submit(device_, queue_, &s), "submit");
  expect_ok(api_->timeline_wait(device_, done_, runs_, k_patience_ns), "timeline_wait");
  expect_ok(result, "the submission");
}

}  // namespace tenon::conformance
