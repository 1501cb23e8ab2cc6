// What base.h says of whoever meets a value or a flag that it does not know, asked of the foreign
// device: bits 0 .. 15 are declined and change nothing, bits 16 .. 31 are hints.
#include "foreign_device.hpp"

namespace tenon::conformance {
namespace {

constexpr uint32_t k_must = 1u << 15, k_hint = 1u << 16 | 1u << 31;

class ForeignUnknown : public ForeignDevice {
 protected:
  // compile() of y = silu(x), after a change of copies of what describes it.
  struct Copies {
    tn_subgraph graph;
    tn_node node;
    std::vector<tn_tensor> tensors;
    tn_compile_opts opts;
  };
  template <class Change>
  tn_status compiled(Change change) {
    GraphBuilder made(host_);
    const uint32_t x = made.tensor({4, 8}, 0);
    made.node(TN_OP_SILU, {x}, made.tensor({4, 8}, 4096));
    const std::vector<int64_t> bounds(TN_SYM_COUNT, 4);
    Copies c{made.graph(),
             *made.graph().nodes,
             {made[0], made[1]},
             {sizeof(tn_compile_opts), 0, TN_SYM_COUNT, 0, bounds.data()}};
    change(c);
    c.graph.nodes = &c.node;
    c.graph.tensors = c.tensors.data();
    tn_plan* plan = nullptr;
    const tn_status status = api_->compile(device_, &c.graph, &c.opts, &plan);
    EXPECT_EQ(plan != nullptr, status == TN_OK);
    if (plan != nullptr) api_->plan_free(device_, plan);
    return status;
  }
};

TEST_F(ForeignUnknown, FlagsOfWhatIsCompiled) {
  EXPECT_EQ(compiled([](Copies&) {}), TN_OK) << host_.last_error();
  EXPECT_EQ(compiled([](Copies& c) { c.graph.flags = k_must; }), TN_ERR_UNSUPPORTED);
  EXPECT_EQ(compiled([](Copies& c) { c.node.flags = k_must; }), TN_ERR_UNSUPPORTED);
  EXPECT_EQ(compiled([](Copies& c) { c.opts.flags = k_must; }), TN_ERR_UNSUPPORTED);
  EXPECT_EQ(compiled([](Copies& c) { c.graph.flags = c.node.flags = c.opts.flags = k_hint; }),
            TN_OK);
}

TEST_F(ForeignUnknown, RolesAndSymbols) {
  for (const uint32_t tensor : {0u, 1u}) {
    EXPECT_EQ(compiled([&](Copies& c) { c.tensors[tensor].role = TN_ROLE_VIEW + 1; }),
              TN_ERR_UNSUPPORTED);
    EXPECT_EQ(compiled([&](Copies& c) { c.tensors[tensor].role = TN_ROLE_STATE; }),
              TN_ERR_UNSUPPORTED);
    for (uint32_t axis = 1; axis < TN_MAX_RANK; ++axis)
      EXPECT_EQ(compiled([&](Copies& c) { c.tensors[tensor].sym[axis] = TN_SYM_ROWS; }),
                TN_ERR_UNSUPPORTED);
  }
}

TEST_F(ForeignUnknown, FlagsOfAQuestion) {
  GraphBuilder made(host_);
  const uint32_t x = made.tensor({4, 8}, 0), y = made.tensor({4, 8}, 4096);
  made.node(TN_OP_SILU, {x}, y);
  tn_node node = *made.graph().nodes;
  const tn_tensor* t[] = {&made[x], &made[y]};
  tn_node_query query{sizeof query, 1, host(), &node, t, 1, 0};
  const auto accepted = [&] {
    tn_support answer{};
    answer.struct_size = sizeof answer;
    return api_->supports(device_, &query, &answer) == TN_OK && answer.verdict == TN_SUPPORT_YES;
  };
  EXPECT_TRUE(accepted());
  query.flags = k_must;
  EXPECT_FALSE(accepted());
  query.flags = k_hint;
  EXPECT_TRUE(accepted());
  node.flags = k_must;
  EXPECT_FALSE(accepted());
}

TEST_F(ForeignUnknown, FlagsOfWeightsSubmissionsAndOpening) {
  GraphBuilder made(host_);
  const tn_tensor shape = made.describe("f32", {4, 8});
  const std::vector<float> data(32);
  for (const uint32_t flags : {k_must, k_hint}) {
    const tn_status expected = flags == k_must ? TN_ERR_UNSUPPORTED : TN_OK;
    tn_weight_desc desc{};
    desc.struct_size = sizeof desc;
    desc.flags = flags;
    desc.name = "w";
    desc.tensor = &shape;
    desc.data = data.data();
    desc.bytes = data.size() * sizeof(float);
    tn_weight* weight = nullptr;
    EXPECT_EQ(api_->weight_put(device_, &desc, &weight), expected);
    EXPECT_EQ(weight != nullptr, expected == TN_OK);
    if (weight != nullptr) api_->weight_free(device_, weight);

    tn_submit work{};
    work.struct_size = sizeof work;
    work.flags = flags;
    EXPECT_EQ(api_->submit(device_, queue_, &work), expected);

    const tn_open_opts opts{sizeof opts, flags, 0, 0};
    tn_device* opened = nullptr;
    EXPECT_EQ(factory_->open(backend_, 0, &opts, &opened), expected);
    EXPECT_EQ(opened != nullptr, expected == TN_OK);
    if (opened != nullptr) api_->close(opened);
  }
}

}  // namespace
}  // namespace tenon::conformance
