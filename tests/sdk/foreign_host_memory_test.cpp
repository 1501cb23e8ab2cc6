// Host memory of commands on the foreign device: what the signal shows, without a wait.
#include <thread>

#include "foreign_device.hpp"

namespace tenon::conformance {
namespace {

class ForeignHostMemory : public ForeignDevice {
 protected:
  // Until query alone shows the value; false after a long time.
  bool polled(tn_timeline* timeline, uint64_t value) const {
    for (int i = 0; i < 20'000; ++i) {
      if (query(timeline) == value) return true;
      std::this_thread::sleep_for(std::chrono::milliseconds(1));
    }
    return false;
  }

  static constexpr std::size_t k_words = 1 << 16;
};

TEST_F(ForeignHostMemory, AReadIsFilledWhenQueryShowsItsSignal) {
  tn_buffer* buffer = allocate(k_words * 4);
  tn_timeline* done = make_timeline();
  for (uint32_t turn = 1; turn <= 20; ++turn) {
    std::vector<uint32_t> words(k_words);
    tn_status result = TN_ERR_INTERNAL;
    const tn_cmd_fill fill{head<tn_cmd_fill>(TN_CMD_FILL), buffer, 0, k_words * 4, turn, 0};
    const tn_cmd_read read{head<tn_cmd_read>(TN_CMD_READ), buffer, 0, k_words * 4, words.data()};
    ASSERT_EQ(submit(queue_, {{&fill.head, &read.head}, {}, {{done, turn}}, nullptr, &result}),
              TN_OK);
    ASSERT_TRUE(polled(done, turn));
    ASSERT_EQ(words, std::vector<uint32_t>(k_words, turn));
    ASSERT_EQ(result, TN_OK) << "filled like READ";
  }
}

TEST_F(ForeignHostMemory, WhatWriteTakesIsTheHostsAgainAfterItsSignal) {
  tn_buffer* buffer = allocate(k_words * 4);
  tn_timeline* done = make_timeline();
  for (uint32_t turn = 1; turn <= 20; ++turn) {
    std::vector<uint32_t> words(k_words, turn);
    const tn_cmd_write write{head<tn_cmd_write>(TN_CMD_WRITE), words.data(), buffer, 0,
                             k_words * 4};
    ASSERT_EQ(submit(queue_, {{&write.head}, {}, {{done, turn}}}), TN_OK);
    ASSERT_TRUE(polled(done, turn));
    std::ranges::fill(words, 0xdeadbeefu);
    ASSERT_EQ(download<uint32_t>(buffer, 0, k_words), std::vector<uint32_t>(k_words, turn));
  }
}

}  // namespace
}  // namespace tenon::conformance
