// The functions behind tn_meta; every check is GgufMetadata's.
#include "framework/engine/load/meta_table.hpp"

#include <algorithm>

namespace tenon {
namespace {

const GgufFile& file(void* ctx) { return *static_cast<const GgufFile*>(ctx); }

template <class T, class Out>
tn_status give(const Result<std::optional<T>>& found, Out* out) {
  if (!found) return TN_ERR_INVALID;
  if (!*found) return TN_ERR_NOT_FOUND;
  *out = static_cast<Out>(**found);
  return TN_OK;
}

template <class T>
tn_status give_all(const Result<std::optional<std::vector<T>>>& found, T* out, std::uint64_t cap,
                   std::uint64_t* n) {
  if (!found) return TN_ERR_INVALID;
  if (!*found) return TN_ERR_NOT_FOUND;
  *n = (*found)->size();
  if (out != nullptr) std::copy_n((*found)->begin(), std::min<std::uint64_t>(cap, *n), out);
  return TN_OK;
}

tn_status get_i64(void* ctx, const char* key, std::int64_t* out) {
  return give(file(ctx).metadata().get_i64(key), out);
}
tn_status get_f64(void* ctx, const char* key, double* out) {
  return give(file(ctx).metadata().get_f64(key), out);
}
tn_status get_bool(void* ctx, const char* key, std::uint32_t* out) {
  return give(file(ctx).metadata().get_bool(key), out);
}
tn_status get_str(void* ctx, const char* key, const char** out, std::uint64_t* len) {
  const auto found = file(ctx).metadata().get_string(key);
  if (!found) return TN_ERR_INVALID;
  if (!*found) return TN_ERR_NOT_FOUND;
  *out = (*found)->data();
  *len = (*found)->size();
  return TN_OK;
}
tn_status get_i64s(void* ctx, const char* key, std::int64_t* out, std::uint64_t cap,
                   std::uint64_t* n) {
  return give_all(file(ctx).metadata().get_i64s(key), out, cap, n);
}
tn_status get_f64s(void* ctx, const char* key, double* out, std::uint64_t cap, std::uint64_t* n) {
  return give_all(file(ctx).metadata().get_f64s(key), out, cap, n);
}
std::int64_t tensor_dim(void* ctx, const char* name, std::uint32_t axis) {
  const GgufTensor* tensor = file(ctx).find_tensor(name);
  return tensor != nullptr && axis < tensor->rank ? tensor->dim[axis] : 0;
}

}  // namespace

MetaTable::MetaTable(const GgufFile& f)
    : table_{sizeof(tn_meta), 0,        const_cast<GgufFile*>(&f),
             get_i64,         get_f64,  get_bool,
             get_str,         get_i64s, get_f64s,
             tensor_dim} {}

}  // namespace tenon
