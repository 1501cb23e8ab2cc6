// The dtypes that weights may have, from the framework's table.
#pragma once

#include <string>
#include <vector>

#include "framework/formats/dtype.hpp"

namespace tenon::conformance {

// Every type of blocks, and the floats of 32 and 16 bits.
inline std::vector<std::string> weight_types() {
  std::vector<std::string> names;
  for (const DType& d : all_dtypes())
    if (d.block_elements > 1 || d.name == "f32" || d.name == "f16" || d.name == "bf16")
      names.emplace_back(d.name);
  return names;
}

}  // namespace tenon::conformance
