// A difference between two backends, as text and as JSON.
#pragma once

#include <nlohmann/json.hpp>

#include "framework/include/tenon/bisect.hpp"

namespace tenon::cli {

// "blk.3.attention (tn.attention/1, layer 3) in step 1 (1 row)".
std::string one_line(const Divergence& d);
// With shape, kernels, range and values, a line each.
std::string text_of(const Divergence& d);
std::string text_of(const ElementRange& e);

nlohmann::ordered_json to_json(const Divergence& d);
nlohmann::ordered_json to_json(const ElementRange& e);

}  // namespace tenon::cli
