// Whole models on a Vulkan device that lies, fails, or is recorded in an adversarial order: the same
// bits as on the honest one, or an error that says why, and the next request works.
#include <gmock/gmock.h>

#include <cstdlib>

#include "tests/models/arch_model.hpp"
#include "tests/models/loaded_model.hpp"

namespace tenon::testing {
namespace {

using ::testing::AnyOf;
using ::testing::HasSubstr;

constexpr std::size_t k_tokens = 45, k_chunk = 37;  // many rows, then few

LoadOptions options() {
  LoadOptions o;
  o.backend = "vulkan";
  o.cache_type = "f32";
  o.n_ctx = 64;
  o.batch = k_chunk;
  o.max_out_rows = k_chunk;
  o.n_threads = 1;
  return o;
}

class VulkanModel : public ::testing::Test {
 protected:
  void SetUp() override { setenv("TENON_VULKAN_CACHE", "", 1); }

  // A backend of its own, made with this in its environment.
  static void ask(const LoadedModel& loaded, const char* variable, const std::string& value) {
    setenv("TENON_VULKAN_LIES", "untested", 1);
    setenv(variable, value.c_str(), 1);
    loaded.devices.emplace(loaded.host, *loaded.catalog);
    static_cast<void>(
        choose_devices(*loaded.devices, std::array{BackendSpec{"vulkan", "", {}}}, 1));
    unsetenv(variable);
    unsetenv("TENON_VULKAN_LIES");
  }

  // Of a request with a model that is loaded for it.
  static Result<std::vector<float>> request(const LoadedModel& loaded, const ArchModel& file) {
    LoadReport report;
    auto runtime = start_runtime(*loaded.model, *loaded.devices, options(), report);
    if (!runtime) return fail(runtime);
    const auto id = (*runtime)->open_sequence();
    if (!id) return fail(id);
    const auto tokens = file.tokens();
    std::vector<float> all;
    for (std::size_t at = 0; at < k_tokens; at += k_chunk) {
      std::vector<StepRow> rows;
      for (std::size_t i = at; i < std::min(at + k_chunk, k_tokens); ++i)
        rows.push_back({tokens[i], *id, true});
      const auto logits = (*runtime)->step(rows, nullptr);
      if (!logits) return fail(logits);
      all.insert(all.end(), logits->begin(), logits->end());
    }
    return all;
  }
  static std::vector<float> logits(const LoadedModel& loaded, const ArchModel& file) {
    auto got = request(loaded, file);
    EXPECT_TRUE(got) << got.error().message();
    return got.value_or(std::vector<float>());
  }

  // Every call, or some if there is no time for all (scripts/test --full has it).
  static bool every() { return std::getenv("TENON_TEST_EVERY_FAULT") != nullptr; }

  static void fail_each(const LoadedModel& loaded, const ArchModel& file, const char* function,
                        const std::string& result, const std::vector<float>& right) {
    int failures = 0;
    for (int n = 1, passed = 0; passed < 2; n += every() ? 1 : 1 + n / 2) {
      SCOPED_TRACE(::testing::Message() << function << ' ' << n << ' ' << result);
      ask(loaded, "TENON_VULKAN_FAIL", function + (" " + std::to_string(n)) + " " + result);
      const auto got = request(loaded, file);
      passed = got ? passed + 1 : 0;
      if (got) {
        EXPECT_TRUE(same_bits(*got, right));
        continue;
      }
      ++failures;
      EXPECT_THAT(got.error().message(), AnyOf(HasSubstr(result), HasSubstr("lost")));
      EXPECT_TRUE(same_bits(logits(loaded, file), right)) << "the next request";
      ASSERT_LT(n, 2000);
    }
    EXPECT_GT(failures, 0) << function;
  }
};

TEST_F(VulkanModel, IsTheSameWithSmallRangesAndUnseenMemory) {
  const ArchModel file("qwen3", "f32", true);  // matrices of 1.5 MiB
  const LoadedModel loaded(file.path());
  ask(loaded, "TENON_VULKAN_LIES", "untested");
  const auto right = logits(loaded, file);
  for (const char* lies :
       {"untested range=1048576 heap=67108864", "untested no_budget subgroup=0 discrete"}) {
    ask(loaded, "TENON_VULKAN_LIES", lies);
    EXPECT_TRUE(same_bits(logits(loaded, file), right)) << lies;
  }
}

TEST_F(VulkanModel, IsRefusedWhereThereIsNoMemory) {
  const ArchModel file("qwen3", "f32", true);
  const LoadedModel loaded(file.path());
  for (const char* lies : {"untested heap=8000000", "untested budget=0"}) {
    ask(loaded, "TENON_VULKAN_LIES", lies);
    const auto got = request(loaded, file);
    ASSERT_FALSE(got) << lies;
    EXPECT_THAT(got.error().message(), HasSubstr("not enough memory on vulkan: needed"));
  }
}

TEST_F(VulkanModel, IsTheSameInAnyOrderWithinGroups) {
  for (const char* name : {"gemma3", "llama_biases"}) {
    const ArchModel file(name);
    const LoadedModel loaded(file.path());
    ask(loaded, "TENON_VULKAN_ORDER", "");
    const auto right = logits(loaded, file);
    for (const char* order : {"reverse", "shuffle"}) {
      ask(loaded, "TENON_VULKAN_ORDER", order);
      EXPECT_TRUE(same_bits(logits(loaded, file), right)) << name << ' ' << order;
    }
  }
}

// The fault switch forgets the barrier before group 7; only that group shows it.
TEST_F(VulkanModel, AMissingBarrierIsFoundByItsGroup) {
  const ArchModel file("llama_plain");
  const LoadedModel loaded(file.path());
  ask(loaded, "TENON_VULKAN_ORDER", "");
  const auto right = logits(loaded, file);
  setenv("TENON_VULKAN_DROP_BARRIER", "7", 1);
  ask(loaded, "TENON_VULKAN_ORDER", "");
  EXPECT_TRUE(same_bits(logits(loaded, file), right)) << "as recorded, nothing shows";
  for (const auto& [order, shows] : {std::pair{"reverse", true},
                                     {"reverse:0-5", false},
                                     {"reverse:6", true},
                                     {"reverse:7-999", false}}) {
    ask(loaded, "TENON_VULKAN_ORDER", order);
    EXPECT_EQ(static_cast<bool>(same_bits(logits(loaded, file), right)), !shows) << order;
  }
  unsetenv("TENON_VULKAN_DROP_BARRIER");
}

TEST_F(VulkanModel, SurvivesEachFailure) {
  const ArchModel file("llama_plain");
  const LoadedModel loaded(file.path());
  ask(loaded, "TENON_VULKAN_FAIL", "");
  const auto right = logits(loaded, file);
  struct Row {
    const char *function, *result;
    bool quick = false;
  };
  for (const Row& row : {Row{"AllocateMemory", "OUT_OF_DEVICE_MEMORY", true},
                         {"MapMemory", "MEMORY_MAP_FAILED"},
                         {"CreateComputePipelines", "OUT_OF_DEVICE_MEMORY"},
                         {"AllocateDescriptorSets", "OUT_OF_POOL_MEMORY", true},
                         {"EndCommandBuffer", "OUT_OF_HOST_MEMORY"},
                         {"QueueSubmit2", "OUT_OF_DEVICE_MEMORY"},
                         {"QueueSubmit2", "DEVICE_LOST", true},
                         {"WaitSemaphores", "DEVICE_LOST"}})
    if (row.quick || every()) fail_each(loaded, file, row.function, row.result, right);
  ask(loaded, "TENON_VULKAN_LIES", "untested stuck=5 patience=200");
  const auto stuck = request(loaded, file);
  ASSERT_FALSE(stuck);
  EXPECT_THAT(stuck.error().message(), HasSubstr("nothing that was submitted ends"));
}

}  // namespace
}  // namespace tenon::testing
