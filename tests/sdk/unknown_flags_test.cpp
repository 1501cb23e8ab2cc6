// Architectures decline flags that must be understood, before they read or build anything; hints are
// ignored. Asked of the thunks of the SDK, and of llama through its table.
#include <gtest/gtest.h>

#include <tenon/sdk/arch.hpp>

#include "load_factory.hpp"
#include "plugins/conformance/test_host.hpp"

namespace tenon::sdk {
namespace {

constexpr uint32_t k_must[] = {1u << 0, 1u << 15}, k_hint = 1u << 16 | 1u << 31;

// Everything that it does is counted by the tables below.
struct Nothing {
  static Nothing read(Meta&) { return {}; }
  void declare(Declare& d) const { d.limit("n_vocab", 7); }
  void build(Graph& g) const { g.output("logits", {}); }
};
using Thunks = detail::ArchThunks<Nothing>;

struct Tables {
  Tables() {
    meta.struct_size = sizeof meta;
    meta.ctx = declare.ctx = builder.ctx = &calls;
    meta.get_str = [](void* ctx, const char*, const char**, uint64_t*) -> tn_status {
      return ++*static_cast<int*>(ctx), TN_ERR_NOT_FOUND;
    };
    meta.get_i64 = [](void* ctx, const char*, int64_t*) -> tn_status {
      return ++*static_cast<int*>(ctx), TN_ERR_NOT_FOUND;
    };
    declare.struct_size = sizeof declare;
    declare.limit = [](void* ctx, const char*, int64_t) -> tn_status {
      return ++*static_cast<int*>(ctx), TN_OK;
    };
    builder.struct_size = sizeof builder;
    builder.output = [](void* ctx, const char*, tn_val) -> tn_status {
      return ++*static_cast<int*>(ctx), TN_OK;
    };
  }
  int calls = 0;
  tn_meta meta{};
  tn_declare declare{};
  tn_builder builder{};
  tn_build_req req{sizeof(tn_build_req), 0};
};

TEST(UnknownFlags, ThatMustBeUnderstoodAreDeclined) {
  const conformance::TestHost host;
  const auto* llama = *[&] {
    const tn_arch_desc* const* archs = nullptr;
    conformance::load_factory<tn_arch_factory>(TENON_LLAMA_PLUGIN, TN_FACTORY_ARCH, host.table())
        ->archs(&archs);
    return archs;
  }();
  for (const uint32_t bit : k_must) {
    Tables t;
    t.meta.flags = t.declare.flags = bit;
    tn_arch* model = nullptr;
    EXPECT_EQ(Thunks::create(host.table(), &t.meta, &model), TN_ERR_UNSUPPORTED);
    EXPECT_EQ(llama->create(host.table(), &t.meta, &model), TN_ERR_UNSUPPORTED);
    EXPECT_EQ(llama->declare(nullptr, &t.declare), TN_ERR_UNSUPPORTED);
    t.builder.flags = bit;
    EXPECT_EQ(llama->build(nullptr, &t.builder, &t.req), TN_ERR_UNSUPPORTED);
    t.builder.flags = 0;
    t.req.flags = bit;
    EXPECT_EQ(llama->build(nullptr, &t.builder, &t.req), TN_ERR_UNSUPPORTED);
    EXPECT_EQ(model, nullptr);
    EXPECT_EQ(t.calls, 0) << "nothing was changed";
  }
}

TEST(UnknownFlags, ThatAreHintsAreIgnored) {
  const conformance::TestHost host;
  Tables t;
  t.meta.flags = t.declare.flags = t.builder.flags = t.req.flags = k_hint;
  tn_arch* model = nullptr;
  ASSERT_EQ(Thunks::create(host.table(), &t.meta, &model), TN_OK);
  EXPECT_EQ(Thunks::declare(model, &t.declare), TN_OK);
  EXPECT_EQ(Thunks::build(model, &t.builder, &t.req), TN_OK);
  EXPECT_EQ(t.calls, 3);
  Thunks::destroy(model);
}

}  // namespace
}  // namespace tenon::sdk
