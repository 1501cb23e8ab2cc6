// The table of the fake backend; a device handle is the FakeDevice itself.
#include "tests/unit/graph/fake_device.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstring>
#include <iterator>
#include <numeric>
#include <sstream>

namespace tenon::graph_test {
namespace {

using Memory = std::vector<std::byte>;

FakeDevice* fake(void* handle) { return static_cast<FakeDevice*>(handle); }
Memory* memory(void* buffer) { return static_cast<Memory*>(buffer); }
template <class T>
T* handle(void* object) {
  return static_cast<T*>(object);
}

// open() gets no context of its own: the device that is about to be opened.
FakeDevice*& opening() {
  static FakeDevice* device = nullptr;
  return device;
}

void add_buffers(tn_device_api& api) {
  api.get_heaps = [](tn_device* dev, tn_heap* first, std::uint32_t, std::uint32_t cap,
                     std::uint32_t* n) -> tn_status {
    *n = 1;
    if (cap > 0)
      *first = {sizeof(tn_heap),      TN_HEAP_DEVICE_LOCAL, UINT64_MAX,          UINT64_MAX,
                fake(dev)->max_alloc, fake(dev)->max_range, fake(dev)->alignment};
    return TN_OK;
  };
  api.buffer_alloc = [](tn_device* dev, std::uint32_t, std::uint64_t size, std::uint32_t,
                        tn_buffer** out) -> tn_status {
    EXPECT_LE(size, fake(dev)->max_alloc);
    ++fake(dev)->live;
    *out = handle<tn_buffer>(new Memory(size));
    return TN_OK;
  };
  api.buffer_free = [](tn_device* dev, tn_buffer* buffer) {
    --fake(dev)->live;
    fake(dev)->freed.emplace_back("buffer");
    delete memory(buffer);
  };
  api.buffer_map = [](tn_device*, tn_buffer* buffer, std::uint64_t offset, std::uint64_t,
                      std::uint32_t, void** out) -> tn_status {
    *out = memory(buffer)->data() + offset;
    return TN_OK;
  };
}

void add_work(tn_device_api& api) {
  api.timeline_create = [](tn_device* dev, std::uint64_t, tn_timeline** out) -> tn_status {
    ++fake(dev)->live;
    *out = handle<tn_timeline>(dev);
    return TN_OK;
  };
  api.timeline_destroy = [](tn_device* dev, tn_timeline*) { --fake(dev)->live; };
  api.timeline_wait = [](tn_device* dev, tn_timeline*, std::uint64_t value,
                         std::uint64_t) -> tn_status {
    if (fake(dev)->poisoned) return TN_ERR_DEVICE_LOST;
    fake(dev)->finish();
    return fake(dev)->timeline >= value ? TN_OK : TN_ERR_TIMEOUT;
  };
  api.queue_open = [](tn_device* dev, std::uint32_t, tn_queue** out) -> tn_status {
    ++fake(dev)->live;
    *out = handle<tn_queue>(dev);
    return TN_OK;
  };
  api.queue_close = [](tn_device* dev, tn_queue*) {
    fake(dev)->finish();
    fake(dev)->freed.emplace_back("queue");
    --fake(dev)->live;
  };
  api.submit = [](tn_device* dev, tn_queue*, const tn_submit* submit) -> tn_status {
    return fake(dev)->run(*submit);
  };
}

void add_plans(tn_device_api& api) {
  api.supports = [](tn_device* dev, const tn_node_query* query, tn_support* inout) -> tn_status {
    return fake(dev)->supports(*query, *inout);
  };
  api.compile = [](tn_device* dev, const tn_subgraph* graph, const tn_compile_opts* opts,
                   tn_plan** out) -> tn_status { return fake(dev)->compile(*graph, *opts, out); };
  api.plan_info = [](tn_device*, const tn_plan*, tn_plan_info* inout) -> tn_status {
    inout->scratch_bytes = 10;
    return TN_OK;
  };
  api.plan_free = [](tn_device* dev, tn_plan*) {
    fake(dev)->freed.emplace_back("plan");
    --fake(dev)->live;
  };
  api.weight_free = [](tn_device* dev, tn_weight*) { fake(dev)->freed.emplace_back("weight"); };
  api.kv_free = [](tn_device*, tn_kv*) {};
  api.close = [](tn_device* dev) { --fake(dev)->live; };
}

// Every op, any types, every feature: supports() decides.
std::uint32_t declared_ops(const tn_op_decl* const** out) {
  static constexpr std::array<const char*, 8> k_any = {"*", "*", "*", "*", "*", "*", "*", nullptr};
  static constexpr std::array k_names = {
      TN_OP_ADD,        TN_OP_MUL,    TN_OP_SCALE,    TN_OP_EMBED_ROWS, TN_OP_MATMUL,
      TN_OP_SILU,       TN_OP_SWIGLU, TN_OP_RMS_NORM, TN_OP_KV_WRITE,   TN_OP_ATTENTION,
      TN_OP_ROW_GATHER, TN_OP_ARGMAX, TN_OP_TOP_K};
  static const std::vector<tn_op_decl> k_rows = [] {
    std::vector<tn_op_decl> rows;
    for (const char* name : k_names)
      rows.push_back(
          {sizeof(tn_op_decl), 0, name, k_any.data(), k_any.data(), ~std::uint64_t{0}, nullptr});
    return rows;
  }();
  static const std::vector<const tn_op_decl*> k_pointers = [] {
    std::vector<const tn_op_decl*> pointers;
    for (const tn_op_decl& row : k_rows) pointers.push_back(&row);
    return pointers;
  }();
  *out = k_pointers.data();
  return static_cast<std::uint32_t>(k_pointers.size());
}

const tn_tensor& root_of(const FakePlan& plan, std::uint32_t t) {
  while (plan.tensors[t].view_of != TN_NONE) t = plan.tensors[t].view_of;
  return plan.tensors[t];
}

std::int64_t elements(const tn_tensor& t, const std::int64_t* syms) {
  std::int64_t n = 1;
  for (std::uint32_t a = 0; a < t.rank; ++a)
    n *= a == 0 && t.sym[0] != TN_SYM_STATIC ? syms[t.sym[0]] : t.dim[a];
  return n;
}

std::uint64_t bytes_at_most(const tn_tensor& t) {
  return static_cast<std::uint64_t>(
      std::accumulate(t.dim, t.dim + t.rank, std::int64_t{4}, std::multiplies<>()));
}

}  // namespace

FakeDevice::FakeDevice(const HostTable& host, std::string id, std::string slot, bool host_memory)
    : host_(host), id_(std::move(id)), slot_(std::move(slot)), host_memory_(host_memory), api_{} {
  api_.struct_size = sizeof(api_);
  add_buffers(api_);
  add_work(api_);
  add_plans(api_);
  factory_ = {sizeof(factory_),
              0,
              id_.c_str(),
              &api_,
              slot_.empty() ? declared_ops : nullptr,
              [](const tn_host* shared, const tn_backend_opts*, tn_backend** out) -> tn_status {
                *out = handle<tn_backend>(const_cast<tn_host*>(shared));
                return TN_OK;
              },
              [](tn_backend*) {},
              nullptr,
              [](tn_backend*, std::uint32_t, const tn_open_opts*, tn_device** out) -> tn_status {
                ++opening()->live;
                *out = handle<tn_device>(opening());
                return TN_OK;
              }};
}

void FakeDevice::give_own_ops() { factory_.ops = declared_ops; }

DeviceInfo FakeDevice::info() const {
  DeviceInfo info;
  info.backend = info.name = id_;
  std::istringstream slots(slot_);
  info.slots.assign(std::istream_iterator<std::string>(slots), {});
  info.features = features;
  info.origin = *Backend::create(host_, factory_);
  info.flags = host_memory_ ? TN_DEVICE_HOST_MEMORY : 0;
  return info;
}

Result<Device> FakeDevice::open() {
  opening() = this;
  return Device::open(info(), 0);
}

Target FakeDevice::target(const std::string& pack) { return {*open(), pack}; }

tn_status FakeDevice::supports(const tn_node_query& query, tn_support& answer) const {
  const char* why = refuse ? refuse(query) : nullptr;
  answer.verdict = why == nullptr ? TN_SUPPORT_YES : TN_SUPPORT_NO;
  const auto own = layouts.find(host_.get()->id_name(host_.get()->ctx, query.node->op));
  if (own != layouts.end()) answer.layouts = own->second;
  if (why != nullptr && *why != '\0')
    query.host->set_error(query.host->ctx, TN_ERR_UNSUPPORTED, __FILE__, __LINE__, why);
  return TN_OK;
}

tn_status FakeDevice::compile(const tn_subgraph& graph, const tn_compile_opts& opts,
                              tn_plan** out) {
  if (next_compile != TN_OK) return next_compile;
  if ((opts.flags & TN_COMPILE_SIZES) != 0) {
    if (!knows_sizes) return TN_ERR_UNSUPPORTED;
    weights_asked_with.assign(graph.weights, graph.weights + graph.n_weights);
    ++live;
    *out = handle<tn_plan>(this);  // good for plan_info and plan_free
    return TN_OK;
  }
  FakePlan plan;
  for (std::uint32_t i = 0; i < graph.n_tensors; ++i) plan.tensors.push_back(graph.tensors[i]);
  for (std::uint32_t i = 0; i < graph.n_nodes; ++i) {
    const tn_node& n = graph.nodes[i];
    std::uint32_t size = 0;
    if (n.params != nullptr) std::memcpy(&size, n.params, sizeof(size));
    const auto* params = static_cast<const std::byte*>(n.params);
    plan.nodes.push_back({host_.get()->id_name(host_.get()->ctx, n.op),
                          n.name,
                          {n.in, n.in + n.n_in},
                          {n.out, n.out + n.n_out},
                          {params, params + size},
                          n.bound});
  }
  plan.live_out.assign(graph.live_out, graph.live_out + graph.n_live_out);
  plan.weights.assign(graph.weights, graph.weights + graph.n_weights);
  plan.max_syms.assign(opts.max_syms, opts.max_syms + opts.n_syms);
  compiled.push_back(std::move(plan));
  ++live;
  *out = handle<tn_plan>(reinterpret_cast<void*>(compiled.size()));  // index + 1
  return TN_OK;
}

FakeDevice::Copied FakeDevice::copy(const tn_submit& submit) {
  Copied copied{{}, submit.signals[0].value, submit.result};
  for (std::uint32_t i = 0; i < submit.n_cmds; ++i) {
    const tn_cmd* cmd = submit.cmds[i];
    Copied::Cmd& c = copied.cmds.emplace_back();
    c.type = cmd->type;
    if (cmd->type == TN_CMD_WRITE) c.write = *reinterpret_cast<const tn_cmd_write*>(cmd);
    if (cmd->type == TN_CMD_READ) c.read = *reinterpret_cast<const tn_cmd_read*>(cmd);
    if (cmd->type != TN_CMD_EXECUTE) continue;
    c.execute = *reinterpret_cast<const tn_cmd_execute*>(cmd);
    c.bindings.assign(c.execute.bindings, c.execute.bindings + c.execute.n_bindings);
    c.syms.assign(c.execute.syms, c.execute.syms + c.execute.n_syms);
  }
  return copied;
}

tn_status FakeDevice::run(const tn_submit& submit) {
  if (next_submit != TN_OK) return next_submit;
  cancels.push_back(submit.cancel);
  pending_.push_back(copy(submit));
  if (!late) finish();
  return TN_OK;
}

void FakeDevice::finish() {
  waits += late && !pending_.empty() ? 1 : 0;
  for (; !pending_.empty(); pending_.pop_front()) work(pending_.front());
}

void FakeDevice::work(const Copied& submission) {
  for (const Copied::Cmd& c : submission.cmds) {
    if (c.type == TN_CMD_WRITE) {
      const tn_cmd_write& w = c.write;
      EXPECT_LE(w.offset + w.size, memory(w.dst)->size());
      std::memcpy(memory(w.dst)->data() + w.offset, w.src, w.size);
      log.push_back("write " + std::to_string(w.size));
    } else if (c.type == TN_CMD_READ) {
      const tn_cmd_read& r = c.read;
      EXPECT_LE(r.offset + r.size, memory(r.src)->size());
      std::memcpy(r.dst, memory(r.src)->data() + r.offset, r.size);
      log.push_back("read " + std::to_string(r.size));
    } else {
      tn_cmd_execute copied = c.execute;
      copied.bindings = c.bindings.data();
      copied.syms = c.syms.data();
      execute(copied);
    }
  }
  *submission.result = next_result;
  timeline = submission.signal;
}

// What a TEMP or OUTPUT held before is destroyed first (unless a living input shares the bytes):
// only inputs carry over.
void FakeDevice::execute(const tn_cmd_execute& cmd) {
  const FakePlan& plan = compiled[reinterpret_cast<std::size_t>(cmd.plan) - 1];
  log.push_back("execute " + std::to_string(plan.nodes.size()));
  const auto place = [&](const tn_tensor& root) {
    if (root.role == TN_ROLE_WEIGHT) return memory(cmd.bindings[0].buffer)->data();  // never used
    const tn_binding& binding = cmd.bindings[root.binding];
    EXPECT_LT(root.binding, cmd.n_bindings);
    EXPECT_EQ(root.offset % std::max<std::uint64_t>(64, alignment), 0u);
    return memory(binding.buffer)->data() + binding.offset + root.offset;
  };
  const auto at = [&](std::uint32_t t) {
    const tn_tensor& tensor = plan.tensors[t];
    return reinterpret_cast<float*>(place(root_of(plan, t)) +
                                    (tensor.role == TN_ROLE_VIEW ? tensor.view_offset : 0));
  };
  for (const tn_tensor& t : plan.tensors) {
    if (t.role != TN_ROLE_TEMP && t.role != TN_ROLE_OUTPUT) continue;
    const bool shared =
        std::any_of(plan.tensors.begin(), plan.tensors.end(), [&](const tn_tensor& other) {
          return other.role == TN_ROLE_INPUT && t.binding == other.binding &&
                 t.offset >= other.offset && t.offset < other.offset + bytes_at_most(other);
        });
    if (!shared) std::memset(place(t), 0xff, sizeof(float));
  }
  for (const FakePlan::Step& n : plan.nodes) {
    if (n.op == TN_OP_ARGMAX || n.op == TN_OP_TOP_K) continue;  // results of other extents
    float* y = at(n.out[0]);
    const std::int64_t count = elements(plan.tensors[n.out[0]], cmd.syms);
    for (std::int64_t i = 0; i < count; ++i) {
      const float a = at(n.in[0])[i];
      if (n.op == TN_OP_ADD) y[i] = a + at(n.in[1])[i];
      if (n.op == TN_OP_MUL) y[i] = a * at(n.in[1])[i];
      if (n.op == TN_OP_SCALE)
        y[i] = a * reinterpret_cast<const tn_scale_params*>(n.params.data())->factor;
      // Inputs are i32: the table is the identity in every column.
      if (n.op == TN_OP_EMBED_ROWS) {
        const std::int64_t width = plan.tensors[n.out[0]].dim[1];
        y[i] = static_cast<float>(reinterpret_cast<const std::int32_t*>(at(n.in[1]))[i / width]);
      }
    }
  }
}

std::size_t FakeKernels::pack(const char* name) {
  for (std::size_t p = 0; p < packs_.size(); ++p)
    if (packs_[p].desc->pack == std::string(name)) return p;
  factories_.push_back({sizeof(tn_kernel_factory), 0, name, nullptr, nullptr});
  packs_.push_back({&factories_.back(), 0});
  return packs_.size() - 1;
}

const tn_kernel_desc* FakeKernels::add(Spec spec) {
  specs_.push_back(std::move(spec));
  Spec& s = specs_.back();
  const bool plain = s.layouts.empty();
  for (auto* list : {&s.in, &s.out, &s.layouts, &s.needs}) list->push_back(nullptr);
  descs_.push_back({sizeof(tn_kernel_desc), s.score, s.id, s.slot, s.op, s.in.data(), s.out.data(),
                    s.needs.data(), plain ? nullptr : s.layouts.data(), s.arithmetic, s.features,
                    nullptr});
  kernels_.push_back({&descs_.back(), 0, pack(s.pack), ""});
  return &descs_.back();
}

// Of rows in fours: other shapes it declines.
static tn_status pack_fours(const tn_layout_desc*, const tn_tensor* w, std::uint64_t* bytes,
                            std::uint64_t* align) {
  *bytes = static_cast<std::uint64_t>(w->dim[0]) * static_cast<std::uint64_t>(w->stride[0]);
  *align = 64;
  return w->dim[0] % 4 == 0 ? TN_OK : TN_ERR_UNSUPPORTED;
}

void FakeKernels::add_layout(const char* id, const char* dtype, const char* slot) {
  layout_descs_.push_back(
      {sizeof(tn_layout_desc), 1, id, dtype, slot, pack_fours, nullptr, nullptr});
  layouts_.push_back({&layout_descs_.back(), 0});
}

void FakeKernels::add_rule(const std::string& text) {
  auto rule = parse_kernel_rule(text);
  ASSERT_TRUE(rule) << rule.error().message();
  rules_.push_back(std::move(*rule));
}

}  // namespace tenon::graph_test
