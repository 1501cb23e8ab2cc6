// Sizes of the dtypes of the contract: values and bytes per block.
#pragma once

#include "oracle/formats.hpp"

namespace tenon::conformance {

using Dtype = oracle::Format;

inline const Dtype& dtype(const std::string& name) { return oracle::format(name); }

}  // namespace tenon::conformance
