// What the plugin remembers on disk lies in a folder of the test, which is removed behind it.
#pragma once

#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>

#include "scenario.hpp"
#include "tests/sdk/load_factory.hpp"

namespace tenon::conformance {

class VulkanCacheFolder : public testing::Test {
 protected:
  void SetUp() override {
    if (const char* before = std::getenv("TENON_VULKAN_CACHE")) before_ = before;
    setenv("TENON_VULKAN_CACHE", folder_.c_str(), 1);
    factory_ =
        load_factory<tn_backend_factory>(TENON_DEVICE_PLUGIN, TN_FACTORY_BACKEND, host_.table());
    ASSERT_NE(factory_, nullptr);
    start();
  }
  void TearDown() override {
    factory_->destroy(backend_);
    std::filesystem::remove_all(folder_);
    setenv("TENON_VULKAN_CACHE", before_.c_str(), 1);
  }
  // A backend of the environment as it is now.
  void start() {
    if (backend_ != nullptr) factory_->destroy(backend_);
    const tn_backend_opts none{sizeof none, 0};
    ASSERT_EQ(factory_->create(host_.table(), &none, &backend_), TN_OK);
  }
  bool works() { return Scenario(host_, *factory_, backend_).run().right(); }
  // The file whose key begins so; "" if there is none.
  std::filesystem::path file(const std::string& what) const {
    for (const auto& entry : std::filesystem::directory_iterator(folder_))
      if (bytes(entry).find(what + " ") != std::string::npos) return entry;
    return {};
  }
  static std::string bytes(const std::filesystem::path& path) {
    std::ifstream in(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(in), {}};
  }

  std::filesystem::path folder_ =
      std::filesystem::temp_directory_path() / ("tenon_vk_" + std::to_string(getpid()));
  std::string before_;
  TestHost host_;
  const tn_backend_factory* factory_ = nullptr;
  tn_backend* backend_ = nullptr;
};

}  // namespace tenon::conformance
