// A fake plugin whose answers the test chooses, behind the validation layer, and its reports.
#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <tenon/abi/device.h>

#include <atomic>
#include <functional>
#include <string>
#include <vector>

#include "framework/validation/validation.hpp"

namespace tenon {

// What the plugin sees as its device; its handles are addresses of `objects`. Heap 1 asks for more
// than heap 0: an alignment of 256, buffers of at most 1024 bytes and operands of at most 512.
struct FakeDevice {
  tn_status status = TN_OK;      // of every call
  bool null_handles = false;     // TN_OK with handles that are NULL
  std::uint64_t value = 0;       // of every timeline
  std::uint32_t verdict = 1;     // of supports
  std::string says = "broken";   // of a wait or query that fails
  std::string error;             // what the host was told last, until it is taken
  std::function<void()> inside;  // runs in weights_commit and submit
  std::function<void(const tn_submit&)> on_submit;
  std::atomic<int> calls{0};  // that reached the plugin
  char objects[64] = {};
  int made = 0;

  template <class T>
  tn_status make(T** out) {
    ++calls;
    if (status == TN_OK && !null_handles) *out = reinterpret_cast<T*>(&objects[made++ % 64]);
    return status;
  }
};

class ValidationTest : public testing::Test {
 protected:
  ValidationTest();
  ~ValidationTest() override;

  const tn_device_api& api() const { return validation_.api(); }
  tn_device* dev() const { return validation_.handle(); }

  // Handles the tests need.
  tn_buffer* buffer(std::uint64_t size = 128, std::uint32_t heap = 0);
  tn_timeline* timeline(std::uint64_t initial = 0);
  tn_queue* queue();
  // Submits nothing but a signal, on a queue of its own.
  tn_status signal(tn_timeline* timeline, std::uint64_t value);

  // Exactly one report since the last call, of this level, that holds the text.
  void expect_report(std::int32_t level, const std::string& text);
  void expect_host_wrong(const std::string& text) { expect_report(TN_LOG_HOST_MISBEHAVING, text); }
  void expect_plugin_wrong(const std::string& text) {
    expect_report(TN_LOG_PLUGIN_MISBEHAVING, text);
  }
  void expect_no_report() { EXPECT_EQ(reports_, std::vector<std::string>{}); }

  // expect_host_wrong, TN_ERR_INVALID, and the plugin was not called.
  void expect_refused(const std::function<tn_status()>& call, const std::string& text);

  static void log(void* ctx, std::int32_t level, const char*, const char* text);
  static void set_error(void* ctx, tn_status, const char*, std::int32_t, const char* text);

  FakeDevice fake_;
  std::vector<std::string> reports_;  // "5 text"
  tn_host host_;
  Validation validation_;
};

}  // namespace tenon
