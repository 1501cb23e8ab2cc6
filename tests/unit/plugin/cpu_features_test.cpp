// CpuFeatures: a feature counts only if the OS saves its registers.
#include "framework/plugin/cpu_features.hpp"

#include <gtest/gtest.h>

namespace tenon {
namespace {

// A processor that has everything, under an OS that saves `xcr0`.
CpuidWords everything(std::uint64_t xcr0) {
  constexpr std::uint32_t all = 0xffffffffu;
  return {all, all, all, all, all, all, all, all, xcr0};
}

TEST(CpuFeatures, NothingFromNothing) { EXPECT_TRUE(CpuFeatures::parse({}).names().empty()); }

TEST(CpuFeatures, OsWithoutAvxState) {
  const auto cpu = CpuFeatures::parse(everything(0x3));
  for (const char* name : {"sse2", "ssse3", "sse4.2", "popcnt", "bmi2"}) EXPECT_TRUE(cpu.has(name));
  for (const char* name : {"avx", "fma", "f16c", "avx2", "avxvnni", "avx512f", "amx_int8"}) {
    EXPECT_FALSE(cpu.has(name)) << name;
  }
}

TEST(CpuFeatures, OsWithAvxButNotAvx512State) {
  const auto cpu = CpuFeatures::parse(everything(0x7));
  for (const char* name : {"avx", "fma", "f16c", "avx2", "avxvnni"}) EXPECT_TRUE(cpu.has(name));
  for (const char* name : {"avx512f", "avx512vnni", "avx512bf16", "avx512fp16", "amx_int8"}) {
    EXPECT_FALSE(cpu.has(name)) << name;
  }
}

TEST(CpuFeatures, OsWithAvx512ButNotTileState) {
  const auto cpu = CpuFeatures::parse(everything(0xe7));
  for (const char* name : {"avx512f", "avx512bw", "avx512cd", "avx512dq", "avx512vl", "avx512vnni",
                           "avx512vbmi", "avx512bf16", "avx512fp16"}) {
    EXPECT_TRUE(cpu.has(name)) << name;
  }
  EXPECT_FALSE(cpu.has("amx_int8"));
  EXPECT_TRUE(CpuFeatures::parse(everything(0x600e7)).has("amx_int8"));
  EXPECT_FALSE(CpuFeatures::parse(everything(0x400e7)).has("amx_bf16"));  // configuration unsaved
}

TEST(CpuFeatures, OneBitEach) {
  CpuidWords words;
  words.xcr0 = 0x600e7;
  words.leaf7_ecx = 1u << 11;
  EXPECT_EQ(CpuFeatures::parse(words).names().size(), 1u);
  EXPECT_TRUE(CpuFeatures::parse(words).has("avx512vnni"));
}

TEST(CpuFeatures, MeetsRequirementsOfTheCpuOnly) {
  const CpuFeatures cpu({"avx2"});
  EXPECT_TRUE(cpu.meets("cpu.avx2"));
  EXPECT_FALSE(cpu.meets("cpu.avx512f"));
  EXPECT_FALSE(cpu.meets("avx2"));
  EXPECT_FALSE(cpu.meets("gpu.avx2"));
  EXPECT_FALSE(cpu.meets(""));
}

#if defined(__x86_64__)
// The compiler's own detection also looks at the saved state.
TEST(CpuFeatures, AgreesWithTheCompilerAboutThisMachine) {
  const auto cpu = CpuFeatures::of_this_machine();
  EXPECT_TRUE(cpu.has("sse2"));
  EXPECT_EQ(cpu.has("sse4.2"), __builtin_cpu_supports("sse4.2") != 0);
  EXPECT_EQ(cpu.has("popcnt"), __builtin_cpu_supports("popcnt") != 0);
  EXPECT_EQ(cpu.has("avx"), __builtin_cpu_supports("avx") != 0);
  EXPECT_EQ(cpu.has("avx2"), __builtin_cpu_supports("avx2") != 0);
  EXPECT_EQ(cpu.has("fma"), __builtin_cpu_supports("fma") != 0);
  EXPECT_EQ(cpu.has("bmi2"), __builtin_cpu_supports("bmi2") != 0);
  EXPECT_EQ(cpu.has("avx512f"), __builtin_cpu_supports("avx512f") != 0);
  EXPECT_EQ(cpu.has("avx512bw"), __builtin_cpu_supports("avx512bw") != 0);
  EXPECT_EQ(cpu.has("avx512vnni"), __builtin_cpu_supports("avx512vnni") != 0);
}
#endif

}  // namespace
}  // namespace tenon
