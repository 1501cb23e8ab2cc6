// Architectures in C++: a plain struct with read(Meta&), declare(Declare&) and build(Graph&).
//   struct Llama {
//     static Llama read(Meta&);
//     void declare(Declare&) const;
//     void build(Graph&) const;
//   };
//   TENON_MODEL("com.acme.llama", "1.0.0", "ACME", "llama", Llama, "llama")
// Errors are kept by Meta and by the host's builder (the first one wins):
// model code checks nothing.
#pragma once

#include <initializer_list>
#include <string>
#include <tenon/sdk/plugin.hpp>
#include <vector>

#pragma GCC visibility push(hidden)
namespace tenon {
namespace sdk {
inline namespace v1_0 {

// Text of a file for a message: cut short, and without what could steer a terminal.
inline std::string quoted(const std::string& text) {
  std::string safe;
  for (const char c : text.substr(0, 64)) safe += c >= 0x20 && c < 0x7f ? c : '?';
  return '"' + safe + (text.size() > 64 ? "...\"" : "\"");
}

// Hyper-parameters. A key that starts with '.' gets the architecture's name in front.
class Meta {
 public:
  Meta(const tn_host* host, const tn_meta* raw) : host_(host), raw_(raw) {
    const char* name = nullptr;
    uint64_t size = 0;
    if (raw_->get_str(raw_->ctx, "general.architecture", &name, &size) == TN_OK)
      arch_.assign(name, size);
  }

  // Required: absent or out of [low, high] is an error that names the key.
  int64_t integer(const char* key, int64_t low, int64_t high) {
    return get_int(key, low, high, nullptr);
  }
  int64_t integer_or(const char* key, int64_t fallback, int64_t low, int64_t high) {
    return get_int(key, low, high, &fallback);
  }
  float real(const char* key) { return get_real(key, nullptr); }
  float real_or(const char* key, float fallback) { return get_real(key, &fallback); }
  // Absent: the fallback. Present but of another type is an error that names the key.
  bool flag_or(const char* key, bool fallback) {
    uint32_t value = fallback;
    const tn_status status = raw_->get_bool(raw_->ctx, full(key).c_str(), &value);
    return found(status, key, "not true or false") ? value != 0 : fallback;
  }
  std::string text_or(const char* key, const char* fallback) {
    const char* text = nullptr;
    uint64_t size = 0;
    const tn_status status = raw_->get_str(raw_->ctx, full(key).c_str(), &text, &size);
    return found(status, key, "not a text") ? std::string(text, size) : fallback;
  }
  // Numbers of an array, or empty if there is none.
  std::vector<double> reals(const char* key) {
    uint64_t n = 0;
    const tn_status status = raw_->get_f64s(raw_->ctx, full(key).c_str(), nullptr, 0, &n);
    if (!found(status, key, "not a list of numbers")) return {};
    std::vector<double> values(n);
    if (raw_->get_f64s(raw_->ctx, full(key).c_str(), values.data(), n, &n) != TN_OK) values.clear();
    return values;
  }
  // One whole number (or true as 1) for each layer; empty if the file has no such key.
  std::vector<int64_t> per_layer(const char* key, int64_t layers) {
    uint64_t n = 0;
    const tn_status status = raw_->get_i64s(raw_->ctx, full(key).c_str(), nullptr, 0, &n);
    if (!found(status, key, "not a list of whole numbers")) return {};
    require(n == static_cast<uint64_t>(layers), full(key) + ": not one value for each layer");
    if (failed_) return {};
    std::vector<int64_t> values(n);
    if (raw_->get_i64s(raw_->ctx, full(key).c_str(), values.data(), n, &n) != TN_OK) values.clear();
    return values;
  }
  // Extent of a tensor of the file, outermost axis first; 0 if it has none.
  int64_t tensor_dim(const std::string& name, unsigned axis) const {
    return raw_->tensor_dim(raw_->ctx, name.c_str(), axis);
  }
  // Whether the file has such a key, of whatever type. A key about positions that no architecture
  // asks for is refused by the host: asking says that it is understood.
  bool has(const char* key) const {
    int64_t value = 0;
    return raw_->get_i64(raw_->ctx, full(key).c_str(), &value) != TN_ERR_NOT_FOUND;
  }
  bool has_tensor(const std::string& name) const { return tensor_dim(name, 0) != 0; }
  const std::string& arch() const { return arch_; }

  // Any other rule: `m.require(heads % kv_heads == 0, "… must divide …")`.
  void require(bool holds, const std::string& text) {
    if (holds || failed_) return;
    failed_ = true;
    fail(host_, TN_ERR_INVALID, text.c_str());
  }
  bool failed() const { return failed_; }

 private:
  std::string full(const char* key) const { return key[0] == '.' ? arch_ + key : key; }

  int64_t get_int(const char* key, int64_t low, int64_t high, const int64_t* fallback) {
    const std::string name = full(key);
    int64_t value = fallback != nullptr ? *fallback : 0;
    tn_status status = raw_->get_i64(raw_->ctx, name.c_str(), &value);
    if (status == TN_ERR_INVALID) status = one_for_all(raw_->get_i64s, name, value);
    if (status == TN_ERR_NOT_FOUND && fallback != nullptr) return *fallback;
    require(status != TN_ERR_NOT_FOUND, name + ": required key is missing");
    require(status == TN_OK, name + ": not an integer in range");
    require(value >= low && value <= high, name + " is " + std::to_string(value) + ", must be " +
                                               std::to_string(low) + " to " + std::to_string(high));
    return failed_ ? low : value;
  }
  float get_real(const char* key, const float* fallback) {
    const std::string name = full(key);
    double value = 0;
    tn_status status = raw_->get_f64(raw_->ctx, name.c_str(), &value);
    if (status == TN_ERR_INVALID) status = one_for_all(raw_->get_f64s, name, value);
    if (status == TN_ERR_NOT_FOUND && fallback != nullptr) return *fallback;
    require(status != TN_ERR_NOT_FOUND, name + ": required key is missing");
    const float narrow = static_cast<float>(value);
    require(status == TN_OK && narrow - narrow == 0, name + ": not a finite number");
    return failed_ ? 1.0f : narrow;
  }
  // A list with one value for each layer, all of them the same, is that value.
  template <class Get, class T>
  tn_status one_for_all(Get get, const std::string& name, T& value) {
    int64_t layers = 0;
    uint64_t n = 0;
    const std::string count = arch_ + ".block_count";
    const bool list = raw_->get_i64(raw_->ctx, count.c_str(), &layers) == TN_OK && layers > 0 &&
                      layers <= 4096 && get(raw_->ctx, name.c_str(), nullptr, 0, &n) == TN_OK;
    if (!list || n != static_cast<uint64_t>(layers)) return TN_ERR_INVALID;
    std::vector<T> values(n);
    if (get(raw_->ctx, name.c_str(), values.data(), n, &n) != TN_OK) return TN_ERR_INVALID;
    for (const T& other : values)
      require(other == values[0], name + " differs from layer to layer, which is not supported");
    value = values[0];
    return TN_OK;
  }
  bool found(tn_status status, const char* key, const char* otherwise) {
    if (status == TN_ERR_NOT_FOUND) return false;
    require(status == TN_OK, full(key) + ": " + otherwise);
    return status == TN_OK;
  }

  const tn_host* host_;
  const tn_meta* raw_;
  std::string arch_;
  bool failed_ = false;
};

// What the model needs from the file. Shapes are outermost first:
// a matrix is (rows out, columns in).
class Declare {
 public:
  explicit Declare(const tn_declare* raw) : raw_(raw) {}

  void tensor(const std::string& name, std::initializer_list<int64_t> dim) { add(name, 0, dim); }
  void optional(const std::string& name, std::initializer_list<int64_t> dim) {
    add(name, TN_TENSOR_OPTIONAL, dim);
  }
  // name.weight (out, in), and name.bias if the file has one: what Block::linear multiplies with.
  void linear(const std::string& name, int64_t out, int64_t in) {
    tensor(name + ".weight", {out, in});
    optional(name + ".bias", {out});
  }
  // Paged keys and values; `id` is what Graph::state takes.
  void kv_state(int64_t id, int64_t kv_heads, int64_t dk, int64_t dv, int64_t window = 0) {
    note(raw_->kv_state(raw_->ctx, static_cast<uint32_t>(id), static_cast<uint32_t>(kv_heads),
                        static_cast<uint32_t>(dk), static_cast<uint32_t>(dv), window));
  }
  void limit(const char* name, int64_t value) { note(raw_->limit(raw_->ctx, name, value)); }
  tn_status status() const { return status_; }

 private:
  void add(const std::string& name, uint32_t flags, std::initializer_list<int64_t> dim) {
    note(raw_->tensor(raw_->ctx, name.c_str(), flags, static_cast<uint32_t>(dim.size()),
                      dim.begin()));
  }
  void note(tn_status status) {
    if (status_ == TN_OK) status_ = status;
  }

  const tn_declare* raw_;
  tn_status status_ = TN_OK;
};

class Graph;

// A value in a graph under construction. Cheap to copy.
struct Tensor {
  const Graph* graph = nullptr;
  tn_val value = 0;

  explicit operator bool() const { return value != 0; }
  int64_t dim(unsigned axis) const;  // -1 for the symbolic extent
  // The same data with other dims; -1 keeps the symbolic extent.
  Tensor view(std::initializer_list<int64_t> dim) const;
  // Columns first … first+count-1 of the last axis.
  Tensor columns(int64_t first, int64_t count) const;
  // Columns first … of a value (T,N) as `count` heads of `width`: (T,count,width).
  Tensor heads(int64_t first, int64_t count, int64_t width) const;
  // Rows of a weight matrix.
  Tensor weight_rows(int64_t first, int64_t count) const;
};

class Graph {
 public:
  explicit Graph(const tn_builder* raw) : raw_(raw) {}

  Tensor input(const char* role) const { return {this, raw_->input(raw_->ctx, role)}; }
  // A weight by its name in the file; false if the file has none.
  Tensor weight(const std::string& name) const {
    return {this, raw_->weight(raw_->ctx, name.c_str())};
  }
  Tensor state(int64_t id) const {
    return {this, raw_->state(raw_->ctx, static_cast<uint32_t>(id))};
  }
  void output(const char* role, Tensor t) const { raw_->output(raw_->ctx, role, t.value); }
  void scope(const std::string& name, int64_t layer = -1) const {
    raw_->scope(raw_->ctx, name.c_str(), static_cast<int32_t>(layer));
  }

  // Any op by name; the sugar in ops.hpp covers the usual ones.
  template <unsigned long N>
  void op(const char* name, uint64_t features, const void* params, std::initializer_list<Tensor> in,
          Tensor (&out)[N]) const {
    tn_val outs[N] = {};
    std::vector<tn_val> ins;
    for (const Tensor& t : in) ins.push_back(t.value);
    raw_->op(raw_->ctx, name, features, params, ins.data(), static_cast<uint32_t>(ins.size()), outs,
             N);
    for (unsigned long i = 0; i < N; ++i) out[i] = {this, outs[i]};
  }
  Tensor op(const char* name, uint64_t features, const void* params,
            std::initializer_list<Tensor> in) const {
    Tensor out[1];
    op(name, features, params, in, out);
    return out[0];
  }
  const tn_builder* raw() const { return raw_; }

 private:
  const tn_builder* raw_;
};

inline int64_t Tensor::dim(unsigned axis) const {
  int64_t dim[6] = {};
  uint32_t sym[6] = {}, rank = 0;
  if (graph->raw()->shape(graph->raw()->ctx, value, dim, sym, &rank) != TN_OK || axis >= rank)
    return 0;
  return sym[axis] != TN_SYM_STATIC ? -1 : dim[axis];
}

inline Tensor Tensor::view(std::initializer_list<int64_t> dim) const {
  const tn_builder* b = graph->raw();
  return {graph,
          b->view(b->ctx, value, static_cast<uint32_t>(dim.size()), dim.begin(), nullptr, 0)};
}

inline Tensor Tensor::columns(int64_t first, int64_t count) const {
  const tn_builder* b = graph->raw();
  const int64_t dims[2] = {-1, count}, strides[2] = {dim(1), 1};
  return {graph, b->view(b->ctx, value, 2, dims, strides, first)};
}

inline Tensor Tensor::heads(int64_t first, int64_t count, int64_t width) const {
  const tn_builder* b = graph->raw();
  const int64_t dims[3] = {-1, count, width}, strides[3] = {dim(1), width, 1};
  return {graph, b->view(b->ctx, value, 3, dims, strides, first)};
}

inline Tensor Tensor::weight_rows(int64_t first, int64_t count) const {
  const tn_builder* b = graph->raw();
  const int64_t dims[2] = {count, dim(1)}, strides[2] = {dim(1), 1};
  return {graph, b->view(b->ctx, value, 2, dims, strides, first * dim(1))};
}

namespace detail {

template <class M>
struct ArchThunks {
  static tn_status create(const tn_host* host, const tn_meta* meta, tn_arch** out) noexcept {
    if (must_decline(meta->flags)) return fail(host, TN_ERR_UNSUPPORTED, "create: unknown flags");
    return guarded([&]() -> tn_status {
      Meta m(host, meta);
      M* model = new M(M::read(m));
      if (m.failed()) return delete model, TN_ERR_INVALID;
      *out = reinterpret_cast<tn_arch*>(model);
      return TN_OK;
    });
  }
  static tn_status declare(const tn_arch* self, const tn_declare* raw) noexcept {
    if (must_decline(raw->flags)) return TN_ERR_UNSUPPORTED;
    return guarded([&] {
      Declare d(raw);
      reinterpret_cast<const M*>(self)->declare(d);
      return d.status();
    });
  }
  static tn_status build(const tn_arch* self, const tn_builder* raw,
                         const tn_build_req* req) noexcept {
    if (must_decline(raw->flags) || must_decline(req->flags)) return TN_ERR_UNSUPPORTED;
    return guarded([&] {
      Graph g(raw);
      reinterpret_cast<const M*>(self)->build(g);
      return TN_OK;
    });
  }
  static void destroy(tn_arch* self) noexcept { delete reinterpret_cast<M*>(self); }
};

}  // namespace detail
}  // namespace v1_0
}  // namespace sdk
}  // namespace tenon
#pragma GCC visibility pop

// One architecture per plugin; the last arguments are values of general.architecture.
#define TENON_MODEL(plugin_id, version, vendor, arch_id, Model, ...)                         \
  static constexpr const char* tenon_gguf_archs[] = {__VA_ARGS__, nullptr};                  \
  static constexpr tn_arch_desc tenon_arch_desc = {                                          \
      sizeof(tn_arch_desc),                                                                  \
      0,                                                                                     \
      arch_id,                                                                               \
      tenon_gguf_archs,                                                                      \
      ::tenon::sdk::detail::ArchThunks<Model>::create,                                       \
      ::tenon::sdk::detail::ArchThunks<Model>::declare,                                      \
      ::tenon::sdk::detail::ArchThunks<Model>::build,                                        \
      ::tenon::sdk::detail::ArchThunks<Model>::destroy};                                     \
  static constexpr const tn_arch_desc* tenon_arch_list[] = {&tenon_arch_desc};               \
  static constexpr tn_arch_factory tenon_arch_factory = {                                    \
      sizeof(tn_arch_factory), 0, [](const tn_arch_desc* const** out) noexcept -> uint32_t { \
        return *out = tenon_arch_list, 1u;                                                   \
      }};                                                                                    \
  TENON_PLUGIN(plugin_id, version, vendor, "arch", "", tenon_arch_factory,                   \
               ::tenon::sdk::k_arch_factory)
