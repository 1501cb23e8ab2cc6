// The cache of pipelines on disk: kept, found, and made again when it is damaged, of another driver or
// no file at all.
#include <atomic>
#include <thread>

#include "cache_folder.hpp"

namespace tenon::conformance {
namespace {

namespace fs = std::filesystem;

using VulkanPipelineCache = VulkanCacheFolder;

void write(const fs::path& path, const std::string& content) {
  std::ofstream(path, std::ios::binary) << content;
}

TEST_F(VulkanPipelineCache, IsKeptAndFoundAgain) {
  ASSERT_TRUE(works());
  const fs::path kept = file("pipelines");
  ASSERT_FALSE(kept.empty());
  const auto time = fs::last_write_time(kept);
  ASSERT_TRUE(works());
  EXPECT_EQ(fs::last_write_time(kept), time) << "nothing has changed";
}

TEST_F(VulkanPipelineCache, DamageIsMended) {
  ASSERT_TRUE(works());
  const fs::path kept = file("pipelines");
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
  EXPECT_FALSE(file("pipelines").empty());
}

}  // namespace
}  // namespace tenon::conformance
