// The entry, the factory, and opening and closing devices.
#include <gtest/gtest.h>

#include <chrono>
#include <fstream>
#include <string>
#include <thread>

#include "tests/unit/cpu_device/open_device.hpp"

namespace tenon::test {
namespace {

int threads_of_this_process() {
  std::ifstream in("/proc/self/status");
  for (std::string line; std::getline(in, line);) {
    if (line.starts_with("Threads:")) return std::stoi(line.substr(8));
  }
  return -1;
}

TEST(PluginTest, SaysWhoItIs) {
  FakeHost host;
  const tn_plugin* plugin = load_plugin();
  ASSERT_NE(plugin, nullptr);
  EXPECT_STREQ(plugin->id, "tenon.backend.cpu");
  EXPECT_EQ(plugin->init(host.table()), TN_OK);
  EXPECT_EQ(plugin->get_factory(host.table(), "tenon.kernels/1"), nullptr);
  const tn_backend_factory* factory = load_factory(host.table());
  ASSERT_NE(factory, nullptr);
  EXPECT_STREQ(factory->id, "cpu");
  EXPECT_EQ(factory->ops, nullptr);
  plugin->shutdown(host.table());
}

TEST(PluginTest, EnumeratesOneDevice) {
  FakeHost host;
  const OpenBackend backend(host.table());
  const auto enumerate = [&](tn_device_info* info, uint32_t cap, uint32_t* n) {
    return backend.factory->enumerate(backend.handle, info, sizeof *info, cap, n);
  };
  uint32_t n = 0;
  ASSERT_EQ(enumerate(nullptr, 0, &n), TN_OK);
  EXPECT_EQ(n, 1u);
  tn_device_info info = {};
  info.struct_size = sizeof info;
  ASSERT_EQ(enumerate(&info, 1, &n), TN_OK);
  EXPECT_EQ(info.struct_size, sizeof info);
  EXPECT_EQ(info.flags, uint32_t{TN_DEVICE_HOST_MEMORY | TN_DEVICE_SYNC_SUBMIT});
  EXPECT_STREQ(info.slots, TN_SLOT_CPU);
  EXPECT_EQ(info.unusable, nullptr);
  EXPECT_NE(std::string(info.name).find("core"), std::string::npos) << info.name;
  EXPECT_GE(info.units, 1u);
  EXPECT_EQ(info.kind, uint32_t{TN_DEVICE_KIND_CPU});
  EXPECT_GT(info.memory_total, info.memory_free / 2);
}

TEST(PluginTest, AShortInfoIsNotWrittenBeyondItsEnd) {
  FakeHost host;
  tn_device_info info = {};
  info.struct_size = offsetof(tn_device_info, unusable);
  info.units = 77;
  uint32_t n = 0;
  const OpenBackend backend(host.table());
  ASSERT_EQ(backend.factory->enumerate(backend.handle, &info, sizeof info, 1, &n), TN_OK);
  EXPECT_STREQ(info.slots, TN_SLOT_CPU);
  EXPECT_EQ(info.units, 77u);
  EXPECT_EQ(info.struct_size, offsetof(tn_device_info, unusable));
}

TEST(PluginTest, CloseJoinsEveryThread) {
  { const OpenDevice first(2); }  // a sanitizer's own thread starts with the first of ours
  const int before = threads_of_this_process();
  {
    const OpenDevice device(5);
    EXPECT_EQ(threads_of_this_process(), before + 4) << "the submitting thread is a worker";
  }
  // The kernel may count a thread for a moment after it was joined.
  for (int i = 0; i < 1000 && threads_of_this_process() != before; ++i) {
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
  EXPECT_EQ(threads_of_this_process(), before);
}

TEST(PluginTest, OpensWithDefaultsAndRefusesOtherDevices) {
  FakeHost host;
  const OpenBackend backend(host.table());
  const tn_backend_factory* factory = backend.factory;
  tn_device* device = nullptr;
  EXPECT_EQ(factory->open(backend.handle, 1, nullptr, &device), TN_ERR_NOT_FOUND);
  EXPECT_EQ(factory->open(backend.handle, 0, nullptr, nullptr), TN_ERR_INVALID);
  const tn_open_opts unknown = {sizeof unknown, 1, 0, 0};
  EXPECT_EQ(factory->open(backend.handle, 0, &unknown, &device), TN_ERR_UNSUPPORTED);
  ASSERT_EQ(factory->open(backend.handle, 0, nullptr, &device), TN_OK);
  EXPECT_EQ(factory->api->get_extension(device, "nobody.knows/1"), nullptr);
  factory->api->close(device);
}

}  // namespace
}  // namespace tenon::test
