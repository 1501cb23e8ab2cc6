// Table checks: every slot of a device table that is not documented as optional must be there.
#include "framework/plugin/validate_tables.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstring>
#include <set>
#include <string>

namespace tenon {
namespace {

using testing::HasSubstr;

tn_status create(const tn_host*, const tn_backend_opts*, tn_backend**) { return TN_OK; }
void destroy(tn_backend*) {}
tn_status enumerate(tn_backend*, tn_device_info*, uint32_t, uint32_t, uint32_t*) { return TN_OK; }
tn_status open_device(tn_backend*, uint32_t, const tn_open_opts*, tn_device**) { return TN_OK; }

constexpr std::size_t k_head = 8;  // struct_size and flags

// Slots that hold something, though nothing that may be called.
tn_device_api full_api() {
  tn_device_api api;
  std::memset(&api, 0x11, sizeof api);
  api.struct_size = sizeof api;
  api.flags = 0;
  return api;
}

tn_backend_factory factory_of(const tn_device_api& api) {
  tn_backend_factory factory{};
  factory.struct_size = sizeof factory;
  factory.id = "test";
  factory.api = &api;
  factory.create = create;
  factory.destroy = destroy;
  factory.enumerate = enumerate;
  factory.open = open_device;
  return factory;
}

TEST(DeviceTable, EverySlotButTheOptionalOnesIsMandatory) {
  const std::set<std::size_t> optional = {offsetof(tn_device_api, buffer_map),
                                          offsetof(tn_device_api, buffer_unmap)};
  for (std::size_t at = k_head; at < sizeof(tn_device_api); at += sizeof(void*)) {
    tn_device_api api = full_api();
    std::memset(reinterpret_cast<char*>(&api) + at, 0, sizeof(void*));
    const auto factory = factory_of(api);
    PluginTables tables;
    EXPECT_EQ(validate_backend(&factory, tables).has_value(), optional.contains(at)) << at;
  }
}

TEST(DeviceTable, SizeMayGrowButNotShrinkOrRunAway) {
  for (const std::uint32_t size :
       {0u, 8u, static_cast<std::uint32_t>(sizeof(tn_device_api)) - 8u, 65544u, 0xffffffffu}) {
    tn_device_api api = full_api();
    api.struct_size = size;
    const auto factory = factory_of(api);
    PluginTables tables;
    const auto status = validate_backend(&factory, tables);
    ASSERT_FALSE(status) << size;
    EXPECT_THAT(status.error().message(), HasSubstr("lying struct_size: tn_device_api"));
  }
  tn_device_api api = full_api();
  api.struct_size += 16;
  const auto factory = factory_of(api);
  PluginTables tables;
  EXPECT_TRUE(validate_backend(&factory, tables));
  EXPECT_EQ(tables.backend, &factory);
}

// What a newer plugin says must be understood is not understood here; hints are.
TEST(Flags, ThatMustBeUnderstoodAreRefusedAndHintsAreNot) {
  for (const std::uint32_t bit : {0u, 15u, 16u, 31u}) {
    tn_device_api api = full_api();
    tn_backend_factory backend = factory_of(api);
    tn_kernel_factory pack{};
    pack.struct_size = sizeof pack;
    pack.pack = "test";
    pack.kernels = [](const tn_kernel_desc* const**) { return 0u; };
    pack.layouts = [](const tn_layout_desc* const**) { return 0u; };
    tn_arch_factory archs{};
    archs.struct_size = sizeof archs;
    archs.archs = [](const tn_arch_desc* const**) { return 0u; };
    PluginTables tables;
    const auto check = [&](std::uint32_t& flags, auto validate) {
      EXPECT_TRUE(validate());
      flags = 1u << bit;
      const Status status = validate();
      flags = 0;
      EXPECT_EQ(status.has_value(), bit >= 16) << bit;
      const std::string why = status ? "" : status.error().message();
      EXPECT_EQ(why.find("a newer host would understand") != why.npos, bit < 16) << why;
    };
    check(api.flags, [&] { return validate_backend(&backend, tables); });
    check(backend.flags, [&] { return validate_backend(&backend, tables); });
    check(pack.flags, [&] { return validate_pack(&pack, tables); });
    check(archs.flags, [&] { return validate_archs(&archs, tables); });
  }
}

TEST(Plugin, NullAndUnprintableNames) {
  EXPECT_FALSE(validate_plugin(nullptr));
  PluginTables tables;
  EXPECT_FALSE(validate_backend(nullptr, tables));
  EXPECT_FALSE(validate_pack(nullptr, tables));
  EXPECT_FALSE(validate_archs(nullptr, tables));
  const tn_device_api api = full_api();
  auto factory = factory_of(api);
  for (const char* id : {"", "two words", "\x1b[2J"}) {
    factory.id = id;
    EXPECT_FALSE(validate_backend(&factory, tables)) << id;
  }
}

TEST(Archs, ArrayAndCountMustAgree) {
  tn_arch_factory factory{};
  factory.struct_size = sizeof factory;
  PluginTables tables;
  factory.archs = [](const tn_arch_desc* const**) { return 1u; };
  EXPECT_THAT(validate_archs(&factory, tables).error().message(), HasSubstr("gives no array"));
  factory.archs = [](const tn_arch_desc* const**) { return 1u << 30; };
  EXPECT_THAT(validate_archs(&factory, tables).error().message(), HasSubstr("entries"));
  factory.archs = [](const tn_arch_desc* const** out) {
    static const tn_arch_desc* const all[] = {nullptr};
    *out = all;
    return 1u;
  };
  EXPECT_THAT(validate_archs(&factory, tables).error().message(), HasSubstr("is NULL"));
  factory.archs = [](const tn_arch_desc* const**) { return 0u; };
  EXPECT_TRUE(validate_archs(&factory, tables));
}

}  // namespace
}  // namespace tenon
