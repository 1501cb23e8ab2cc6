// The table of mixes.
#include "framework/synthesis/mixes.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cctype>

namespace tenon {
namespace {

using Rules = MixRule[];

constexpr Rules k_q2_k = {{"attn_v", Layers::all, "q4_K"},
                          {"ffn_down", Layers::all, "q3_K"},
                          {"attn_output", Layers::all, "q3_K"}};
constexpr Rules k_q3_k_m = {
    {"attn_v", Layers::first_two, "q5_K"},         {"attn_v", Layers::all, "q4_K"},
    {"ffn_down", Layers::first_sixteenth, "q5_K"}, {"ffn_down", Layers::outer_and_third, "q4_K"},
    {"attn_output", Layers::all, "q4_K"},          {"attn_qkv", Layers::all, "q4_K"}};
constexpr Rules k_q4_k_s = {{"attn_v", Layers::first_four, "q5_K"},
                            {"ffn_down", Layers::first_eighth, "q5_K"}};
constexpr Rules k_q4_k_m = {{"attn_v", Layers::outer_and_third, "q6_K"},
                            {"ffn_down", Layers::outer_and_third, "q6_K"},
                            {"attn_qkv", Layers::all, "q5_K"}};
constexpr Rules k_q5_k_m = {{"attn_v", Layers::outer_and_third, "q6_K"},
                            {"ffn_down", Layers::outer_and_third, "q6_K"},
                            {"attn_qkv", Layers::all, "q6_K"}};

// The numbers are those of general.file_type. A type by its own name is a mix of nothing else.
constexpr std::array k_mixes{
    Mix{"F32", 0, "f32", "f32"},
    Mix{"F16", 1, "f16", "f16"},
    Mix{"BF16", 32, "bf16", "bf16"},
    Mix{"Q8_0", 7, "q8_0", "q8_0"},
    Mix{"Q4_0", 2, "q4_0", "q6_K"},
    Mix{"Q4_1", 3, "q4_1", "q6_K"},
    Mix{"Q5_0", 8, "q5_0", "q6_K"},
    Mix{"Q5_1", 9, "q5_1", "q6_K"},
    Mix{"Q2_K", 10, "q2_K", "q6_K", k_q2_k},
    Mix{"Q3_K_M", 12, "q3_K", "q6_K", k_q3_k_m},
    Mix{"Q4_K_S", 14, "q4_K", "q6_K", k_q4_k_s},
    Mix{"Q4_K_M", 15, "q4_K", "q6_K", k_q4_k_m},
    Mix{"Q5_K_S", 16, "q5_K", "q6_K"},
    Mix{"Q5_K_M", 17, "q5_K", "q6_K", k_q5_k_m},
    Mix{"Q6_K", 18, "q6_K", "q6_K"},
    Mix{"IQ4_NL", 25, "iq4_nl", "q6_K"},
    Mix{"IQ4_XS", 30, "iq4_xs", "q6_K"},
    Mix{"MXFP4", 38, "mxfp4", "q8_0"},
    Mix{"TQ2_0", 37, "tq2_0", "q4_K"},
    Mix{"all-Q4_0", 2, "q4_0", "q4_0"},
    Mix{"all-Q4_1", 3, "q4_1", "q4_1"},
    Mix{"all-Q5_0", 8, "q5_0", "q5_0"},
    Mix{"all-Q5_1", 9, "q5_1", "q5_1"},
    Mix{"all-Q2_K", 10, "q2_K", "q2_K"},
    Mix{"all-Q3_K", 12, "q3_K", "q3_K"},
    Mix{"all-Q4_K", 15, "q4_K", "q4_K"},
    Mix{"all-Q5_K", 17, "q5_K", "q5_K"},
    Mix{"all-IQ4_NL", 25, "iq4_nl", "iq4_nl"},
    Mix{"all-IQ4_XS", 30, "iq4_xs", "iq4_xs"},
    Mix{"all-MXFP4", 38, "mxfp4", "mxfp4"},
};

// What takes the place of a type whose blocks are too long for a row.
struct Shorter {
  std::string_view dtype, instead;
};
constexpr std::array k_shorter{
    Shorter{"q2_K", "iq4_nl"}, Shorter{"q3_K", "iq4_nl"}, Shorter{"q4_K", "q5_0"},
    Shorter{"q5_K", "q5_1"},   Shorter{"q6_K", "q8_0"},   Shorter{"iq4_xs", "iq4_nl"},
    Shorter{"tq2_0", "q4_0"},  Shorter{"q4_0", "f16"},    Shorter{"q4_1", "f16"},
    Shorter{"q5_0", "f16"},    Shorter{"q5_1", "f16"},    Shorter{"q8_0", "f16"},
    Shorter{"iq4_nl", "f16"},  Shorter{"mxfp4", "f16"},
};

bool fits(Layers layers, std::int64_t i, std::int64_t n) {
  switch (layers) {
    case Layers::all:
      return true;
    case Layers::outer_and_third:
      return i < n / 8 || i >= 7 * n / 8 || (i - n / 8) % 3 == 2;
    case Layers::first_eighth:
      return i < n / 8;
    case Layers::first_sixteenth:
      return i < n / 16;
    case Layers::first_four:
      return i < 4;
    case Layers::first_two:
      return i < 2;
  }
  return false;
}

std::string_view wanted(const Mix& mix, std::string_view tensor, std::int64_t layer,
                        std::int64_t layers) {
  for (const MixRule& rule : mix.rules)
    if (tensor.ends_with("." + std::string(rule.tensor) + ".weight") &&
        fits(rule.layers, layer, layers))
      return rule.dtype;
  return mix.dtype;
}

bool same_word(std::string_view a, std::string_view b) {
  return std::ranges::equal(
      a, b, [](unsigned char x, unsigned char y) { return std::tolower(x) == std::tolower(y); });
}

}  // namespace

std::span<const Mix> all_mixes() { return k_mixes; }

const Mix* find_mix(std::string_view name) {
  const auto row =
      std::ranges::find_if(k_mixes, [&](const Mix& m) { return same_word(m.name, name); });
  return row == k_mixes.end() ? nullptr : row;
}

Result<const DType*> type_of(const Mix& mix, std::string_view tensor, std::int64_t layer,
                             std::int64_t layers, bool is_output, std::int64_t width) {
  std::string_view name = is_output ? mix.output : wanted(mix, tensor, layer, layers);
  while (width % find_dtype(name)->block_elements != 0) {
    const auto row = std::ranges::find(k_shorter, name, &Shorter::dtype);
    if (row == k_shorter.end())
      return fail(ErrorCode::usage, fmt::format("{}: rows of {} values are no whole blocks of {}",
                                                tensor, width, name));
    name = row->instead;
  }
  return find_dtype(name);
}

}  // namespace tenon
