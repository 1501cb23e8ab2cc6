// The logits of a model as it runs in earnest: whole plans instead of single ops.
#pragma once

#include "framework/bisect/steps.hpp"
#include "framework/engine/step/runtime.hpp"

namespace tenon {

// Of the last row of each step, one after the other.
Result<std::vector<float>> whole_logits(const Model& model, Devices& devices, LoadOptions options,
                                        std::span<const ModelStep> steps);

}  // namespace tenon
