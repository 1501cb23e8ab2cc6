// The host finds the four examples by their manifests, loads them, and lists what they offer.
#include "framework/plugin/catalog.hpp"

#include <gtest/gtest.h>

#include "framework/device/device.hpp"

namespace tenon {
namespace {

TEST(Examples, AreAcceptedByTheHost) {
  const HostTable host;
  ScanOptions options;
  options.directories = {TENON_EXAMPLES_DIR};
  const auto catalog = Catalog::scan(host, options);
  ASSERT_TRUE(catalog) << catalog.error().message();
  EXPECT_EQ(catalog->candidates().size(), 4u);
  for (const ListedPlugin& candidate : catalog->candidates())
    EXPECT_TRUE(candidate.loaded) << candidate.path << ": " << candidate.reason;
  EXPECT_NE(catalog->find_arch("example-tiny"), nullptr);
  ASSERT_EQ(catalog->kernels().size(), 1u);
  EXPECT_STREQ(catalog->kernels()[0].desc->id, "tenon.example.matmul-q4_1");
  EXPECT_EQ(catalog->kernels()[0].desc->score, 50);

  for (const char* name : {"null", "foreign"}) {
    const BackendOffer* backend = catalog->find_backend(name);
    ASSERT_NE(backend, nullptr) << name;
    const auto devices = enumerate_devices(host, *backend->desc);
    ASSERT_TRUE(devices && !devices->empty()) << name;
    const auto device = Device::open(devices->front(), 0);
    ASSERT_TRUE(device) << device.error().message();
    EXPECT_FALSE(device->host_memory());
    EXPECT_EQ(static_cast<bool>(DeviceQueue::open(*device)), name == std::string("foreign"));
  }
}

}  // namespace
}  // namespace tenon
