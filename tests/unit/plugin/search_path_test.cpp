// The search path: environment, XDG data, then the folder that belongs to the program.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <stdlib.h>

#include "framework/plugin/catalog.hpp"

namespace tenon {
namespace {

using testing::ElementsAre;
using testing::EndsWith;

class SearchPath : public testing::Test {
 protected:
  void SetUp() override {
    unsetenv("TENON_PLUGIN_PATH");
    setenv("XDG_DATA_HOME", "/data", 1);
    setenv("HOME", "/home/somebody", 1);
  }
  static std::vector<std::string> folders() {
    std::vector<std::string> names;
    for (const auto& folder : plugin_directories()) names.push_back(folder.string());
    for (const auto& folder : installed_directories()) names.push_back(folder.string());
    return names;
  }
};

TEST_F(SearchPath, DataHomeThenTheProgramsOwn) {
  EXPECT_THAT(folders(), ElementsAre("/data/tenon/plugins/1", EndsWith("/lib/tenon/plugins/1")));
}

TEST_F(SearchPath, TheVariableComesFirstInItsOrder) {
  setenv("TENON_PLUGIN_PATH", ":/b::/a:", 1);
  EXPECT_THAT(folders(),
              ElementsAre("/b", "/a", "/data/tenon/plugins/1", EndsWith("/lib/tenon/plugins/1")));
}

TEST_F(SearchPath, HomeWithoutXdg) {
  setenv("XDG_DATA_HOME", "relative", 1);
  EXPECT_EQ(folders()[0], "/home/somebody/.local/share/tenon/plugins/1");
  unsetenv("XDG_DATA_HOME");
  unsetenv("HOME");
  EXPECT_THAT(folders(), ElementsAre(EndsWith("/lib/tenon/plugins/1")));
}

}  // namespace
}  // namespace tenon
