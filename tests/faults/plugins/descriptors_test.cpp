// Catalogs one after another: descriptors stay where they were, and a descriptor number that is used
// again never gives the plugin that had it before.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/resource.h>

#include <algorithm>
#include <iterator>

#include "framework/plugin/checked_file.hpp"
#include "tests/faults/plugins/scratch.hpp"

namespace tenon::test {
namespace {

namespace fs = std::filesystem;

std::ptrdiff_t open_descriptors() {
  return std::distance(fs::directory_iterator("/proc/self/fd"), fs::directory_iterator());
}

// Lowers the number of descriptors that this process may have, for as long as it lives.
class DescriptorLimit {
 public:
  explicit DescriptorLimit(rlim_t most) {
    getrlimit(RLIMIT_NOFILE, &before_);
    const rlimit now{most, before_.rlim_max};
    EXPECT_EQ(setrlimit(RLIMIT_NOFILE, &now), 0);
  }
  DescriptorLimit(const DescriptorLimit&) = delete;
  DescriptorLimit& operator=(const DescriptorLimit&) = delete;
  ~DescriptorLimit() { setrlimit(RLIMIT_NOFILE, &before_); }

 private:
  rlimit before_{};
};

TEST(Descriptors, AThousandCatalogsLeaveThemWhereTheyWere) {
  const Scratch scratch;
  scratch.add("good");
  scratch.add("good_backend");
  ScanOptions options = scratch.options();
  options.prober = {};
  const HostTable host;
  const DescriptorLimit limit(200);
  const auto before = open_descriptors();
  for (int i = 0; i < 1000; ++i) {
    const auto catalog = Catalog::scan(host, options);
    ASSERT_TRUE(catalog) << i << ": " << catalog.error().message();
    ASSERT_EQ(catalog->backends().size(), 1u)
        << i << ": " << candidate(*catalog, "good_backend.tenon.so").reason;
    ASSERT_EQ(catalog->kernels().size(), 2u);
  }
  EXPECT_EQ(open_descriptors(), before);
}

// Both files are opened as the same number, and both libraries stay mapped.
TEST(Descriptors, ANumberUsedAgainGivesTheOtherFile) {
  const Scratch scratch;
  ScanOptions options;
  const HostTable host;
  for (int round = 0; round < 3; ++round) {
    options.files = {scratch.add("good", "one.tenon.so")};
    const auto one = Catalog::scan(host, options);
    ASSERT_TRUE(one && one->kernels().size() == 1);
    EXPECT_STREQ(one->kernels()[0].desc->id, "test.good.kernel");
    EXPECT_TRUE(one->backends().empty());
    options.files = {scratch.add("good_backend", "two.tenon.so")};
    const auto two = Catalog::scan(host, options);
    ASSERT_TRUE(two && two->kernels().size() == 1);
    EXPECT_EQ(two->backends().size(), 1u);
    EXPECT_STREQ(two->kernels()[0].desc->id, "test.backend.kernel");
  }
}

// What a plugin is called in the process says which file it is, however often numbers are used again.
TEST(Descriptors, NamesOfDifferentFilesDiffer) {
  const Scratch scratch;
  const auto name_of = [](const fs::path& path) {
    return *CheckedFile::open(path, FoundBy::search)->load_path();  // closed again at once
  };
  const fs::path good = scratch.add("good"), again = scratch.add("good_again");
  EXPECT_NE(name_of(good), name_of(again));
  EXPECT_EQ(name_of(good), name_of(good));
  EXPECT_TRUE(name_of(good).starts_with("/"));
  EXPECT_NE(name_of(good).find("/proc/self/fd/"), std::string::npos);
}

}  // namespace
}  // namespace tenon::test
