// Checking what an architecture declares against the tensor table of the file.
#include <algorithm>

#include "framework/engine/load/model.hpp"

namespace tenon {
namespace {

constexpr std::uint32_t k_max_states = 4096;
constexpr std::string_view k_no_weights[] = {"i8", "i16", "i32", "i64", "f64"};

struct Collector {
  const GgufFile& file;
  Declared declared;
  std::string error;  // the first one

  tn_status fail(std::string text) {
    if (error.empty()) error = std::move(text);
    return TN_ERR_INVALID;
  }
};

Collector& self(void* ctx) { return *static_cast<Collector*>(ctx); }

std::string dims(std::span<const std::int64_t> dim) {
  std::string text = "(";
  for (std::size_t i = 0; i < dim.size(); ++i) text += (i > 0 ? ", " : "") + std::to_string(dim[i]);
  return text + ")";
}

tn_status tensor(void* ctx, const char* name, std::uint32_t flags, std::uint32_t rank,
                 const std::int64_t* dim) {
  Collector& c = self(ctx);
  const GgufTensor* found = c.file.find_tensor(name);
  if (found == nullptr) {
    if ((flags & TN_TENSOR_OPTIONAL) != 0) return TN_OK;
    return c.fail(std::string("tensor \"") + name + "\" is missing");
  }
  const std::span<const std::int64_t> want(dim, rank), have(found->dim.data(), found->rank);
  if (!std::equal(want.begin(), want.end(), have.begin(), have.end()))
    return c.fail(std::string("tensor \"") + name + "\" has shape " + dims(have) +
                  ", the hyper-parameters ask for " + dims(want));
  const DType& dtype = *found->dtype;
  const bool packed_vector = rank < 2 && dtype.block_elements > 1;
  if (packed_vector || std::ranges::find(k_no_weights, dtype.name) != std::end(k_no_weights))
    return c.fail(std::string("tensor \"") + name + "\" holds " + std::string(dtype.name) +
                  (packed_vector ? ", which only matrices may" : ", which weights may not"));
  c.declared.tensors[name] = found;
  return TN_OK;
}

tn_status kv_state(void* ctx, std::uint32_t id, std::uint32_t n_kv_heads, std::uint32_t dk,
                   std::uint32_t dv, std::int64_t window) {
  Collector& c = self(ctx);
  const bool sane = id < k_max_states && n_kv_heads > 0 && n_kv_heads <= 65536 && dk > 0 &&
                    dk <= 65536 && dv > 0 && dv <= 65536 && window >= 0;
  if (!sane)
    return c.fail("state " + std::to_string(id) + ": the declared KV cache is out of range");
  c.declared.states[id] = {n_kv_heads, dk, dv, window, 0};
  return TN_OK;
}

tn_status limit(void* ctx, const char* name, std::int64_t value) {
  self(ctx).declared.limits[name] = value;
  return TN_OK;
}

}  // namespace

Result<Declared> read_declared(const GgufFile& file, const tn_arch_desc& desc, const tn_arch* arch,
                               const HostTable& host) {
  Collector collector{file, {}, {}};
  const tn_declare table{sizeof(tn_declare), 0, &collector, tensor, kv_state, limit};
  host.take_error();
  const tn_status status = desc.declare(arch, &table);
  if (!collector.error.empty()) return fail(ErrorCode::model, file.name() + ": " + collector.error);
  if (status != TN_OK)
    return fail(ErrorCode::model, file.name() + ": " + host.to_error(status, desc.id).message());
  for (const char* name : {"n_vocab", "n_ctx_train"})
    if (collector.declared.limits[name] <= 0)
      return fail(ErrorCode::model,
                  file.name() + ": architecture " + desc.id + " declares no " + name);
  return std::move(collector.declared);
}

}  // namespace tenon
