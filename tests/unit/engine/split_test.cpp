// One model on several devices: split by layers, by node at random, by what fits; the answers are
// those of one device.
#include <gmock/gmock.h>

#include <random>
#include <set>

#include "tests/unit/engine/environment.hpp"
#include "tests/unit/engine/tiny_file.hpp"

namespace tenon::testing {
namespace {

using ::testing::HasSubstr;

constexpr double k_exact = 1e-10;  // what the foreign device alone is held to

LoadOptions options(const std::string& place = "") {
  LoadOptions o;
  o.cache_type = "f32";
  o.n_ctx = 512;
  o.max_out_rows = 512;
  o.n_threads = 1;
  if (place.empty()) return o;
  const auto rules = parse_place(place);
  if (!rules) throw std::runtime_error(rules.error().message());
  o.place = *rules;
  return o;
}

LoadOptions with_layers(LayerSplit split) {
  LoadOptions o = options();
  o.backend = "foreign";
  o.split = split;
  return o;
}

double nmse(std::span<const float> a, std::span<const float> b) {
  double error = 0, power = 0;
  for (std::size_t i = 0; i < a.size(); ++i) {
    error += (double{a[i]} - double{b[i]}) * (double{a[i]} - double{b[i]});
    power += double{b[i]} * double{b[i]};
  }
  return error / power;
}

std::string label(const Runtime& runtime, const Choice& choice) {
  return runtime.loaded().context.targets[choice.device].device.info().label();
}

class Split : public ::testing::Test {
 protected:
  const std::vector<float>& exact() {
    if (exact_.empty())
      exact_ = logits_of(*loaded_.runtime(options("rest=cpu/reference")), tokens_, tokens_.size());
    return exact_;
  }
  // A pack beside the reference: builds with a sanitizer have one only.
  std::string fast_pack() {
    for (const std::string pack : {"cpu/baseline", "cpu/avx2"}) try {
        loaded_.runtime(options("rest=" + pack));
        return pack;
      } catch (const std::runtime_error&) {
      }
    throw std::runtime_error("no pack beside the reference");
  }
  void expect_exact(Runtime& runtime) {
    const auto batch = static_cast<std::size_t>(runtime.batch());
    const auto whole = logits_of(runtime, tokens_, batch);
    EXPECT_LE(nmse(whole, exact()), k_exact);
    EXPECT_TRUE(same_bits(logits_of(runtime, tokens_, 1), whole)) << "token by token";
  }
  // Devices of the nodes of a layer, without those that went elsewhere with a reason.
  static std::set<std::string> devices_of(const Runtime& runtime, std::uint32_t layer) {
    const GraphContext& context = runtime.loaded().context;
    std::set<std::string> found;
    for (std::size_t n = 0; n < context.graph.nodes.size(); ++n) {
      const Choice& choice = context.placement.nodes[n];
      if (context.graph.nodes[n].layer == layer && !choice.reason.starts_with("fallback"))
        found.insert(label(runtime, choice));
    }
    return found;
  }

  TinyFile file_;
  LoadedModel loaded_{file_.path(), {TENON_FOREIGN_PLUGIN}};
  std::vector<TokenId> tokens_ = some_tokens(130);
  std::vector<float> exact_;
};

TEST_F(Split, HalfTheLayersOnEachOfTwo) {
  for (const char* place :
       {"layers 0=foreign/0, rest=cpu/reference", "layers 1=foreign/0, rest=cpu/reference",
        "layers 0=cpu/reference, rest=foreign/0"}) {
    SCOPED_TRACE(place);
    const auto runtime = loaded_.runtime(options(place));
    EXPECT_NE(devices_of(*runtime, 0), devices_of(*runtime, 1));
    const auto& kv = runtime->loaded().context.kv;
    EXPECT_EQ(std::count_if(kv.begin(), kv.end(), [](const OwnedKv& k) { return bool{k}; }), 2);
    expect_exact(*runtime);
  }
}

TEST_F(Split, ThreeDevices) {
  const auto runtime =
      loaded_.runtime(options("layers 0=foreign/0, layers 1=foreign/1, rest=cpu/reference"));
  EXPECT_EQ(devices_of(*runtime, 0), std::set<std::string>{"foreign/0"});
  EXPECT_EQ(devices_of(*runtime, 1), std::set<std::string>{"foreign/1"});
  expect_exact(*runtime);
}

// Two packs of one device are two places as well.
TEST_F(Split, TwoPacksOfOneDevice) {
  const std::string fast = fast_pack();
  const auto runtime = loaded_.runtime(options("layers 0=" + fast + ", rest=cpu/reference"));
  EXPECT_EQ(runtime->loaded().context.targets.size(), 2u);
  const auto logits = logits_of(*runtime, tokens_, 64);
  const auto whole = logits_of(*loaded_.runtime(options("rest=" + fast)), tokens_, 64);
  EXPECT_LE(nmse(logits, exact()), 1e-2);
  EXPECT_FALSE(same_bits(logits, exact()));
  EXPECT_FALSE(same_bits(logits, whole));
}

TEST_F(Split, EveryNodeAtRandom) {
  const auto whole = loaded_.runtime(options("rest=cpu/reference"));
  const std::uint32_t n_nodes = whole->loaded().context.placement.nodes.back().number + 1;
  for (std::uint32_t seed = 1; seed <= 20; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    std::mt19937 random(seed);
    constexpr std::array k_devices = {"foreign/0", "foreign/1", "cpu/reference"};
    std::string place = "rest=cpu/reference";
    for (std::uint32_t n = 0; n < n_nodes; ++n)
      place += ", node " + std::to_string(n) + "=" + k_devices[random() % k_devices.size()];
    const auto runtime = loaded_.runtime(options(place));
    EXPECT_GT(runtime->loaded().context.partitions.size(), n_nodes / 3);
    expect_exact(*runtime);
  }
}

// What the plan says is what gives the same placement again.
TEST_F(Split, ThePrintedPlacementRepeatsTheRun) {
  std::vector<LoadOptions> all = {options("layers 0=foreign/1, output=foreign, rest=cpu/reference"),
                                  options("layers 1=foreign/0"), with_layers({.layers = 1}),
                                  with_layers({.automatic = true})};
  all[1].backend = "cpu/reference";
  for (const LoadOptions& o : all) {
    const auto first = loaded_.runtime(o);
    const std::string printed = to_string(first->loaded().place);
    SCOPED_TRACE(printed);
    const auto again = loaded_.runtime(options(printed));
    EXPECT_EQ(to_string(again->loaded().place), printed);
    const auto &a = first->loaded().context.placement.nodes,
               &b = again->loaded().context.placement.nodes;
    ASSERT_EQ(a.size(), b.size());
    for (std::size_t n = 0; n < a.size(); ++n) {
      EXPECT_EQ(label(*first, a[n]), label(*again, b[n]));
      EXPECT_EQ(a[n].kernel, b[n].kernel);
    }
  }
}

TEST_F(Split, GpuLayersAreTheLastOnes) {
  EXPECT_EQ(to_string(loaded_.runtime(with_layers({.layers = 0}))->loaded().place), "rest=cpu");
  EXPECT_EQ(to_string(loaded_.runtime(with_layers({.layers = 1}))->loaded().place),
            "layers 1=foreign/0, output=foreign/0, rest=cpu");
  for (const LayerSplit all : {LayerSplit{.layers = 2}, {.layers = 99}, {.automatic = true}})
    EXPECT_EQ(to_string(loaded_.runtime(with_layers(all))->loaded().place), "rest=foreign/0");
}

TEST_F(Split, WithoutAGpuOnlyAutoTakesTheHost) {
  const LoadedModel alone(file_.path());
  LoadOptions o = options();
  o.split = {.automatic = true};
  EXPECT_EQ(to_string(alone.runtime(o)->loaded().place), "rest=cpu");
  o.split = {.layers = 1};
  LoadReport report;
  const auto refused = start_runtime(*alone.model, *alone.devices, o, report);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code(), ErrorCode::unavailable);
  EXPECT_THAT(refused.error().message(), HasSubstr("1 layers are to run on a GPU"));
}

TEST_F(Split, OneSayingIsEnough) {
  LoadOptions both = options("rest=foreign");
  both.split = {.layers = 1};
  LoadOptions two = options("rest=foreign");
  two.backend = "cpu";
  for (const LoadOptions& o : {both, two}) {
    LoadReport report;
    const auto refused = start_runtime(*loaded_.model, *loaded_.devices, o, report);
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code(), ErrorCode::usage);
    EXPECT_EQ(refused.error().setting(), Setting::backend);
  }
}

// A foreign device that holds one layer of the wide model, and not two.
class LittleMemory : public ::testing::Test {
 protected:
  std::uint64_t needed(std::int64_t layers) {
    const LoadedModel loaded(file_.path(), {TENON_FOREIGN_PLUGIN});
    const auto runtime = loaded.runtime(with_layers({.layers = layers}));
    for (const MemoryNeed& need : runtime->loaded().reservation.needs())
      if (need.device.info().backend == "foreign") return need.bytes;
    return 0;
  }
  std::uint64_t between() { return (needed(1) + needed(2)) / 2; }

  TinyFile file_{TinyLlama::wide()};
};

TEST_F(LittleMemory, AutoTakesAsManyLayersAsFit) {
  const Environment memory("TENON_FOREIGN_MEMORY", between());
  const LoadedModel loaded(file_.path(), {TENON_FOREIGN_PLUGIN});
  const auto runtime = loaded.runtime(with_layers({.automatic = true}));
  EXPECT_EQ(to_string(runtime->loaded().place), "layers 1=foreign/0, output=foreign/0, rest=cpu");
  EXPECT_EQ(runtime->loaded().options.n_ctx, 512);
}

TEST_F(LittleMemory, ANumberThatDoesNotFitIsRefusedWithNeededAndAvailable) {
  const std::uint64_t bytes = between();
  const Environment memory("TENON_FOREIGN_MEMORY", bytes);
  const LoadedModel loaded(file_.path(), {TENON_FOREIGN_PLUGIN});
  LoadReport report;
  const auto refused =
      start_runtime(*loaded.model, *loaded.devices, with_layers({.layers = 2}), report);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code(), ErrorCode::limit);
  EXPECT_EQ(refused.error().setting(), Setting::backend);
  EXPECT_THAT(refused.error().message(), HasSubstr("not enough memory on foreign/0: needed "));
  EXPECT_THAT(refused.error().message(),
              HasSubstr("available " + std::to_string(bytes >> 20) + " MiB"));
  EXPECT_EQ(report.timings.bytes_uploaded, 0u) << "nothing was taken";
}

// The device has all the memory when it is asked, and not when the weights come.
TEST_F(LittleMemory, ALateRefusalCostsLayersOrIsAnError) {
  const std::uint64_t taken = (std::uint64_t{64} << 20) - between();
  const Environment memory("TENON_FOREIGN_MEMORY", std::uint64_t{64} << 20);
  const Environment stolen("TENON_FOREIGN_TAKEN", taken);
  {
    const LoadedModel loaded(file_.path(), {TENON_FOREIGN_PLUGIN});
    const auto runtime = loaded.runtime(with_layers({.automatic = true}));
    EXPECT_EQ(to_string(runtime->loaded().place), "layers 1=foreign/0, output=foreign/0, rest=cpu");
  }
  const LoadedModel loaded(file_.path(), {TENON_FOREIGN_PLUGIN});
  LoadReport report;
  const auto refused =
      start_runtime(*loaded.model, *loaded.devices, with_layers({.layers = 2}), report);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code(), ErrorCode::limit);
  EXPECT_THAT(refused.error().message(), HasSubstr("foreign/0: needed "));
}

TEST(GpuLayers, AreANumberOrAuto) {
  EXPECT_TRUE(parse_gpu_layers("auto")->automatic);
  EXPECT_EQ(parse_gpu_layers("12")->layers, 12);
  for (const char* text : {"", "-1", "1.5", "all", "12 ", "99999999999999999999"}) {
    const auto refused = parse_gpu_layers(text);
    ASSERT_FALSE(refused) << text;
    EXPECT_EQ(refused.error().code(), ErrorCode::usage);
    EXPECT_THAT(refused.error().message(),
                HasSubstr("\"auto\" or a number, not \"" + std::string(text) + "\""));
  }
}

}  // namespace
}  // namespace tenon::testing
