// The functions behind tn_meta; every check is GgufMetadata's. They are called from C: nothing may
// leave them by throwing, and a NULL argument is an error of the caller's.
#include "framework/engine/load/meta_table.hpp"

#include <algorithm>

#include "framework/base/guarded.hpp"

namespace tenon {
namespace {

MetaTable& self(void* ctx) { return *static_cast<MetaTable*>(ctx); }

// A question for a key; `arguments` says that nothing else is NULL.
template <class Call>
tn_status checked(void* ctx, const char* key, bool arguments, Call call) noexcept {
  if (key == nullptr || !arguments) return TN_ERR_INVALID;
  return guarded(tn_status{TN_ERR_OOM}, [&] { return call(self(ctx).asked(key)); });
}

template <class T, class Out>
tn_status give(const Result<std::optional<T>>& found, Out* out) {
  if (!found) return TN_ERR_INVALID;
  if (!*found) return TN_ERR_NOT_FOUND;
  *out = static_cast<Out>(**found);
  return TN_OK;
}

// Whether the value, or each element of the list, is of these types.
bool holds(const GgufMetadata& metadata, const char* key, std::initializer_list<GgufType> types) {
  const GgufEntry* entry = metadata.find(key);
  if (entry == nullptr) return false;
  const auto* array = std::get_if<GgufArray>(&entry->value.payload);
  return std::ranges::count(types, array != nullptr ? array->element() : entry->value.type) > 0;
}

template <class T, class Out>
tn_status give_all(const GgufMetadata& metadata, const char* key, Out* out, std::uint64_t cap,
                   std::uint64_t* n) {
  return give(metadata.visit<T>(key,
                                [&](std::uint64_t i, T value) {
                                  if (i < cap) out[i] = static_cast<Out>(value);
                                }),
              n);
}

tn_status get_i64(void* ctx, const char* key, std::int64_t* out) {
  return checked(ctx, key, out, [&](const GgufMetadata& m) { return give(m.get_i64(key), out); });
}

// A number of any kind.
tn_status get_f64(void* ctx, const char* key, double* out) {
  return checked(ctx, key, out, [&](const GgufMetadata& m) {
    const bool real = holds(m, key, {GgufType::f32, GgufType::f64});
    const auto whole = m.get_i64(key);
    return !real && whole ? give(whole, out) : give(m.get_f64(key), out);
  });
}

tn_status get_bool(void* ctx, const char* key, std::uint32_t* out) {
  return checked(ctx, key, out, [&](const GgufMetadata& m) { return give(m.get_bool(key), out); });
}

tn_status get_str(void* ctx, const char* key, const char** out, std::uint64_t* len) {
  return checked(ctx, key, out && len, [&](const GgufMetadata& m) -> tn_status {
    const auto found = m.get_string(key);
    if (!found) return TN_ERR_INVALID;
    if (!*found) return TN_ERR_NOT_FOUND;
    *out = (*found)->data();
    *len = (*found)->size();
    return TN_OK;
  });
}

// Integers, or truth values as 0 and 1.
tn_status get_i64s(void* ctx, const char* key, std::int64_t* out, std::uint64_t cap,
                   std::uint64_t* n) {
  return checked(ctx, key, n && (out || cap == 0), [&](const GgufMetadata& m) {
    return holds(m, key, {GgufType::boolean}) ? give_all<bool>(m, key, out, cap, n)
                                              : give_all<std::int64_t>(m, key, out, cap, n);
  });
}

// Numbers of any kind.
tn_status get_f64s(void* ctx, const char* key, double* out, std::uint64_t cap, std::uint64_t* n) {
  return checked(ctx, key, n && (out || cap == 0), [&](const GgufMetadata& m) {
    return holds(m, key, {GgufType::f32, GgufType::f64})
               ? give_all<double>(m, key, out, cap, n)
               : give_all<std::int64_t>(m, key, out, cap, n);
  });
}

std::int64_t tensor_dim(void* ctx, const char* name, std::uint32_t axis) {
  return guarded(std::int64_t{0}, [&]() -> std::int64_t {
    return name == nullptr ? 0 : self(ctx).tensor_dim(name, axis);
  });
}

MetaTable::TensorDim dims_of(const GgufFile& file) {
  return [&file](std::string_view name, std::uint32_t axis) -> std::int64_t {
    const GgufTensor* tensor = file.find_tensor(name);
    return tensor != nullptr && axis < tensor->rank ? tensor->dim[axis] : 0;
  };
}

}  // namespace

MetaTable::MetaTable(const GgufFile& f) : MetaTable(f, dims_of(f)) {}

MetaTable::MetaTable(const GgufFile& f, TensorDim dim)
    : file_(f), tensor_dim_(std::move(dim)), table_{sizeof(tn_meta),  0,        this,
                                                    get_i64,          get_f64,  get_bool,
                                                    get_str,          get_i64s, get_f64s,
                                                    tenon::tensor_dim} {}

const GgufMetadata& MetaTable::asked(const char* key) {
  const std::scoped_lock lock(mutex_);
  asked_.insert(key);
  return file_.metadata();
}

const GgufEntry* MetaTable::find_unread(std::string_view prefix) const {
  const std::scoped_lock lock(mutex_);
  const auto& entries = file_.metadata().entries();
  const auto found = std::ranges::find_if(entries, [&](const GgufEntry& e) {
    return e.name.starts_with(prefix) && !asked_.contains(e.name);
  });
  return found != entries.end() ? &*found : nullptr;
}

}  // namespace tenon
