// add_rms_norm: s = a + b, rms_norm(s) * w; both are outputs.
#include "framework/graph/ops/rows.hpp"

namespace tenon::ops {
namespace {

constexpr std::array<Step, 3> k_steps = {{
    {TN_OP_ADD, {0, 1, -1}},
    {TN_OP_RMS_NORM, {3, -1, -1}, 0, true},
    {TN_OP_MUL, {4, 2, -1}, TN_ELEMENTWISE_BROADCAST},
}};
constexpr std::array k_results = {3, 5};

}  // namespace

extern constexpr OpInfo k_add_rms_norm = {
    TN_OP_ADD_RMS_NORM, "fff", 2, sizeof(tn_norm_params), infer_from_steps, k_steps, k_results};

}  // namespace tenon::ops
