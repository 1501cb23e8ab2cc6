// The C face of GraphBuilder: values are ids plus one, so that 0 is "none".
#include <algorithm>

#include "framework/graph/builder.hpp"

namespace tenon {
namespace builder_table {
namespace {

constexpr std::uint32_t k_max_operands = 16;

GraphBuilder& self(void* ctx) { return *static_cast<GraphBuilder*>(ctx); }
ValueId from_abi(tn_val v) { return v == 0 ? k_no_value : v - 1; }
tn_val to_abi(ValueId v) { return v == k_no_value ? 0 : v + 1; }

const char* text_of(const char* text) { return text != nullptr ? text : ""; }

// Architectures call from C: nothing may leave by throwing. What was thrown is the graph's error.
template <class Result, class Body>
Result guarded(void* ctx, Result failed, Body body) noexcept {
  try {
    return body();
  } catch (...) {
    self(ctx).lost_memory();
    return failed;
  }
}

tn_val input(void* ctx, const char* role) {
  return guarded(ctx, tn_val{0}, [&] { return to_abi(self(ctx).input(text_of(role))); });
}
tn_val weight(void* ctx, const char* name) {
  return guarded(ctx, tn_val{0}, [&] { return to_abi(self(ctx).weight(text_of(name))); });
}
tn_val state(void* ctx, std::uint32_t layer) {
  return guarded(ctx, tn_val{0}, [&] { return to_abi(self(ctx).state(layer)); });
}

tn_status add_op(void* ctx, const char* name, std::uint64_t features, const void* params,
                 std::span<const tn_val> in, std::span<tn_val> out) {
  std::vector<ValueId> ins, outs(out.size(), k_no_value);
  for (const tn_val v : in) ins.push_back(from_abi(v));
  const bool ok = self(ctx).op(text_of(name), features, params, ins, outs);
  for (std::size_t i = 0; i < out.size(); ++i) out[i] = ok ? to_abi(outs[i]) : 0;
  return ok ? TN_OK : TN_ERR_INVALID;
}
tn_status refuse(void* ctx, const char* why) {
  return guarded(ctx, tn_status{TN_ERR_INVALID}, [&] {
    self(ctx).error(why);
    return tn_status{TN_ERR_INVALID};
  });
}
tn_status op(void* ctx, const char* name, std::uint64_t features, const void* params,
             const tn_val* in, std::uint32_t n_in, tn_val* out, std::uint32_t n_out) {
  if (n_in > k_max_operands || n_out > k_max_operands)
    return refuse(ctx, "an op of too many operands");
  if ((n_in > 0 && in == nullptr) || (n_out > 0 && out == nullptr))
    return refuse(ctx, "an op without its operands");
  return guarded(ctx, tn_status{TN_ERR_OOM}, [&] {
    return add_op(ctx, name, features, params, {in, n_in}, {out, n_out});
  });
}

tn_val view(void* ctx, tn_val src, std::uint32_t rank, const std::int64_t* dim,
            const std::int64_t* stride, std::int64_t offset) {
  const std::size_t n = dim != nullptr ? rank : 0;
  return guarded(ctx, tn_val{0}, [&] {
    return to_abi(self(ctx).view(from_abi(src), {dim, n}, stride, offset));
  });
}

tn_status shape(void* ctx, tn_val v, std::int64_t dim[6], std::uint32_t sym[6],
                std::uint32_t* rank) {
  if (!self(ctx).known(from_abi(v))) return TN_ERR_INVALID;
  if (dim == nullptr || sym == nullptr || rank == nullptr) return TN_ERR_INVALID;
  const Shape& s = self(ctx).graph().values[from_abi(v)].shape;
  std::copy(s.dim.begin(), s.dim.end(), dim);
  std::copy(s.sym.begin(), s.sym.end(), sym);
  *rank = s.rank;
  return TN_OK;
}

void scope(void* ctx, const char* name, std::int32_t layer) {
  guarded(ctx, 0, [&] {
    self(ctx).scope(text_of(name), layer);
    return 0;
  });
}
tn_status output(void* ctx, const char* role, tn_val v) {
  return guarded(ctx, tn_status{TN_ERR_OOM}, [&] {
    return self(ctx).output(text_of(role), from_abi(v)) ? tn_status{TN_OK}
                                                        : tn_status{TN_ERR_INVALID};
  });
}
tn_status fail_build(void* ctx, const char* text) { return refuse(ctx, text_of(text)); }

tn_builder make(void* ctx) {
  return {sizeof(tn_builder), 0, ctx, input, weight, state, op, view, shape, scope, output,
          fail_build};
}

}  // namespace
}  // namespace builder_table

GraphBuilder::GraphBuilder(BuildSources sources)
    : sources_(std::move(sources)), table_(builder_table::make(this)) {}

}  // namespace tenon
