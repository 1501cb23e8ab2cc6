// What base.h says of whoever meets a value or a flag that it does not know, asked of the CPU device:
// bits 0 .. 15 are declined and change nothing, bits 16 .. 31 are hints.
#include "tests/unit/cpu_device/plan_runner.hpp"
#include "tests/unit/cpu_device/test_kernels.hpp"

namespace tenon::test {
namespace {

constexpr uint32_t k_must = 1u << 15, k_hint = 1u << 16 | 1u << 31;

class UnknownValues : public testing::Test {
 protected:
  // compile() and supports() after `change` of the subgraph, the options, the node or the query.
  template <class Change>
  tn_status compiled(Change change) {
    maker.node(bound<Affine>(), {x}, {y});
    tn_subgraph graph = maker.graph();
    tn_node node = *graph.nodes;
    tn_compile_opts opts = {sizeof opts, 0, TN_SYM_COUNT, 0, PlanRunner::k_max.data()};
    change(graph, node, opts);
    graph.nodes = &node;
    graph.n_nodes = 1;
    tn_plan* plan = nullptr;
    const tn_status status = device.api->compile(device.dev, &graph, &opts, &plan);
    EXPECT_EQ(plan != nullptr, status == TN_OK);
    device.api->plan_free(device.dev, plan);
    return status;
  }

  OpenDevice device;
  GraphMaker maker{device.host.id("f32")};
  uint32_t x = maker.tensor(TN_ROLE_INPUT, 2, 2);
  uint32_t y = maker.tensor(TN_ROLE_OUTPUT, 2, 2);
};

TEST_F(UnknownValues, FlagsOfASubgraph) {
  EXPECT_EQ(compiled([](tn_subgraph& g, auto&, auto&) { g.flags = k_must; }), TN_ERR_UNSUPPORTED);
  EXPECT_EQ(compiled([](tn_subgraph& g, auto&, auto&) { g.flags = k_hint; }), TN_OK);
}

TEST_F(UnknownValues, FlagsOfANode) {
  EXPECT_EQ(compiled([](auto&, tn_node& n, auto&) { n.flags = k_must; }), TN_ERR_UNSUPPORTED);
  EXPECT_EQ(compiled([](auto&, tn_node& n, auto&) { n.flags = k_hint; }), TN_OK);
}

TEST_F(UnknownValues, FlagsOfCompiling) {
  EXPECT_EQ(compiled([](auto&, auto&, tn_compile_opts& o) { o.flags = k_must; }),
            TN_ERR_UNSUPPORTED);
  EXPECT_EQ(compiled([](auto&, auto&, tn_compile_opts& o) { o.flags = k_hint; }), TN_OK);
}

TEST_F(UnknownValues, RolesAndSymbolsOfTensors) {
  const auto with = [&](auto change) {
    const tn_tensor kept = maker[x];
    change(maker[x]);
    const tn_status status = compiled([](auto&, auto&, auto&) {});
    maker[x] = kept;
    return status;
  };
  EXPECT_EQ(with([](tn_tensor& t) { t.role = TN_ROLE_VIEW + 1; }), TN_ERR_UNSUPPORTED);
  for (uint32_t axis = 1; axis < TN_MAX_RANK; ++axis)
    EXPECT_EQ(with([&](tn_tensor& t) { t.sym[axis] = TN_SYM_ROWS; }), TN_ERR_UNSUPPORTED) << axis;
  EXPECT_EQ(with([](tn_tensor& t) { t.sym[0] = TN_SYM_COUNT; }), TN_ERR_INVALID)
      << "a symbol without an extent";
}

// A host of a later minor has more symbols; they are indexed, not counted.
TEST_F(UnknownValues, MoreSymbolsThanThisMinorHas) {
  const std::vector<int64_t> bounds(TN_SYM_COUNT + 3, 2);
  const auto more = [&](auto&, auto&, tn_compile_opts& o) {
    o.n_syms = static_cast<uint32_t>(bounds.size());
    o.max_syms = bounds.data();
  };
  EXPECT_EQ(compiled(more), TN_OK);
  maker[x].sym[0] = maker[y].sym[0] = TN_SYM_COUNT + 2;
  EXPECT_EQ(compiled(more), TN_OK) << "an extent is an extent";
}

TEST_F(UnknownValues, FlagsOfAQuestion) {
  const tn_node& node = maker.node(bound<Affine>(), {x}, {y});
  const tn_tensor* t[] = {&maker[x], &maker[y]};
  tn_node_query query = {sizeof query, 1, device.host.table(), &node, t, 1, 0};
  const auto ask = [&] {
    tn_support answer = {sizeof answer, TN_SUPPORT_NO, nullptr};
    const tn_status status = device.api->supports(device.dev, &query, &answer);
    return status == TN_OK && answer.verdict == TN_SUPPORT_YES;
  };
  EXPECT_TRUE(ask()) << device.host.error();
  query.flags = k_must;
  EXPECT_FALSE(ask());
  query.flags = k_hint;
  EXPECT_TRUE(ask());
}

TEST_F(UnknownValues, FlagsOfAWeight) {
  const float data[4] = {};
  const tn_tensor shape = maker[x];
  tn_weight_desc desc = {};
  desc.struct_size = sizeof desc;
  desc.tensor = &shape;
  desc.data = data;
  desc.bytes = sizeof data;
  const auto put = [&](uint32_t flags) {
    desc.flags = flags;
    tn_weight* weight = nullptr;
    const tn_status status = device.api->weight_put(device.dev, &desc, &weight);
    device.api->weight_free(device.dev, weight);
    return status;
  };
  EXPECT_EQ(put(k_must), TN_ERR_UNSUPPORTED);
  EXPECT_EQ(put(k_hint), TN_OK) << device.host.error();
}

TEST_F(UnknownValues, FlagsOfABackendAndOfOpening) {
  const tn_backend_factory* factory = device.backend.factory;
  for (const uint32_t flags : {k_must, k_hint}) {
    const tn_status expected = flags == k_must ? TN_ERR_UNSUPPORTED : TN_OK;
    const tn_backend_opts backend_opts = {sizeof backend_opts, flags};
    tn_backend* backend = nullptr;
    EXPECT_EQ(factory->create(device.host.table(), &backend_opts, &backend), expected);
    EXPECT_EQ(backend != nullptr, expected == TN_OK);
    if (backend != nullptr) factory->destroy(backend);
    const tn_open_opts open_opts = {sizeof open_opts, flags, 1, 0};
    tn_device* opened = nullptr;
    EXPECT_EQ(factory->open(device.backend.handle, 0, &open_opts, &opened), expected);
    EXPECT_EQ(opened != nullptr, expected == TN_OK);
    if (opened != nullptr) device.api->close(opened);
  }
}

}  // namespace
}  // namespace tenon::test
