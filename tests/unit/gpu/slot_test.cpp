// Launches of kernel packs: what becomes of them, and what is refused before it is recorded.
#include "backends/gpu/slot.hpp"

#include <gmock/gmock.h>

#include "backends/gpu/identity.hpp"

namespace tenon::gpu {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

// Two inputs, the second of which is absent, a state and an output.
class SlotTest : public testing::Test {
 protected:
  SlotTest() {
    launch_.groups[0] = launch_.groups[1] = launch_.groups[2] = {1, TN_SYM_STATIC, 1, 0};
    launch_.reads = 1;
    launch_.writes = 8;
    state_.role = TN_ROLE_STATE;
  }
  std::string why() {
    dispatch_ = {};
    const NodeView node{nullptr, nullptr, operands_, 3, 1, &limits_};
    const char* text = to_dispatch(node, launch_, dispatch_);
    return text != nullptr ? text : "";
  }

  Limits limits_;
  tn_tensor x_{}, state_{}, y_{};
  const tn_tensor* operands_[4] = {&x_, nullptr, &state_, &y_};
  tn_gpu_launch launch_{};
  Dispatch dispatch_;
};

TEST_F(SlotTest, BuffersAreTheOperandsInOrderThenScratch) {
  launch_.reads |= TN_GPU_SCRATCH;
  launch_.scratch_bytes = 5;
  ASSERT_EQ(why(), "");
  ASSERT_EQ(dispatch_.buffers.size(), 3u);
  EXPECT_EQ(dispatch_.buffers[0].index, 0u);
  EXPECT_FALSE(dispatch_.buffers[0].writes);
  EXPECT_EQ(dispatch_.buffers[1].index, 3u);
  EXPECT_TRUE(dispatch_.buffers[1].writes);
  EXPECT_EQ(dispatch_.buffers[2].part, Part::scratch);
  EXPECT_FALSE(dispatch_.buffers[2].writes);
  EXPECT_EQ(dispatch_.buffers[2].bytes, 8u) << "whole words";
}

TEST_F(SlotTest, WordsConstantsAndGridsAreTaken) {
  launch_.n_words = 2;
  launch_.words[0] = 7, launch_.words[1] = 8;
  launch_.n_constants = 1;
  launch_.constant_ids[0] = 9, launch_.constants[0] = 10;
  launch_.groups[1] = {3, TN_SYM_ROWS, 16, 0};
  ASSERT_EQ(why(), "");
  EXPECT_THAT(dispatch_.push, ElementsAre(7, 8));
  EXPECT_THAT(dispatch_.constants, ElementsAre(10));
  EXPECT_THAT(dispatch_.constant_ids, ElementsAre(9));
  EXPECT_EQ(dispatch_.groups[1], (Groups{3, TN_SYM_ROWS, 16}));
}

TEST_F(SlotTest, OnlyWhatTheNodeHasIsNamed) {
  launch_.reads = 1u << 4;
  EXPECT_THAT(why(), HasSubstr("does not have"));
  launch_.reads = 1u << 1;
  EXPECT_THAT(why(), HasSubstr("absent"));
  launch_.reads = 1u << 2;
  EXPECT_THAT(why(), HasSubstr("a state"));
  launch_.reads = 0, launch_.writes = 1;
  EXPECT_THAT(why(), HasSubstr("writes an input"));
}

TEST_F(SlotTest, CountsStayInTheirBounds) {
  launch_.n_words = TN_GPU_MAX_WORDS + 1;
  EXPECT_THAT(why(), HasSubstr("too many words"));
  launch_.n_words = 0, launch_.n_constants = TN_GPU_MAX_CONSTANTS + 1;
  EXPECT_THAT(why(), HasSubstr("too many constants"));
  launch_.n_constants = 0, launch_.groups[2].unit = 0;
  EXPECT_THAT(why(), HasSubstr("nobody can count"));
  launch_.groups[2] = {1, 16, 1, 0};
  EXPECT_THAT(why(), HasSubstr("nobody can count"));
  launch_.groups[2].sym = 0, launch_.writes |= TN_GPU_SCRATCH;
  EXPECT_THAT(why(), HasSubstr("scratch of no bytes"));
  launch_.scratch_bytes = limits_.max_range + 1;
  EXPECT_THAT(why(), HasSubstr("more than a binding"));
}

TEST(Identity, IsAPlaceOrAName) {
  EXPECT_EQ(pci_identity(0, 0x65, 0, 1), "pci:0000:65:00.1");
  std::array<uint8_t, 16> uuid{};
  EXPECT_EQ(uuid_identity(uuid), "");
  uuid[0] = 0xab;
  EXPECT_EQ(uuid_identity(uuid), "uuid:ab000000000000000000000000000000");
}

TEST(Identity, IsTheFirstOnesOnly) {
  struct Named {
    std::string identity;
  };
  std::vector<Named> devices = {{"a"}, {"b"}, {"a"}, {""}, {""}};
  make_identities_unique(devices);
  EXPECT_EQ(devices[0].identity, "a");
  EXPECT_EQ(devices[1].identity, "b");
  EXPECT_EQ(devices[2].identity, "");
}

}  // namespace
}  // namespace tenon::gpu
