// The cache of binaries: what was kept is found again, and nothing else ever.
#include "backends/gpu/file_cache.hpp"

#include <gtest/gtest.h>
#include <unistd.h>

#include <fstream>
#include <thread>

namespace tenon::gpu {
namespace {

namespace fs = std::filesystem;

class FileCacheTest : public testing::Test {
 protected:
  void TearDown() override { fs::remove_all(folder_); }
  fs::path only_file() const { return fs::directory_iterator(folder_ / "a")->path(); }

  static std::vector<std::byte> bytes(size_t n, int seed) {
    std::vector<std::byte> all(n);
    for (size_t i = 0; i < n; ++i)
      all[i] = static_cast<std::byte>(i * 31 + static_cast<size_t>(seed));
    return all;
  }

  fs::path folder_ = fs::temp_directory_path() / ("tenon_cache_" + std::to_string(getpid()));
  FileCache cache_{folder_ / "a"};
};

TEST_F(FileCacheTest, FindsWhatItKept) {
  EXPECT_FALSE(cache_.find("one"));
  cache_.keep("one", bytes(1000, 1));
  cache_.keep("two", bytes(7, 2));
  EXPECT_EQ(cache_.find("one"), bytes(1000, 1));
  EXPECT_EQ(cache_.find("two"), bytes(7, 2));
  cache_.keep("one", bytes(5, 3));
  EXPECT_EQ(cache_.find("one"), bytes(5, 3));
  cache_.drop("one");
  EXPECT_FALSE(cache_.find("one"));
  EXPECT_EQ(cache_.find("two"), bytes(7, 2));
}

TEST_F(FileCacheTest, BelievesNoDamagedFile) {
  cache_.keep("key", bytes(100, 1));
  const fs::path path = only_file();
  const auto size = fs::file_size(path);
  std::string whole(size, '\0');
  std::ifstream(path, std::ios::binary).read(whole.data(), static_cast<std::streamsize>(size));
  for (size_t i = 0; i < whole.size(); ++i) {
    std::string damaged = whole;
    damaged[i] = static_cast<char>(damaged[i] ^ 1);
    std::ofstream(path, std::ios::binary).write(damaged.data(), static_cast<std::streamsize>(size));
    EXPECT_FALSE(cache_.find("key")) << "byte " << i;
  }
  for (const size_t n : {size_t{0}, size_t{10}, size - 1}) {
    std::ofstream(path, std::ios::binary).write(whole.data(), static_cast<std::streamsize>(n));
    EXPECT_FALSE(cache_.find("key")) << n << " bytes";
  }
  cache_.keep("key", bytes(100, 1));
  EXPECT_EQ(cache_.find("key"), bytes(100, 1));
  fs::remove(path);
  fs::create_directory(path);
  EXPECT_FALSE(cache_.find("key")) << "a folder";
}

// Another key in the file of this one, as if their hashes were equal.
TEST_F(FileCacheTest, AsksForTheWholeKey) {
  cache_.keep("kex", bytes(10, 1));
  const fs::path other = only_file();
  cache_.keep("key", bytes(10, 2));
  for (const auto& entry : fs::directory_iterator(folder_ / "a"))
    if (entry.path() != other) fs::copy_file(other, entry, fs::copy_options::overwrite_existing);
  EXPECT_FALSE(cache_.find("key"));
}

TEST_F(FileCacheTest, WritersDoNotDisturbReaders) {
  cache_.keep("key", bytes(100'000, 0));
  std::vector<std::jthread> writers;
  for (int w = 0; w < 2; ++w)
    writers.emplace_back([this, w] {
      for (int i = 0; i < 50; ++i) cache_.keep("key", bytes(100'000, w));
    });
  for (int i = 0; i < 100; ++i) {
    const auto found = cache_.find("key");
    ASSERT_TRUE(found);
    EXPECT_TRUE(*found == bytes(100'000, 0) || *found == bytes(100'000, 1));
  }
  writers.clear();
  EXPECT_EQ(std::distance(fs::directory_iterator(folder_ / "a"), fs::directory_iterator()), 1);
}

TEST_F(FileCacheTest, WithoutAFolderNothingIsKept) {
  const FileCache none("");
  none.keep("key", bytes(10, 1));
  none.drop("key");
  EXPECT_FALSE(none.find("key"));
  std::ofstream(folder_) << "a file where a folder should be";
  cache_.keep("key", bytes(10, 1));
  EXPECT_FALSE(cache_.find("key"));
}

}  // namespace
}  // namespace tenon::gpu
