// qkv_proj: three projections of one x: wq, wk, wv, x (T,D) -> q, k, v.
#include "framework/graph/ops/rows.hpp"

namespace tenon::ops {
namespace {

constexpr std::array<Step, 3> k_steps = {{
    {TN_OP_MATMUL, {0, 3, -1}},
    {TN_OP_MATMUL, {1, 3, -1}},
    {TN_OP_MATMUL, {2, 3, -1}},
}};
constexpr std::array k_results = {4, 5, 6};

}  // namespace

extern constexpr OpInfo k_qkv_proj = {TN_OP_QKV_PROJ,   "wwwf",  3,        0,
                                      infer_from_steps, k_steps, k_results};

}  // namespace tenon::ops
