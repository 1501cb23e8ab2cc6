// rms_norm_mul: rms_norm(x) * w.
#include "framework/graph/ops/rows.hpp"

namespace tenon::ops {
namespace {

constexpr std::array<Step, 2> k_steps = {{
    {TN_OP_RMS_NORM, {0, -1, -1}, 0, true},
    {TN_OP_MUL, {2, 1, -1}, TN_ELEMENTWISE_BROADCAST},
}};
constexpr std::array k_results = {3};

}  // namespace

extern constexpr OpInfo k_rms_norm_mul = {
    TN_OP_RMS_NORM_MUL, "ff", 1, sizeof(tn_norm_params), infer_from_steps, k_steps, k_results};

}  // namespace tenon::ops
