// The table of shapes, from the configurations that were published with the models.
#include "framework/synthesis/shapes.hpp"

#include <algorithm>
#include <string>

namespace tenon {
namespace {

using Names = std::string_view[];

constexpr Names k_output = {"output.weight"};
constexpr Names k_qkv_biases = {"attn_q.bias", "attn_k.bias", "attn_v.bias"};

constexpr ShapeKey k_no_window[] = {{"attention.sliding_window", 0},
                                    {"rope.scaling.original_context_length", 16384}};

// Llama 3.1's rule (factor 32, frequencies 1 and 4, 8,192 positions) for heads of 64.
constexpr float k_llama3_factors[] = {
    1,           1,           1,  1,  1,  1,  1,  1,  1,  1,  1,  1,  1,  1,  1,  1.65132925F,
    3.29226210F, 9.66672898F, 32, 32, 32, 32, 32, 32, 32, 32, 32, 32, 32, 32, 32, 32};
constexpr ShapeVector k_llama3_positions[] = {{"rope_freqs.weight", k_llama3_factors}};

// clang-format off
//   name             arch    layers  width heads kv  head    ffn   vocab context      base   eps
constexpr ModelShape k_shapes[] = {
    {"qwen3-0.6b",    "qwen3",   28,  1024,  16,   8, 128,  3072, 151936,  40960, 1000000, 1e-6F},
    {"qwen3-1.7b",    "qwen3",   28,  2048,  16,   8, 128,  6144, 151936,  40960, 1000000, 1e-6F},
    {"qwen3-4b",      "qwen3",   36,  2560,  32,   8, 128,  9728, 151936,  40960, 1000000, 1e-6F},
    {"qwen3-8b",      "qwen3",   36,  4096,  32,   8, 128, 12288, 151936,  40960, 1000000, 1e-6F, k_output},
    {"qwen3-32b",     "qwen3",   64,  5120,  64,   8, 128, 25600, 151936,  40960, 1000000, 1e-6F, k_output},
    {"llama-3.2-1b",  "llama",   16,  2048,  32,   8,  64,  8192, 128256, 131072,  500000, 1e-5F, {}, {}, k_llama3_positions},
    {"qwen2.5-0.5b",  "qwen2",   24,   896,  14,   2,  64,  4864, 151936,  32768, 1000000, 1e-6F, k_qkv_biases},
    {"qwen2.5-1.5b",  "qwen2",   28,  1536,  12,   2, 128,  8960, 151936,  32768, 1000000, 1e-6F, k_qkv_biases},
    {"phi-4",         "phi3",    40,  5120,  40,  10, 128, 17920, 100352,  16384,  250000, 1e-5F, k_output, k_no_window},
    {"smollm2-135m",  "llama",   30,   576,   9,   3,  64,  1536,  49152,   8192,  100000, 1e-5F},
    {"smollm2-360m",  "llama",   32,   960,  15,   5,  64,  2560,  49152,   8192,  100000, 1e-5F},
    {"smollm2-1.7b",  "llama",   24,  2048,  32,  32,  64,  8192,  49152,   8192,  130000, 1e-5F},
};
// clang-format on

bool named(const ModelShape& shape, std::string_view arch, std::string_view name) {
  if (!arch.empty() && shape.arch != arch) return false;
  return shape.name == name || (!arch.empty() && shape.name.ends_with("-" + std::string(name)));
}

}  // namespace

std::span<const ModelShape> all_shapes() { return k_shapes; }

const ModelShape* find_shape(std::string_view arch, std::string_view name) {
  const auto row =
      std::ranges::find_if(k_shapes, [&](const ModelShape& s) { return named(s, arch, name); });
  return row == std::end(k_shapes) ? nullptr : row;
}

}  // namespace tenon
