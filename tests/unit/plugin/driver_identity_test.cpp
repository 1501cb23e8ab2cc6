#include "framework/plugin/driver_identity.hpp"

#include <gtest/gtest.h>

#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <fstream>

namespace tenon {
namespace {

namespace fs = std::filesystem;

class DriverIdentity : public testing::Test {
 protected:
  void SetUp() override {
    char name[] = "/tmp/tenon-drivers-XXXXXX";
    root_ = mkdtemp(name);
    add("usr/lib/x86_64-linux-gnu/libx.so.1");
    add("usr/share/x/drivers/a.json");
  }
  void TearDown() override { fs::remove_all(root_); }
  void add(const char* path) const {
    fs::create_directories((root_ / path).parent_path());
    std::ofstream(root_ / path) << "{}";
  }
  std::string identity() const {
    return driver_identity({"libx.so.1", "/usr/share/x/drivers", "/etc/x", "$TENON_TEST_DRIVERS"},
                           root_);
  }

  fs::path root_;
};

TEST_F(DriverIdentity, OfNoDriversIsEmpty) {
  EXPECT_EQ(driver_identity({}, root_), "");
  EXPECT_NE(driver_identity({"libz.so.1"}, root_), "") << "it may be installed later";
}

TEST_F(DriverIdentity, StaysWhileNothingChanges) {
  const std::string first = identity();
  add("etc/y/other");
  add("usr/share/x/tool");
  EXPECT_EQ(identity(), first);
}

TEST_F(DriverIdentity, ChangesWithLoaderManifestsAndVariables) {
  std::string last = identity();
  const auto changed = [&](const char* what) {
    const std::string now = identity();
    EXPECT_NE(now, last) << what;
    last = now;
  };
  add("etc/x/b.json");
  changed("one more driver");
  fs::last_write_time(root_ / "usr/share/x/drivers/a.json",
                      fs::file_time_type::clock::now() - std::chrono::hours(1));
  changed("a driver was replaced");
  std::ofstream(root_ / "usr/lib/x86_64-linux-gnu/libx.so.1") << "another";
  changed("the loader was replaced");
  add("etc/x/overlay.json");
  changed("and one more");
  setenv("TENON_TEST_DRIVERS", "/tmp/other.json", 1);
  changed("a variable");
  unsetenv("TENON_TEST_DRIVERS");
  changed("no variable");
}

}  // namespace
}  // namespace tenon
