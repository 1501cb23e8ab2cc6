// The table of element types.
#include "framework/formats/dtype.hpp"

#include <algorithm>
#include <array>

namespace tenon {
namespace {

constexpr std::array k_dtypes{
    DType{"f32", 0, 1, 4},       DType{"f16", 1, 1, 2},         DType{"q4_0", 2, 32, 18},
    DType{"q4_1", 3, 32, 20},    DType{"q5_0", 6, 32, 22},      DType{"q5_1", 7, 32, 24},
    DType{"q8_0", 8, 32, 34},    DType{"q2_K", 10, 256, 84},    DType{"q3_K", 11, 256, 110},
    DType{"q4_K", 12, 256, 144}, DType{"q5_K", 13, 256, 176},   DType{"q6_K", 14, 256, 210},
    DType{"iq4_nl", 20, 32, 18}, DType{"iq4_xs", 23, 256, 136}, DType{"i8", 24, 1, 1},
    DType{"i16", 25, 1, 2},      DType{"i32", 26, 1, 4},        DType{"i64", 27, 1, 8},
    DType{"f64", 28, 1, 8},      DType{"bf16", 30, 1, 2},       DType{"tq2_0", 35, 256, 66},
    DType{"mxfp4", 39, 32, 17},
};

// What other programs store: names and sizes, so that a file with such a tensor can be shown.
constexpr std::array k_foreign{
    DType{"q8_1", 9, 32, 36},     DType{"q8_K", 15, 256, 292},   DType{"iq2_xxs", 16, 256, 66},
    DType{"iq2_xs", 17, 256, 74}, DType{"iq3_xxs", 18, 256, 98}, DType{"iq1_s", 19, 256, 50},
    DType{"iq3_s", 21, 256, 110}, DType{"iq2_s", 22, 256, 82},   DType{"iq1_m", 29, 256, 56},
    DType{"tq1_0", 34, 256, 54},
};

const DType* row_or_null(decltype(k_dtypes)::const_iterator row) {
  return row == k_dtypes.end() ? nullptr : row;
}

}  // namespace

std::span<const DType> all_dtypes() { return k_dtypes; }

const DType* find_dtype(std::string_view name) {
  return row_or_null(std::ranges::find(k_dtypes, name, &DType::name));
}

const DType* find_dtype_by_ggml(std::uint32_t ggml_type) {
  return row_or_null(std::ranges::find(k_dtypes, ggml_type, &DType::ggml_type));
}

const DType* find_stored_dtype(std::uint32_t ggml_type) {
  if (const DType* ours = find_dtype_by_ggml(ggml_type)) return ours;
  const auto row = std::ranges::find(k_foreign, ggml_type, &DType::ggml_type);
  return row == k_foreign.end() ? nullptr : row;
}

}  // namespace tenon
