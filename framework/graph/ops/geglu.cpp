// geglu: gelu_tanh(gate) * up (arXiv:2002.05202).
#include "framework/graph/ops/rows.hpp"

namespace tenon::ops {
namespace {

constexpr std::array<Step, 2> k_steps = {{
    {TN_OP_GELU_TANH, {0, -1, -1}},
    {TN_OP_MUL, {2, 1, -1}},
}};
constexpr std::array k_results = {3};

}  // namespace

extern constexpr OpInfo k_geglu = {TN_OP_GEGLU, "ff", 1, 0, infer_from_steps, k_steps, k_results};

}  // namespace tenon::ops
