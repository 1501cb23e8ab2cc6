// Modules of kernel packs: what is refused before a driver sees it.
#include "backends/vulkan/module.hpp"

#include <gmock/gmock.h>

#include <array>
#include <vector>

namespace tenon::vulkan {
namespace {

using testing::HasSubstr;

using Words = std::vector<uint32_t>;

constexpr uint32_t op(uint32_t number, uint32_t words) { return words << 16 | number; }

// A header, one capability, the entry "main" for computing, and `more`.
Words module_with(const Words& more, uint32_t capability = 1) {
  Words all = {0x07230203, 0x00010600, 0, 16, 0, op(17, 2), capability};
  all.insert(all.end(), {op(15, 5), 5, 7, 0x6e69616d, 0});  // "main"
  all.insert(all.end(), more.begin(), more.end());
  return all;
}

class ModuleTest : public testing::Test {
 protected:
  std::string why(const Words& words, const char* entry = "main") const {
    return why_not_module(words, entry, kernel_, 256);
  }
  tn_kernel_desc kernel_{};
};

TEST_F(ModuleTest, ThatIsWholeIsTaken) {
  EXPECT_EQ(why(module_with({})), "");
  EXPECT_EQ(why(module_with({op(16, 6), 7, 17, 256, 1, 1})), "");
  EXPECT_EQ(why(module_with({op(71, 4), 9, 33, 11, op(71, 4), 9, 34, 0})), "");
}

TEST_F(ModuleTest, IsSpirv) {
  EXPECT_THAT(why({}), HasSubstr("no SPIR-V"));
  EXPECT_THAT(why({1, 2, 3, 4, 5, 6}), HasSubstr("no SPIR-V"));
  Words later = module_with({});
  later[1] = 0x00010700;
  EXPECT_THAT(why(later), HasSubstr("later version"));
}

TEST_F(ModuleTest, EndsWithAnInstruction) {
  EXPECT_THAT(why(module_with({op(71, 9), 1})), HasSubstr("ends too early"));
  EXPECT_THAT(why(module_with({0})), HasSubstr("ends too early")) << "an instruction of no words";
}

TEST_F(ModuleTest, HasItsEntryForComputing) {
  EXPECT_THAT(why(module_with({}), "other"), HasSubstr("no entry point other"));
  Words vertex = module_with({});
  vertex[8] = 0;
  EXPECT_THAT(why(vertex), HasSubstr("no entry point main"));
}

TEST_F(ModuleTest, DeclaresWhatItsKernelNeeds) {
  EXPECT_THAT(why(module_with({}, 9)), HasSubstr("Float16 without needing vk.f16"));
  constexpr std::array<const char*, 3> k_needs = {"vk.i8", "vk.f16", nullptr};
  kernel_.needs = k_needs.data();
  EXPECT_EQ(why(module_with({}, 9)), "");
  EXPECT_THAT(why(module_with({}, 6022)), HasSubstr("capability 6022, which nothing grants"));
}

TEST_F(ModuleTest, StaysInsideOfWhatIsBound) {
  EXPECT_THAT(why(module_with({op(71, 4), 9, 33, 12})), HasSubstr("binding above 11"));
  EXPECT_THAT(why(module_with({op(71, 4), 9, 34, 1})), HasSubstr("second set"));
  EXPECT_THAT(why(module_with({op(16, 6), 7, 17, 256, 2, 1})), HasSubstr("work-group is larger"));
}

}  // namespace
}  // namespace tenon::vulkan
