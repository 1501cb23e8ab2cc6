// What the device declined must be in its committed list, and what is listed must have been declined.
// And which plugin this program judges, if nobody says.
#include <gtest/gtest.h>

#include <cstdlib>

#include "device_pack.hpp"
#include "tests/conform/expectations.hpp"

namespace tenon::conformance {
namespace {

class Environment : public testing::Environment {
 public:
  void TearDown() override {
    const DeviceReport& device = device_under_test();
    std::string wrong;
    std::set<std::string> listed;
    for (const Expectation& e : read_expectations(
             std::string(TENON_EXPECTATIONS_DIR "/") + device.backend + ".txt", wrong))
      if (!e.fails) listed.insert(e.what);
    EXPECT_EQ(wrong, "");
    for (const std::string& d : device.declined)
      EXPECT_TRUE(listed.contains(d)) << "declined, and not in the list: " << d;
    if (testing::GTEST_FLAG(filter) != "*") return;
    for (const std::string& l : listed)
      EXPECT_TRUE(device.declined.contains(l)) << "in the list, and not declined: " << l;
  }
};

const auto* const k_environment = testing::AddGlobalTestEnvironment(new Environment);
const int k_plugin = setenv("TENON_GPU_PLUGIN", TENON_GPU_PLUGIN, 0);

}  // namespace
}  // namespace tenon::conformance
