// Kernel packs in C++: describe a kernel in one expression, write plan and run,
// list it in the pack.
//   struct Silu {
//     static Work plan(const Args& a) { return Work().phase(a.rows(0)); }
//     static void run(const Args& a, unsigned phase, uint64_t first, uint64_t last, void* scratch);
//   };
//   constexpr auto k_silu = kernel<Silu>("com.acme.silu", TN_OP_SILU).in<"f32">().out<"f32">();
#pragma once

#include <array>
#include <cstddef>
#include <cstring>
#include <tenon/sdk/plugin.hpp>

#pragma GCC visibility push(hidden)
namespace tenon {
namespace sdk {
inline namespace v1_0 {

// A string as a template argument, so that lists of names are constants without boilerplate.
template <unsigned long N>
struct Name {
  char text[N] = {};
  consteval Name(const char (&literal)[N]) {  // NOLINT(google-explicit-constructor): sugar
    for (unsigned long i = 0; i < N; ++i) text[i] = literal[i];
  }
};

template <unsigned long A, unsigned long B>
consteval Name<A + B - 1> operator+(const Name<A>& a, const Name<B>& b) {
  char joined[A + B - 1] = {};
  for (unsigned long i = 0; i < A - 1; ++i) joined[i] = a.text[i];
  for (unsigned long i = 0; i < B; ++i) joined[A - 1 + i] = b.text[i];
  return Name<A + B - 1>(joined);
}

template <Name... Names>
inline constexpr const char* k_names[sizeof...(Names) + 1] = {Names.text..., nullptr};

// The parameters of a node, whole: fields beyond what the host has given are 0, their default.
template <class P>
P params(const tn_node& node) {
  P copy{};
  if (node.params == nullptr) return copy;
  uint32_t given = 0;
  std::memcpy(&given, node.params, sizeof(given));
  std::memcpy(&copy, node.params, given < sizeof(P) ? given : sizeof(P));
  return copy;
}

// A typed view of tn_cpu_args. Operands are numbered as in ops.h: inputs, then outputs.
class Args {
 public:
  explicit Args(const tn_cpu_args* raw) : raw_(raw) {}

  const tn_tensor& tensor(unsigned i) const { return *raw_->t[i]; }
  bool has(unsigned i) const { return raw_->t[i] != nullptr; }
  const tn_tensor& out_tensor(unsigned i = 0) const { return *raw_->t[raw_->n_in + i]; }
  unsigned n_in() const { return raw_->n_in; }

  // The extent of one axis in this step.
  int64_t extent(const tn_tensor& t, unsigned axis) const {
    return t.sym[axis] != TN_SYM_STATIC ? raw_->syms[t.sym[axis]] : t.dim[axis];
  }
  int64_t extent(unsigned i, unsigned axis) const { return extent(*raw_->t[i], axis); }
  int64_t sym(unsigned symbol) const { return raw_->syms[symbol]; }
  // Product of all axes but the last: how many vectors of the last axis there are.
  int64_t rows(const tn_tensor& t) const {
    int64_t n = 1;
    for (unsigned a = 0; a + 1 < t.rank; ++a) n *= extent(t, a);
    return n;
  }
  int64_t rows(unsigned i) const { return rows(*raw_->t[i]); }
  static int64_t width(const tn_tensor& t) { return t.dim[t.rank - 1]; }
  int64_t width(unsigned i) const { return width(*raw_->t[i]); }

  template <class T>
  const T* in(unsigned i) const {
    return static_cast<const T*>(raw_->ptr[i]);
  }
  template <class T>
  T* out(unsigned i = 0) const {
    return static_cast<T*>(raw_->ptr[raw_->n_in + i]);
  }
  const tn_cpu_kv& kv(unsigned i) const { return *static_cast<const tn_cpu_kv*>(raw_->ptr[i]); }
  template <class P>
  P params() const {
    return sdk::params<P>(*raw_->node);
  }
  uint64_t features() const { return raw_->node->features; }
  void* shared() const { return raw_->shared; }
  const tn_cpu_args* raw() const { return raw_; }

 private:
  const tn_cpu_args* raw_;
};

// What plan() answers: up to four phases of independent items, and scratch in bytes.
class Work {
 public:
  Work& phase(int64_t items, unsigned flags = 0) {
    work_.items[work_.n_phases] = items > 0 ? static_cast<uint64_t>(items) : 0;
    work_.flags[work_.n_phases++] = flags;
    return *this;
  }
  Work& shared(int64_t bytes) { return work_.shared_scratch = static_cast<uint64_t>(bytes), *this; }
  Work& worker(int64_t bytes) { return work_.worker_scratch = static_cast<uint64_t>(bytes), *this; }
  const tn_cpu_work& raw() const { return work_; }

 private:
  tn_cpu_work work_{sizeof(tn_cpu_work), 0, {}, {}, 0, 0};
};

namespace detail {

template <class K>
concept HasCheck = requires(const tn_node_query& q) {
  K::check(q);
};

template <class K>
struct CpuThunks {
  static tn_status check(const tn_node_query* q) noexcept {
    if constexpr (HasCheck<K>) return guarded([&] { return K::check(*q); });
    return TN_OK;
  }
  static tn_status plan(const tn_cpu_args* a, tn_cpu_work* inout) noexcept {
    return guarded([&] {
      const uint32_t size = inout->struct_size;
      *inout = K::plan(Args(a)).raw();
      inout->struct_size = size;
      return TN_OK;
    });
  }
  static void run(const tn_cpu_args* a, uint32_t phase, uint64_t first, uint64_t last,
                  void* scratch) noexcept {
    K::run(Args(a), phase, first, last, scratch);
  }
};

template <class K>
inline constexpr tn_cpu_kernel k_cpu_kernel = {sizeof(tn_cpu_kernel), 0, CpuThunks<K>::check,
                                               CpuThunks<K>::plan, CpuThunks<K>::run};

}  // namespace detail

// tn_kernel_desc with setters that return a changed copy.
struct Kernel {
  tn_kernel_desc desc;

  // Defined before the setters: clang 14 evaluates their calls only then.
  template <class Field, class Value>
  constexpr Kernel with(Field tn_kernel_desc::*field, Value value) const {
    Kernel copy = *this;
    copy.desc.*field = value;
    return copy;
  }

  template <Name... Names>
  constexpr Kernel in() const {
    return with(&tn_kernel_desc::in_dtypes, k_names<Names...>);
  }
  template <Name... Names>
  constexpr Kernel out() const {
    return with(&tn_kernel_desc::out_dtypes, k_names<Names...>);
  }
  template <Name... Names>
  constexpr Kernel needs() const {
    return with(&tn_kernel_desc::requires_, k_names<Names...>);
  }
  template <Name... Names>
  constexpr Kernel layouts() const {
    return with(&tn_kernel_desc::layouts, k_names<Names...>);
  }
  constexpr Kernel arithmetic(const char* name) const {
    return with(&tn_kernel_desc::arithmetic, name);
  }
  constexpr Kernel features(uint64_t bits) const { return with(&tn_kernel_desc::features, bits); }
  constexpr Kernel score(int32_t score) const { return with(&tn_kernel_desc::score, score); }
};

// A kernel of the slot "tenon.cpu/1"; K has plan(Args),
// run(Args, phase, first, last, scratch) and optionally check(const tn_node_query&).
template <class K>
constexpr Kernel kernel(const char* id, const char* op) {
  return {{sizeof(tn_kernel_desc), 300, id, TN_SLOT_CPU, op, nullptr, nullptr, nullptr, nullptr,
           nullptr, 0, &detail::k_cpu_kernel<K>}};
}

// Descriptions that one file exports.
template <std::size_t N>
using Kernels = std::array<tn_kernel_desc, N>;
template <std::size_t N>
using Layouts = std::array<tn_layout_desc, N>;

namespace detail {

constexpr const tn_kernel_desc* address(const Kernel& kernel) { return &kernel.desc; }
constexpr const tn_kernel_desc* address(const tn_kernel_desc& desc) { return &desc; }
constexpr const tn_layout_desc* address(const tn_layout_desc& desc) { return &desc; }

}  // namespace detail

// The addresses of all elements of some arrays, in order: a constant even if the arrays are defined
// in other files.
template <class First, class... Rest>
consteval auto addresses(const First& first, const Rest&... rest) {
  using Desc = decltype(detail::address(first[0]));
  std::array<Desc, (std::tuple_size_v<First> + ... + std::tuple_size_v<Rest>)> all{};
  std::size_t n = 0;
  const auto add = [&](const auto& list) {
    for (const auto& element : list) all[n++] = detail::address(element);
  };
  add(first);
  (add(rest), ...);
  return all;
}

// The factory of a pack from two constant arrays of pointers (layouts may be a null list).
template <const auto& Kernels, const auto& Layouts>
struct PackTables {
  static uint32_t kernels(const tn_kernel_desc* const** out) noexcept {
    *out = Kernels.data();
    return static_cast<uint32_t>(Kernels.size());
  }
  static uint32_t layouts(const tn_layout_desc* const** out) noexcept {
    *out = Layouts.data();
    return static_cast<uint32_t>(Layouts.size());
  }
};

}  // namespace v1_0
}  // namespace sdk
}  // namespace tenon
#pragma GCC visibility pop

// kernel_table, layout_table: namespace-scope `constexpr std::array<const tn_kernel_desc*, N>` and
// `constexpr std::array<const tn_layout_desc*, M>`.
#define TENON_KERNEL_PACK(id, version, vendor, pack, cpu, kernel_table, layout_table) \
  static constexpr tn_kernel_factory tenon_kernel_factory = {                         \
      sizeof(tn_kernel_factory), 0, pack,                                             \
      ::tenon::sdk::PackTables<kernel_table, layout_table>::kernels,                  \
      ::tenon::sdk::PackTables<kernel_table, layout_table>::layouts};                 \
  TENON_PLUGIN(id, version, vendor, "kernels", cpu, tenon_kernel_factory,             \
               ::tenon::sdk::k_kernel_factory)
