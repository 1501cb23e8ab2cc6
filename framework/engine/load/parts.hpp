// The parts of loading that a single node needs too: its weights and the memory of its activations.
#pragma once

#include "framework/engine/load/model.hpp"
#include "framework/execution/shape_bucket.hpp"

namespace tenon {

// Every weight on every device that reads it.
std::vector<WeightPlace> all_weights(const GraphContext& context);

// Hands one weight to its device, in the layout that the placement says. It may be compiled with
// at once and is in place after weights_commit.
Result<OwnedWeight> put_weight(const GraphContext& context, const Model& model,
                               const WeightPlace& place, const std::uint32_t* cancel);

// The same with `bytes` that are not a model's; they must stay as long as the weight.
Result<OwnedWeight> put_bytes(const GraphContext& context, const WeightPlace& place,
                              std::span<const std::byte> bytes, const std::uint32_t* cancel);

// Bytes of each block of a target's arena, so that it is large enough for each of `buckets`.
std::vector<std::uint64_t> arena_blocks(std::span<const ShapeBucket> buckets, std::size_t target);

// What the plans of all buckets add to the memory of a target, as far as they know.
std::uint64_t scratch_bytes(std::span<const ShapeBucket> buckets, std::size_t target);

// A queue and an arena per device, and the staging: large enough for each of `buckets`.
Status allocate_arenas(GraphContext& context, std::span<const ShapeBucket> buckets);

}  // namespace tenon
