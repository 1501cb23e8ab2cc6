// CpuFeatures: cpuid bits by name, each with the register state that the OS must save for it.
#include "framework/plugin/cpu_features.hpp"

#include <array>

#if defined(__x86_64__)
#include <cpuid.h>
#elif defined(__aarch64__)
#include <sys/auxv.h>
#endif

namespace tenon {
namespace {

using Word = std::uint32_t CpuidWords::*;

// XCR0: bits of register state that the OS saves (Intel SDM volume 1, 13.1).
constexpr std::uint64_t k_none = 0;
constexpr std::uint64_t k_ymm = 0x6;       // SSE, AVX
constexpr std::uint64_t k_zmm = 0xe6;      // plus opmask and both halves of ZMM
constexpr std::uint64_t k_tile = 0x60000;  // AMX configuration and data

struct FeatureRow {
  std::string_view name;
  Word word;
  unsigned bit;
  std::uint64_t state;
};

constexpr std::array k_features{
    FeatureRow{"sse", &CpuidWords::leaf1_edx, 25, k_none},
    FeatureRow{"sse2", &CpuidWords::leaf1_edx, 26, k_none},
    FeatureRow{"sse3", &CpuidWords::leaf1_ecx, 0, k_none},
    FeatureRow{"pclmul", &CpuidWords::leaf1_ecx, 1, k_none},
    FeatureRow{"ssse3", &CpuidWords::leaf1_ecx, 9, k_none},
    FeatureRow{"fma", &CpuidWords::leaf1_ecx, 12, k_ymm},
    FeatureRow{"cx16", &CpuidWords::leaf1_ecx, 13, k_none},
    FeatureRow{"sse4.1", &CpuidWords::leaf1_ecx, 19, k_none},
    FeatureRow{"sse4.2", &CpuidWords::leaf1_ecx, 20, k_none},
    FeatureRow{"movbe", &CpuidWords::leaf1_ecx, 22, k_none},
    FeatureRow{"popcnt", &CpuidWords::leaf1_ecx, 23, k_none},
    FeatureRow{"avx", &CpuidWords::leaf1_ecx, 28, k_ymm},
    FeatureRow{"f16c", &CpuidWords::leaf1_ecx, 29, k_ymm},
    FeatureRow{"lzcnt", &CpuidWords::extended1_ecx, 5, k_none},
    FeatureRow{"bmi1", &CpuidWords::leaf7_ebx, 3, k_none},
    FeatureRow{"avx2", &CpuidWords::leaf7_ebx, 5, k_ymm},
    FeatureRow{"bmi2", &CpuidWords::leaf7_ebx, 8, k_none},
    FeatureRow{"avx512f", &CpuidWords::leaf7_ebx, 16, k_zmm},
    FeatureRow{"avx512dq", &CpuidWords::leaf7_ebx, 17, k_zmm},
    FeatureRow{"avx512ifma", &CpuidWords::leaf7_ebx, 21, k_zmm},
    FeatureRow{"avx512cd", &CpuidWords::leaf7_ebx, 28, k_zmm},
    FeatureRow{"avx512bw", &CpuidWords::leaf7_ebx, 30, k_zmm},
    FeatureRow{"avx512vl", &CpuidWords::leaf7_ebx, 31, k_zmm},
    FeatureRow{"avx512vbmi", &CpuidWords::leaf7_ecx, 1, k_zmm},
    FeatureRow{"avx512vbmi2", &CpuidWords::leaf7_ecx, 6, k_zmm},
    FeatureRow{"gfni", &CpuidWords::leaf7_ecx, 8, k_none},
    FeatureRow{"avx512vnni", &CpuidWords::leaf7_ecx, 11, k_zmm},
    FeatureRow{"avx512bitalg", &CpuidWords::leaf7_ecx, 12, k_zmm},
    FeatureRow{"avx512vpopcntdq", &CpuidWords::leaf7_ecx, 14, k_zmm},
    FeatureRow{"amx_bf16", &CpuidWords::leaf7_edx, 22, k_tile},
    FeatureRow{"avx512fp16", &CpuidWords::leaf7_edx, 23, k_zmm},
    FeatureRow{"amx_tile", &CpuidWords::leaf7_edx, 24, k_tile},
    FeatureRow{"amx_int8", &CpuidWords::leaf7_edx, 25, k_tile},
    FeatureRow{"avxvnni", &CpuidWords::leaf7_1_eax, 4, k_ymm},
    FeatureRow{"avx512bf16", &CpuidWords::leaf7_1_eax, 5, k_zmm},
    FeatureRow{"amx_fp16", &CpuidWords::leaf7_1_eax, 21, k_tile},
    FeatureRow{"avxifma", &CpuidWords::leaf7_1_eax, 23, k_ymm},
    FeatureRow{"avxvnniint8", &CpuidWords::leaf7_1_edx, 4, k_ymm},
    FeatureRow{"avxneconvert", &CpuidWords::leaf7_1_edx, 5, k_ymm},
};

#if defined(__x86_64__)
std::uint64_t read_xcr0() {
  std::uint32_t low = 0, high = 0;
  __asm__ volatile("xgetbv" : "=a"(low), "=d"(high) : "c"(0));
  return (std::uint64_t{high} << 32) | low;
}
#endif

}  // namespace

CpuidWords CpuidWords::of_this_machine() {
  CpuidWords words;
#if defined(__x86_64__)
  constexpr std::uint32_t k_osxsave = 1u << 27;
  std::uint32_t a = 0, b = 0, c = 0, d = 0;
  if (__get_cpuid(1, &a, &b, &c, &d) != 0) {
    words.leaf1_ecx = c;
    words.leaf1_edx = d;
    if ((c & k_osxsave) != 0) words.xcr0 = read_xcr0();
  }
  if (__get_cpuid_count(7, 0, &a, &b, &c, &d) != 0) {
    const std::uint32_t last_subleaf = a;
    words.leaf7_ebx = b;
    words.leaf7_ecx = c;
    words.leaf7_edx = d;
    if (last_subleaf >= 1 && __get_cpuid_count(7, 1, &a, &b, &c, &d) != 0) {
      words.leaf7_1_eax = a;
      words.leaf7_1_edx = d;
    }
  }
  if (__get_cpuid(0x80000001u, &a, &b, &c, &d) != 0) words.extended1_ecx = c;
#endif
  return words;
}

CpuFeatures CpuFeatures::parse(const CpuidWords& words) {
  CpuFeatures features;
  for (const FeatureRow& row : k_features) {
    const bool present = ((words.*row.word >> row.bit) & 1u) != 0;
    const bool saved = (words.xcr0 & row.state) == row.state;
    if (present && saved) features.names_.emplace(row.name);
  }
  return features;
}

CpuFeatures CpuFeatures::of_this_machine() {
#if defined(__aarch64__)
  struct Row {
    std::string_view name;
    unsigned bit;
  };
  constexpr std::array rows{Row{"fp", 0},       Row{"asimd", 1},    Row{"fphp", 9},
                            Row{"asimdhp", 10}, Row{"dotprod", 20}, Row{"sve", 22}};
  CpuFeatures features;
  const unsigned long bits = getauxval(AT_HWCAP);
  for (const Row& row : rows) {
    if (((bits >> row.bit) & 1u) != 0) features.names_.emplace(row.name);
  }
  return features;
#else
  return parse(CpuidWords::of_this_machine());
#endif
}

std::string machine_features() {
  const CpuFeatures here = CpuFeatures::of_this_machine();
  std::string text;
  for (const std::string& name : here.names()) text += (text.empty() ? "" : " ") + name;
  return text;
}

bool CpuFeatures::meets(std::string_view requirement) const {
  constexpr std::string_view k_prefix = "cpu.";
  return requirement.starts_with(k_prefix) && has(requirement.substr(k_prefix.size()));
}

}  // namespace tenon
