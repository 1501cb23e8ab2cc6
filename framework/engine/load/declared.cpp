// Checking what an architecture declares against the tensor table of the file, and that it uses all
// that the file holds. The callbacks are called from C: nothing may leave them by throwing.
#include <algorithm>

#include "framework/base/guarded.hpp"
#include "framework/base/quoted.hpp"
#include "framework/engine/load/model.hpp"

namespace tenon {
namespace {

constexpr std::uint32_t k_max_states = 4096;
constexpr std::int64_t k_max_limit = std::int64_t{1} << 31;
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

// A call of an architecture; a NULL argument is an error of its own.
template <class Call>
tn_status collected(void* ctx, bool arguments, Call call) noexcept {
  Collector& c = *static_cast<Collector*>(ctx);
  return guarded(tn_status{TN_ERR_OOM}, [&]() -> tn_status {
    return arguments ? call(c) : c.fail("the architecture declares something without a name");
  });
}

std::string tensor_named(std::string_view name) { return "tensor " + quoted(name); }

std::string dims(std::span<const std::int64_t> dim) {
  std::string text = "(";
  for (std::size_t i = 0; i < dim.size(); ++i) text += (i > 0 ? ", " : "") + std::to_string(dim[i]);
  return text + ")";
}

tn_status declare_tensor(Collector& c, std::string_view name, std::uint32_t flags,
                         std::span<const std::int64_t> want) {
  const GgufTensor* found = c.file.find_tensor(name);
  if (found == nullptr) {
    if ((flags & TN_TENSOR_OPTIONAL) != 0) return TN_OK;
    return c.fail(tensor_named(name) + " is missing");
  }
  const std::span<const std::int64_t> have(found->dim.data(), found->rank);
  if (!std::ranges::equal(want, have))
    return c.fail(tensor_named(name) + " has shape " + dims(have) +
                  ", the hyper-parameters ask for " + dims(want));
  const DType& dtype = *found->dtype;
  if (find_dtype(dtype.name) == nullptr)
    return c.fail(tensor_named(name) + " holds " + std::string(dtype.name) +
                  ", which is not supported");
  const bool packed_vector = want.size() < 2 && dtype.block_elements > 1;
  if (packed_vector || std::ranges::find(k_no_weights, dtype.name) != std::end(k_no_weights))
    return c.fail(tensor_named(name) + " holds " + std::string(dtype.name) +
                  (packed_vector ? ", which only matrices may" : ", which weights may not"));
  c.declared.tensors[std::string(name)] = found;
  return TN_OK;
}

tn_status tensor(void* ctx, const char* name, std::uint32_t flags, std::uint32_t rank,
                 const std::int64_t* dim) {
  return collected(ctx, name && dim, [&](Collector& c) -> tn_status {
    if (rank > std::tuple_size_v<decltype(GgufTensor::dim)>)
      return c.fail(tensor_named(name) + " is declared with " + std::to_string(rank) + " axes");
    return declare_tensor(c, name, flags, {dim, rank});
  });
}

tn_status kv_state(void* ctx, std::uint32_t id, std::uint32_t n_kv_heads, std::uint32_t dk,
                   std::uint32_t dv, std::int64_t window) {
  return collected(ctx, true, [&](Collector& c) -> tn_status {
    const bool sane = id < k_max_states && n_kv_heads > 0 && n_kv_heads <= 65536 && dk > 0 &&
                      dk <= 65536 && dv > 0 && dv <= 65536 && window >= 0;
    if (!sane)
      return c.fail("state " + std::to_string(id) + ": the declared KV cache is out of range");
    c.declared.states[id] = {n_kv_heads, dk, dv, window, 0};
    return TN_OK;
  });
}

tn_status limit(void* ctx, const char* name, std::int64_t value) {
  return collected(ctx, name != nullptr, [&](Collector& c) -> tn_status {
    if (value <= 0 || value > k_max_limit)
      return c.fail("the declared limit " + quoted(name) + " is " + std::to_string(value) +
                    ", must be 1 to " + std::to_string(k_max_limit));
    c.declared.limits[name] = value;
    return TN_OK;
  });
}

// Rows live as long as they can be read: as long as those of every state with the same window.
void form_groups(Declared& declared) {
  std::vector<std::int64_t>& windows = declared.windows;
  for (const auto& [_, state] : declared.states) windows.push_back(state.window);
  std::ranges::sort(windows);
  windows.erase(std::unique(windows.begin(), windows.end()), windows.end());
  for (auto& [_, state] : declared.states)
    state.group =
        static_cast<std::uint32_t>(std::ranges::find(windows, state.window) - windows.begin());
}

Status check_complete(const Declared& declared, const GgufFile& file, const char* arch) {
  for (const char* name : {"n_vocab", "n_ctx_train"})
    if (!declared.limits.contains(name))
      return fail(ErrorCode::model,
                  file.name() + ": architecture " + quoted(arch) + " declares no " + name);
  return {};
}

// What the model would lack is refused; what is none of its parts, such as a tower for pictures, is
// told.
Status check_unused(Declared& declared, const GgufFile& file, const char* arch) {
  std::size_t unused = 0;
  const GgufTensor* first = nullptr;
  for (const GgufTensor& t : file.tensors()) {
    if (declared.tensors.contains(t.name)) continue;
    if (is_model_part(t.name))
      return fail(ErrorCode::model, file.name() + ": " + tensor_named(t.name) +
                                        " is nothing that the architecture " + quoted(arch) +
                                        " uses: without it the answers would be wrong");
    if (unused++ == 0) first = &t;
  }
  if (first != nullptr) declared.findings.push_back(unused_finding(unused, first->name));
  return {};
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
  if (Status s = check_complete(collector.declared, file, desc.id); !s) return fail(s);
  if (Status s = check_unused(collector.declared, file, desc.id); !s) return fail(s);
  form_groups(collector.declared);
  return std::move(collector.declared);
}

}  // namespace tenon
