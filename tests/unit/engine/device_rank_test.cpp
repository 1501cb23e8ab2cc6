// Which device is taken where nobody names one, what is measured of devices, and what is remembered.
#include "framework/engine/load/device_rank.hpp"

#include <gmock/gmock.h>

#include "framework/engine/load/device_choice.hpp"
#include "framework/engine/load/device_speed.hpp"
#include "tests/unit/engine/tiny_file.hpp"

namespace tenon::testing {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

DeviceInfo device(const std::string& name, std::uint32_t kind, std::uint32_t flags = 0) {
  DeviceInfo info;
  info.backend = info.name = name;
  info.kind = kind;
  info.flags = flags;
  return info;
}

std::vector<std::string> names(const std::vector<DeviceInfo>& devices) {
  std::vector<std::string> all;
  for (const DeviceInfo& d : devices) all.push_back(d.name);
  return all;
}

TEST(DeviceRank, IsByKindAndAnEmulatedDeviceIsLast) {
  std::vector<DeviceInfo> all = {device("emulated", TN_DEVICE_KIND_CPU), device("says nothing", 0),
                                 device("host", TN_DEVICE_KIND_CPU, TN_DEVICE_HOST_MEMORY),
                                 device("new kind", 77), device("gpu", TN_DEVICE_KIND_GPU)};
  rank_devices(all);
  EXPECT_THAT(names(all), ElementsAre("gpu", "host", "says nothing", "new kind", "emulated"));
}

class Prefer : public ::testing::Test {
 protected:
  std::vector<std::string> run() {
    prefer_faster(all, [&](const DeviceInfo& info) -> std::optional<double> {
      asked.push_back(info.name);
      const auto known = speeds.find(info.name);
      return known == speeds.end() ? std::nullopt : std::optional(known->second);
    });
    return names(all);
  }
  std::vector<DeviceInfo> all = {device("a", TN_DEVICE_KIND_GPU), device("b", TN_DEVICE_KIND_GPU),
                                 device("c", TN_DEVICE_KIND_GPU),
                                 device("host", TN_DEVICE_KIND_CPU, TN_DEVICE_HOST_MEMORY)};
  std::map<std::string, double> speeds;
  std::vector<std::string> asked;
};

TEST_F(Prefer, TheClearlyFasterOfARank) {
  speeds = {{"a", 100}, {"b", 150}, {"c", 200}, {"host", 900}};
  EXPECT_THAT(run(), ElementsAre("c", "a", "b", "host"));
  EXPECT_THAT(asked, ElementsAre("a", "b", "c"));
}

TEST_F(Prefer, TheFirstWhereTheDifferenceIsNoise) {
  speeds = {{"a", 100}, {"b", 120}, {"c", 110}};
  EXPECT_THAT(run(), ElementsAre("a", "b", "c", "host"));
}

TEST_F(Prefer, WhatCannotBeMeasuredOrUsedIsNotFaster) {
  speeds = {{"c", 500}};
  all[0].unusable = all[2].unusable = "broken";
  EXPECT_THAT(run(), ElementsAre("a", "b", "c", "host"));
  EXPECT_TRUE(asked.empty()) << "only one is left";
}

TEST_F(Prefer, NothingIsMeasuredWhereThereIsNoChoice) {
  all = {device("gpu", TN_DEVICE_KIND_GPU),
         device("host", TN_DEVICE_KIND_CPU, TN_DEVICE_HOST_MEMORY)};
  run();
  EXPECT_TRUE(asked.empty());
}

class Speeds : public ::testing::Test {
 protected:
  // Two foreign devices with these speeds; `auto` chooses.
  std::string chosen(double first, double second) const {
    const LoadedModel loaded(file_.path(), {TENON_FOREIGN_PLUGIN});
    Devices devices(loaded.host, *loaded.catalog, path_);
    for (const DeviceInfo& info : foreign(devices, loaded))
      devices.speeds().store(identity_of(info, *loaded.catalog, 1),
                             info.index == 0 ? first : second);
    const BackendSpec automatic{"auto"};
    const auto found = choose_devices(devices, {&automatic, 1}, 1);
    return found ? found->targets.at(0).device.info().label() : found.error().message();
  }
  static std::vector<DeviceInfo> foreign(Devices& devices, const LoadedModel& loaded) {
    for (const BackendOffer& offer : loaded.catalog->backends())
      if (offer.desc->id == std::string("foreign")) return *devices.enumerate(*offer.desc);
    return {};
  }

  TinyFile file_;
  std::filesystem::path path_ = file_.path().parent_path() / "cache/speeds.json";
};

TEST_F(Speeds, AutoTakesTheFasterOfTwoAlike) {
  EXPECT_EQ(chosen(1e9, 3e9), "foreign/1");
  EXPECT_EQ(chosen(3e9, 1e9), "foreign/0");
  EXPECT_EQ(chosen(1e9, 1.1e9), "foreign/0");
}

TEST_F(Speeds, AreMeasuredOnceAndRemembered) {
  const LoadedModel loaded(file_.path(), {TENON_FOREIGN_PLUGIN});
  double first = 0;
  DeviceInfo info;
  {
    Devices devices(loaded.host, *loaded.catalog, path_);
    info = foreign(devices, loaded).at(1);
    first = device_speed(devices, info, 1).value_or(0);
    EXPECT_GT(first, 1e6);
    EXPECT_EQ(device_speed(devices, info, 1), first);
  }
  Devices again(loaded.host, *loaded.catalog, path_);
  EXPECT_EQ(device_speed(again, foreign(again, loaded).at(1), 1), first);
  EXPECT_NE(identity_of(info, *loaded.catalog, 1), identity_of(info, *loaded.catalog, 2));
  for (const char* part : {"foreign/1", "another foreign device", "tenon.example.foreign 1.0.0"})
    EXPECT_THAT(identity_of(info, *loaded.catalog, 1), HasSubstr(part));
}

TEST_F(Speeds, ADamagedFileIsAnEmptyOne) {
  std::filesystem::create_directories(path_.parent_path());
  for (const char* text : {"", "{", "[]", R"({"host": "0", "speeds": {"d": 5}})",
                           R"({"speeds": {"d": 5}})", R"({"host": 1, "speeds": [5]})"}) {
    std::ofstream(path_) << text;
    SpeedCache cache(path_);
    EXPECT_EQ(cache.find("d"), std::nullopt) << text;
    cache.store("d", 7);
    EXPECT_EQ(SpeedCache(path_).find("d"), 7) << text;
  }
}

TEST_F(Speeds, NothingIsWrittenWithoutAPath) {
  SpeedCache cache;
  cache.store("d", 7);
  EXPECT_EQ(cache.find("d"), 7);
  EXPECT_FALSE(std::filesystem::exists(path_.parent_path()));
}

// A device of the host: packs, threads and borrowed weights.
TEST_F(Speeds, OfTheHostAreMeasuredToo) {
  const LoadedModel loaded(file_.path());
  const BackendSpec spec{"cpu"};
  const auto found = choose_devices(*loaded.devices, {&spec, 1}, 1);
  ASSERT_TRUE(found);
  const auto speed = measure_speed(found->targets.at(0).device, *loaded.catalog);
  ASSERT_TRUE(speed) << speed.error().message();
  EXPECT_GT(*speed, 1e7);
}

}  // namespace
}  // namespace tenon::testing
