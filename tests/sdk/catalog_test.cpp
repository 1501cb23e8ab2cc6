// The host finds the examples by their manifests, loads them, and lists what they offer.
#include "framework/plugin/catalog.hpp"

#include <gtest/gtest.h>

#include <set>

#include "framework/device/device.hpp"

namespace tenon {
namespace {

TEST(Examples, AreAcceptedByTheHost) {
  const HostTable host;
  ScanOptions options;
  options.directories = {TENON_EXAMPLES_DIR};
  const auto catalog = Catalog::scan(host, options);
  ASSERT_TRUE(catalog) << catalog.error().message();
  EXPECT_GE(catalog->candidates().size(), 5u);  // one more where there is glslc
  for (const ListedPlugin& candidate : catalog->candidates())
    EXPECT_TRUE(candidate.loaded) << candidate.path << ": " << candidate.reason;
  EXPECT_NE(catalog->find_arch("example-tiny"), nullptr);
  std::set<std::string> kernels;
  for (const KernelOffer& offer : catalog->kernels()) {
    kernels.insert(offer.desc->id);
    EXPECT_EQ(offer.desc->score, 50) << offer.desc->id;
  }
  for (const char* id : {"tenon.example.matmul-q4_1", "tenon.example.opencl-swiglu"})
    EXPECT_TRUE(kernels.contains(id)) << id;

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
