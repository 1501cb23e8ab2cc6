// The table of the fake plugin.
#include "tests/unit/validation/fake_device.hpp"

#include <algorithm>
#include <utility>

namespace tenon {
namespace {

template <class T>
FakeDevice& fake(T* handle) {
  return *reinterpret_cast<FakeDevice*>(handle);
}

// Any function that only answers.
template <class D, class... A>
tn_status answers(D* dev, A...) {
  ++fake(dev).calls;
  return fake(dev).status;
}
template <class... A>
void frees(tn_device* dev, A...) {
  ++fake(dev).calls;
}

tn_status queue_open(tn_device* dev, std::uint32_t, tn_queue** out) {
  *out = reinterpret_cast<tn_queue*>(dev);  // any address will do
  return TN_OK;
}

tn_status submit(tn_device* dev, tn_queue*, const tn_submit* submission) {
  FakeDevice& f = fake(dev);
  ++f.calls;
  if (f.inside) f.inside();
  if (f.on_submit) f.on_submit(*submission);
  return f.status;
}

tn_status weights_commit(tn_device* dev, tn_weight_report*) {
  ++fake(dev).calls;
  if (fake(dev).inside) fake(dev).inside();
  return fake(dev).status;
}

tn_status supports(tn_device* dev, const tn_node_query*, tn_support* inout) {
  inout->verdict = fake(dev).verdict;
  return answers(dev);
}

tn_status explains(tn_device* dev) {
  if (fake(dev).status != TN_OK) fake(dev).error = fake(dev).says;
  return answers(dev);
}

tn_status timeline_query(tn_device* dev, tn_timeline*, std::uint64_t* value) {
  *value = fake(dev).value;
  return explains(dev);
}

tn_status get_heaps(tn_device* dev, tn_heap* first, std::uint32_t, std::uint32_t cap,
                    std::uint32_t* n) {
  constexpr tn_heap k_heaps[] = {{sizeof(tn_heap), 0, 1 << 20, 1 << 20, 1 << 20, 0, 64},
                                 {sizeof(tn_heap), 0, 4096, 4096, 1024, 512, 256}};
  std::copy_n(k_heaps, std::min(cap, 2u), first);
  *n = 2;
  return answers(dev);
}

tn_status buffer_map(tn_device* dev, tn_buffer*, std::uint64_t, std::uint64_t, std::uint32_t,
                     void** out) {
  return fake(dev).make(out);
}

tn_device_api table() {
  tn_device_api t{};
  t.struct_size = sizeof(t);
  t.close = frees<>;
  t.get_heaps = get_heaps;
  t.buffer_alloc = [](tn_device* dev, std::uint32_t, std::uint64_t, std::uint32_t,
                      tn_buffer** out) { return fake(dev).make(out); };
  t.buffer_free = frees<tn_buffer*>;
  t.buffer_map = buffer_map;
  t.buffer_unmap = answers<tn_device, tn_buffer*>;
  t.timeline_create = [](tn_device* dev, std::uint64_t, tn_timeline** out) {
    return fake(dev).make(out);
  };
  t.timeline_destroy = frees<tn_timeline*>;
  t.timeline_query = timeline_query;
  t.timeline_wait = [](tn_device* dev, tn_timeline*, std::uint64_t, std::uint64_t) {
    return explains(dev);
  };
  t.queue_open = queue_open;
  t.queue_close = frees<tn_queue*>;
  t.submit = submit;
  t.supports = supports;
  t.compile = [](tn_device* dev, const tn_subgraph*, const tn_compile_opts*, tn_plan** out) {
    return fake(dev).make(out);
  };
  t.plan_info = answers<tn_device, const tn_plan*, tn_plan_info*>;
  t.plan_free = frees<tn_plan*>;
  t.weight_put = [](tn_device* dev, const tn_weight_desc*, tn_weight** out) {
    return fake(dev).make(out);
  };
  t.weights_commit = weights_commit;
  t.weight_free = frees<tn_weight*>;
  t.kv_create = [](tn_device* dev, const tn_kv_desc*, tn_kv** out) { return fake(dev).make(out); };
  t.kv_free = frees<tn_kv*>;
  t.kv_size = answers<tn_device, const tn_kv_desc*, std::uint64_t*>;
  return t;
}

const tn_device_api k_table = table();

}  // namespace

void ValidationTest::log(void* ctx, std::int32_t level, const char*, const char* text) {
  static_cast<ValidationTest*>(ctx)->reports_.push_back(std::to_string(level) + " " + text);
}

void ValidationTest::set_error(void* ctx, tn_status, const char*, std::int32_t, const char* text) {
  static_cast<ValidationTest*>(ctx)->fake_.error = text;
}

ValidationTest::ValidationTest()
    : host_{sizeof(tn_host), TN_ABI_MAJOR, TN_ABI_MINOR, this,   log,
            set_error,       nullptr,      nullptr,      nullptr},
      validation_(&host_, k_table, reinterpret_cast<tn_device*>(&fake_), "fake",
                  [this] { return std::exchange(fake_.error, {}); }) {
  fake_.calls = 0;  // the layer has asked for the heaps
}

ValidationTest::~ValidationTest() = default;

tn_buffer* ValidationTest::buffer(std::uint64_t size, std::uint32_t heap) {
  tn_buffer* made = nullptr;
  EXPECT_EQ(api().buffer_alloc(dev(), heap, size, TN_USAGE_ACTIVATIONS, &made), TN_OK);
  return made;
}

tn_timeline* ValidationTest::timeline(std::uint64_t initial) {
  tn_timeline* made = nullptr;
  EXPECT_EQ(api().timeline_create(dev(), initial, &made), TN_OK);
  fake_.value = initial;
  return made;
}

tn_queue* ValidationTest::queue() {
  tn_queue* made = nullptr;
  EXPECT_EQ(api().queue_open(dev(), TN_QUEUE_COMPUTE, &made), TN_OK);
  return made;
}

tn_status ValidationTest::signal(tn_timeline* timeline, std::uint64_t value) {
  const tn_point point{timeline, value};
  const tn_submit s{sizeof(s), 0, nullptr, &point, nullptr, 0, 1, 0, 0, nullptr, nullptr};
  return api().submit(dev(), queue(), &s);
}

void ValidationTest::expect_report(std::int32_t level, const std::string& text) {
  EXPECT_THAT(reports_, testing::ElementsAre(testing::AllOf(
                            testing::StartsWith(std::to_string(level)), testing::HasSubstr(text))));
  reports_.clear();
}

void ValidationTest::expect_refused(const std::function<tn_status()>& call,
                                    const std::string& text) {
  const int before = fake_.calls;
  EXPECT_EQ(call(), TN_ERR_INVALID);
  EXPECT_EQ(fake_.calls, before) << "the plugin was called";
  expect_host_wrong(text);
}

}  // namespace tenon
