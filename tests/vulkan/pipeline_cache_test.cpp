// The cache of pipelines on disk: kept, found, and made again when it is damaged, of another driver or
// no file at all.
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <thread>

#include "scenario.hpp"
#include "tests/sdk/load_factory.hpp"

namespace tenon::conformance {
namespace {

namespace fs = std::filesystem;

class VulkanPipelineCache : public testing::Test {
 protected:
  void SetUp() override {
    if (const char* before = std::getenv("TENON_VULKAN_CACHE")) before_ = before;
    setenv("TENON_VULKAN_CACHE", folder_.c_str(), 1);
    factory_ =
        load_factory<tn_backend_factory>(TENON_DEVICE_PLUGIN, TN_FACTORY_BACKEND, host_.table());
    ASSERT_NE(factory_, nullptr);
    const tn_backend_opts none{sizeof none, 0};
    ASSERT_EQ(factory_->create(host_.table(), &none, &backend_), TN_OK);
  }
  void TearDown() override {
    factory_->destroy(backend_);
    fs::remove_all(folder_);
    setenv("TENON_VULKAN_CACHE", before_.c_str(), 1);
  }
  bool works() { return Scenario(host_, *factory_, backend_).run().right(); }
  // The one that holds pipelines, as its key says.
  fs::path file() const {
    for (const auto& entry : fs::directory_iterator(folder_))
      if (bytes(entry).find("pipelines ") != std::string::npos) return entry;
    return {};
  }
  static std::string bytes(const fs::path& path) {
    std::ifstream in(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(in), {}};
  }
  static void write(const fs::path& path, const std::string& content) {
    std::ofstream(path, std::ios::binary) << content;
  }

  fs::path folder_ = fs::temp_directory_path() / ("tenon_vk_" + std::to_string(getpid()));
  std::string before_;
  TestHost host_;
  const tn_backend_factory* factory_ = nullptr;
  tn_backend* backend_ = nullptr;
};

TEST_F(VulkanPipelineCache, IsKeptAndFoundAgain) {
  ASSERT_TRUE(works());
  const fs::path kept = file();
  ASSERT_FALSE(kept.empty());
  const auto time = fs::last_write_time(kept);
  ASSERT_TRUE(works());
  EXPECT_EQ(fs::last_write_time(kept), time) << "nothing has changed";
}

TEST_F(VulkanPipelineCache, DamageIsMended) {
  ASSERT_TRUE(works());
  const fs::path kept = file();
  const std::string whole = bytes(kept);
  std::string flipped = whole, foreign = whole;
  flipped[flipped.size() - 3] = static_cast<char>(flipped[flipped.size() - 3] ^ 4);
  foreign[whole.size() / 2] = 'x';
  for (const std::string& damaged :
       {std::string(), whole.substr(0, 20), whole.substr(0, whole.size() - 1), flipped, foreign,
        std::string(5000, 'z')}) {
    write(kept, damaged);
    EXPECT_TRUE(works()) << damaged.size() << " bytes";
    EXPECT_EQ(bytes(kept), whole) << damaged.size() << " bytes";
  }
  fs::remove(kept);
  fs::create_directory(kept);
  EXPECT_TRUE(works()) << "a folder in its place";
  EXPECT_TRUE(fs::is_directory(kept));
}

TEST_F(VulkanPipelineCache, ManyMayWrite) {
  std::vector<std::jthread> others;
  std::atomic<int> right{0};
  for (int i = 0; i < 3; ++i)
    others.emplace_back([&] {
      TestHost host;
      tn_backend* backend = nullptr;
      const tn_backend_opts none{sizeof none, 0};
      if (factory_->create(host.table(), &none, &backend) != TN_OK) return;
      for (int n = 0; n < 2; ++n) right += Scenario(host, *factory_, backend).run().right() ? 1 : 0;
      factory_->destroy(backend);
    });
  others.clear();
  EXPECT_EQ(right, 6);
  EXPECT_FALSE(file().empty());
}

}  // namespace
}  // namespace tenon::conformance
