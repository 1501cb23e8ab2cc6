// The null backend loads, shows one device, opens it, and refuses the rest cleanly.
#include "load_factory.hpp"
#include "plugins/conformance/test_host.hpp"

namespace tenon::conformance {
namespace {

TEST(NullBackend, OpensAndRunsNothing) {
  TestHost host;
  const auto* factory =
      load_factory<tn_backend_factory>(TENON_NULL_PLUGIN, TN_FACTORY_BACKEND, host.table());
  ASSERT_NE(factory, nullptr);
  EXPECT_EQ(factory->ops, nullptr);
  tn_device_info info{};
  info.struct_size = sizeof info;
  uint32_t n = 0;
  tn_backend* backend = nullptr;
  const tn_backend_opts opts{sizeof opts, 0};
  ASSERT_EQ(factory->create(host.table(), &opts, &backend), TN_OK);
  ASSERT_EQ(factory->enumerate(backend, nullptr, 0, 0, &n), TN_OK);
  ASSERT_EQ(n, 1u);
  ASSERT_EQ(factory->enumerate(backend, &info, sizeof info, 1, &n), TN_OK);
  EXPECT_STREQ(info.name, "null");

  tn_device* device = nullptr;
  EXPECT_EQ(factory->open(backend, 1, nullptr, &device), TN_ERR_NOT_FOUND);
  ASSERT_EQ(factory->open(backend, 0, nullptr, &device), TN_OK);
  const tn_device_api& api = *factory->api;
  tn_buffer* buffer = nullptr;
  tn_queue* queue = nullptr;
  EXPECT_EQ(api.get_heaps(device, nullptr, 0, 0, &n), TN_OK);
  EXPECT_EQ(n, 0u);
  EXPECT_EQ(api.buffer_alloc(device, 0, 64, 0, &buffer), TN_ERR_UNSUPPORTED);
  EXPECT_EQ(api.queue_open(device, TN_QUEUE_COMPUTE, &queue), TN_ERR_UNSUPPORTED);
  EXPECT_EQ(api.supports(device, nullptr, nullptr), TN_ERR_UNSUPPORTED);
  EXPECT_EQ(api.get_extension(device, "com.example/1"), nullptr);
  EXPECT_EQ(buffer, nullptr);
  EXPECT_EQ(queue, nullptr);
  api.close(device);
  factory->destroy(backend);
}

}  // namespace
}  // namespace tenon::conformance
