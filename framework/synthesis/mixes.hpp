// Mixes: which type each tensor of a file gets, as the usual recipes of llama-quantize say.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "framework/base/result.hpp"
#include "framework/formats/dtype.hpp"

namespace tenon {

// Layers that a rule is for, of n: which of them carry more of the error was found by experiment.
enum class Layers : std::uint8_t {
  all,
  outer_and_third,
  first_eighth,
  first_sixteenth,
  first_four,
  first_two
};

struct MixRule {
  std::string_view tensor;  // how the name ends, without ".weight": "attn_v"
  Layers layers;
  std::string_view dtype;
};

struct Mix {
  std::string_view name;    // "Q4_K_M"
  std::uint32_t file_type;  // general.file_type
  std::string_view dtype;   // of matrices that no rule is for
  std::string_view output;  // of the output matrix, or of the embedding that is used as one
  std::span<const MixRule> rules = {};  // the first that fits counts
};

std::span<const Mix> all_mixes();
// Case does not matter. nullptr if there is none.
const Mix* find_mix(std::string_view name);

// What a matrix of `layer` (-1: none) of `layers` gets; `is_output`: it makes the logits. Rows of
// `width` values that are no whole blocks get the nearest type with smaller ones.
Result<const DType*> type_of(const Mix& mix, std::string_view tensor, std::int64_t layer,
                             std::int64_t layers, bool is_output, std::int64_t width);

}  // namespace tenon
