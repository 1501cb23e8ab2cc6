// What a test has made is freed through the table of the plugin.
#include "foreign_device.hpp"

#include "load_factory.hpp"

namespace tenon::conformance {

void ForeignDevice::SetUp() {
  factory_ = load_factory<tn_backend_factory>(TENON_DEVICE_PLUGIN, TN_FACTORY_BACKEND, host());
  ASSERT_NE(factory_, nullptr);
  api_ = factory_->api;
  open_backend();
}

void ForeignDevice::open_backend() {
  const tn_backend_opts none{sizeof none, 0};
  ASSERT_EQ(factory_->create(host(), &none, &backend_), TN_OK);
  const tn_open_opts opts{sizeof opts, 0, 0, 0};
  ASSERT_EQ(factory_->open(backend_, 0, &opts, &device_), TN_OK);
  queue_ = open_queue();
  done_ = make_timeline();
}

void ForeignDevice::close_all() {
  for (tn_queue* queue : queues_) api_->queue_close(device_, queue);
  for (tn_weight* weight : weights_) api_->weight_free(device_, weight);
  for (tn_buffer* buffer : buffers_) api_->buffer_free(device_, buffer);
  for (tn_timeline* timeline : timelines_) api_->timeline_destroy(device_, timeline);
  if (device_ != nullptr) api_->close(device_);
  if (backend_ != nullptr) factory_->destroy(backend_);
  queues_.clear();
  weights_.clear();
  buffers_.clear();
  timelines_.clear();
  signaller_ = nullptr;
  runs_ = 0;
}

void ForeignDevice::TearDown() { close_all(); }

void ForeignDevice::restart(const char* variable, const char* value) {
  close_all();
  ASSERT_EQ(setenv(variable, value, 1), 0);
  open_backend();
  unsetenv(variable);
}

tn_buffer* ForeignDevice::allocate(uint64_t size) {
  tn_buffer* buffer = nullptr;
  EXPECT_EQ(api_->buffer_alloc(device_, 0, size, TN_USAGE_ACTIVATIONS, &buffer), TN_OK);
  return buffers_.emplace_back(buffer);
}

tn_timeline* ForeignDevice::make_timeline(uint64_t initial) {
  tn_timeline* timeline = nullptr;
  EXPECT_EQ(api_->timeline_create(device_, initial, &timeline), TN_OK);
  return timelines_.emplace_back(timeline);
}

tn_queue* ForeignDevice::open_queue() {
  tn_queue* queue = nullptr;
  EXPECT_EQ(api_->queue_open(device_, TN_QUEUE_COMPUTE, &queue), TN_OK);
  return queues_.emplace_back(queue);
}

void ForeignDevice::close(tn_queue* queue) {
  std::erase(queues_, queue);
  api_->queue_close(device_, queue);
}

tn_weight* ForeignDevice::put(const tn_tensor& tensor, const std::vector<uint8_t>& bytes,
                              const char* layout) {
  tn_tensor stored = tensor;
  if (layout != nullptr) stored.layout = host_.intern(TN_KIND_LAYOUT, layout);
  tn_weight_desc desc{};
  desc.struct_size = sizeof desc;
  desc.flags = TN_WEIGHT_BORROW_OK;
  desc.tensor = &stored;
  desc.data = bytes.data();
  desc.bytes = bytes.size();
  tn_weight* weight = nullptr;
  EXPECT_EQ(api_->weight_put(device_, &desc, &weight), TN_OK);
  return weights_.emplace_back(weight);
}

tn_status ForeignDevice::submit(tn_queue* queue, const Submission& s) const {
  const tn_submit submission{sizeof(tn_submit),
                             0,
                             s.waits.data(),
                             s.signals.data(),
                             s.cmds.data(),
                             static_cast<uint32_t>(s.waits.size()),
                             static_cast<uint32_t>(s.signals.size()),
                             static_cast<uint32_t>(s.cmds.size()),
                             0,
                             s.cancel,
                             s.result};
  return api_->submit(device_, queue, &submission);
}

tn_status ForeignDevice::signal(tn_timeline* timeline, uint64_t value) {
  if (signaller_ == nullptr) signaller_ = open_queue();
  const tn_status status = submit(signaller_, {{}, {}, {{timeline, value}}});
  return status == TN_OK ? wait(timeline, value) : status;
}

void ForeignDevice::run(const std::vector<const tn_cmd*>& cmds) {
  tn_status result = TN_ERR_INTERNAL;
  ASSERT_EQ(submit(queue_, {cmds, {}, {{done_, ++runs_}}, nullptr, &result}), TN_OK)
      << host_.last_error();
  ASSERT_EQ(wait(done_, runs_), TN_OK);
  ASSERT_EQ(result, TN_OK);
}

uint64_t ForeignDevice::query(tn_timeline* timeline) const {
  uint64_t value = 0;
  const tn_status status = api_->timeline_query(device_, timeline, &value);
  return status == TN_OK ? value : 1000 + static_cast<uint64_t>(status);
}

tn_tensor GraphBuilder::describe(const std::string& dtype, const std::vector<int64_t>& dims,
                                 uint32_t sym) {
  tn_tensor t{};
  t.struct_size = sizeof t;
  t.role = TN_ROLE_TEMP;
  t.dtype = host_->intern(TN_KIND_DTYPE, dtype);
  t.layout = host_->intern(TN_KIND_LAYOUT, TN_LAYOUT_PLAIN);
  t.rank = static_cast<uint32_t>(dims.size());
  t.sym[0] = sym;
  t.view_of = t.weight = t.state = t.binding = TN_NONE;
  int64_t stride = 4;
  for (std::size_t a = dims.size(); a-- > 0; stride *= dims[a]) {
    t.dim[a] = dims[a];
    t.stride[a] = stride;
  }
  return t;
}

uint32_t GraphBuilder::tensor(const std::vector<int64_t>& dims, uint64_t offset, uint32_t sym) {
  tn_tensor& t = tensors_.emplace_back(describe("f32", dims, sym));
  t.binding = 0;
  t.offset = offset;
  return static_cast<uint32_t>(tensors_.size() - 1);
}

uint32_t GraphBuilder::view(uint32_t of, const std::vector<int64_t>& dims,
                            const std::vector<int64_t>& strides, uint64_t offset, uint32_t sym) {
  tn_tensor& t = tensors_.emplace_back(describe("f32", dims, sym));
  t.role = TN_ROLE_VIEW;
  t.view_of = of;
  t.view_offset = offset;
  for (std::size_t a = 0; a < strides.size(); ++a) t.stride[a] = strides[a];
  return static_cast<uint32_t>(tensors_.size() - 1);
}

uint32_t GraphBuilder::weight(const tn_tensor& description, tn_weight* handle) {
  tn_tensor& t = tensors_.emplace_back(description);
  t.role = TN_ROLE_WEIGHT;
  t.weight = static_cast<uint32_t>(weights_.size());
  weights_.push_back(handle);
  return static_cast<uint32_t>(tensors_.size() - 1);
}

void GraphBuilder::node(const char* op, const std::vector<uint32_t>& in, uint32_t out,
                        uint64_t features, const void* params) {
  tn_node n{};
  n.struct_size = sizeof n;
  n.layer = TN_NONE;
  n.op = host_->intern(TN_KIND_OP, op);
  n.n_in = static_cast<uint32_t>(in.size());
  n.in = operands_.emplace_back(in).data();
  n.out = operands_.emplace_back(std::vector{out}).data();
  n.n_out = 1;
  n.features = features;
  n.params = params;
  n.name = "node";
  nodes_.push_back(n);
}

const tn_subgraph& GraphBuilder::graph() {
  graph_.struct_size = sizeof graph_;
  graph_.n_nodes = static_cast<uint32_t>(nodes_.size());
  graph_.n_tensors = static_cast<uint32_t>(tensors_.size());
  graph_.node_stride = sizeof(tn_node);
  graph_.tensor_stride = sizeof(tn_tensor);
  graph_.nodes = nodes_.data();
  graph_.tensors = tensors_.data();
  graph_.n_bindings = 1;
  graph_.weights = weights_.data();
  graph_.n_weights = static_cast<uint32_t>(weights_.size());
  return graph_;
}

}  // namespace tenon::conformance
