// The pack cpu/reference: every op of the slot, exact and slow; the tables below are its contents.
#include <array>
#include <tenon/sdk/kernel.hpp>

#include "add.hpp"
#include "add_rms_norm.hpp"
#include "argmax.hpp"
#include "attention.hpp"
#include "cast.hpp"
#include "concat.hpp"
#include "copy.hpp"
#include "embed_rows.hpp"
#include "geglu.hpp"
#include "gelu_erf.hpp"
#include "gelu_tanh.hpp"
#include "kv_tiles_q8_0.hpp"
#include "kv_write.hpp"
#include "layer_norm.hpp"
#include "matmul.hpp"
#include "mul.hpp"
#include "qkv_proj.hpp"
#include "rms_norm.hpp"
#include "rms_norm_mul.hpp"
#include "rope.hpp"
#include "row_gather.hpp"
#include "scale.hpp"
#include "silu.hpp"
#include "softmax.hpp"
#include "swiglu.hpp"

namespace tenon::cpu::reference {
namespace {

using sdk::Kernel;
using sdk::Name;

constexpr const char* k_arithmetic = "f64";

template <unsigned long A, unsigned long B>
consteval Name<A + B - 1> operator+(const Name<A>& a, const Name<B>& b) {
  char joined[A + B - 1] = {};
  for (unsigned long i = 0; i < A - 1; ++i) joined[i] = a.text[i];
  for (unsigned long i = 0; i < B; ++i) joined[A - 1 + i] = b.text[i];
  return Name<A + B - 1>(joined);
}

// A kernel with the id "tenon.cpu.reference.<suffix>".
template <class K, Name Suffix>
consteval Kernel reference(const char* op) {
  constexpr const char* id = sdk::k_names<Name("tenon.cpu.reference.") + Suffix>[0];
  return sdk::kernel<K>(id, op).score(0);
}

template <class K, Name Suffix>
consteval Kernel unary(const char* op) {
  return reference<K, Suffix>(op).template in<"f32">().template out<"f32">();
}

template <class K, Name Suffix>
consteval Kernel binary(const char* op) {
  return reference<K, Suffix>(op).template in<"f32", "f32">().template out<"f32">();
}

template <class From, class To, Name FromName, Name ToName>
consteval Kernel cast() {
  return reference<Cast<From, To>, Name("cast.") + FromName + Name(".") + ToName>(TN_OP_CAST)
      .template in<FromName>()
      .template out<ToName>();
}

template <class T, Name Dtype>
consteval Kernel copy() {
  return reference<Copy<T>, Name("copy.") + Dtype>(TN_OP_COPY)
      .template in<Dtype>()
      .template out<Dtype>();
}

template <class Cell, Name Cache>
consteval Kernel kv_write() {
  return reference<KvWrite<Cell>, Name("kv_write.") + Cache>(TN_OP_KV_WRITE)
      .template in<"f32", "f32", "i32", Cache>()
      .template out<Cache>();
}

template <class Cell, Name Cache>
consteval Kernel attention() {
  return reference<Attention<Cell>, Name("attention.") + Cache>(TN_OP_ATTENTION)
      .template in<"f32", Cache, "i32", "i32", "i32", "f32">()
      .template out<"f32">()
      .features(TN_ATTENTION_WINDOW | TN_ATTENTION_SOFTCAP | TN_ATTENTION_SINKS);
}

constexpr uint64_t k_rope_features =
    TN_ROPE_HALVES | TN_ROPE_FACTORS | TN_ROPE_YARN | TN_ROPE_PARTIAL | TN_ROPE_SCALED;

constexpr std::array k_kernels = {
    binary<Add, "add">(TN_OP_ADD).features(TN_ELEMENTWISE_BROADCAST),
    binary<Mul, "mul">(TN_OP_MUL).features(TN_ELEMENTWISE_BROADCAST),
    unary<Scale, "scale">(TN_OP_SCALE),
    unary<Silu, "silu">(TN_OP_SILU),
    unary<GeluTanh, "gelu_tanh">(TN_OP_GELU_TANH),
    unary<GeluErf, "gelu_erf">(TN_OP_GELU_ERF),
    unary<RmsNorm, "rms_norm">(TN_OP_RMS_NORM),
    unary<LayerNorm, "layer_norm">(TN_OP_LAYER_NORM),
    unary<Softmax, "softmax">(TN_OP_SOFTMAX),
    reference<Rope, "rope">(TN_OP_ROPE)
        .in<"f32", "i32", "f32">()
        .out<"f32">()
        .features(k_rope_features),
    reference<RowGather, "row_gather">(TN_OP_ROW_GATHER).in<"f32", "i32">().out<"f32">(),
    reference<Argmax, "argmax">(TN_OP_ARGMAX).in<"f32">().out<"i32">(),
    binary<Concat, "concat">(TN_OP_CONCAT),
    cast<float, Half, "f32", "f16">(),
    cast<float, Bf16, "f32", "bf16">(),
    cast<Half, float, "f16", "f32">(),
    cast<Bf16, float, "bf16", "f32">(),
    copy<uint32_t, "f32">(),
    copy<uint32_t, "i32">(),
    copy<uint16_t, "f16">(),
    copy<uint16_t, "bf16">(),
    kv_write<Half, "f16">(),
    kv_write<float, "f32">(),
    kv_write<Q8, "q8_0">(),
    attention<Half, "f16">(),
    attention<float, "f32">(),
    attention<Q8, "q8_0">(),
    binary<RmsNormMul, "rms_norm_mul">(TN_OP_RMS_NORM_MUL),
    reference<AddRmsNorm, "add_rms_norm">(TN_OP_ADD_RMS_NORM)
        .in<"f32", "f32", "f32">()
        .out<"f32", "f32">(),
    binary<Swiglu, "swiglu">(TN_OP_SWIGLU),
    binary<Geglu, "geglu">(TN_OP_GEGLU),
};

// embed_rows sums nothing and rounds no activation: it has no arithmetic and fits any.
template <class Format>
consteval std::array<Kernel, 3> weight_kernels() {
  constexpr auto dtype = Format::dtype;
  return {reference<EmbedRows<Format>, Name("embed_rows.") + dtype>(TN_OP_EMBED_ROWS)
              .template in<dtype, "i32">()
              .template out<"f32">(),
          reference<Matmul<Format>, Name("matmul.") + dtype>(TN_OP_MATMUL)
              .template in<dtype, "f32">()
              .template out<"f32">()
              .arithmetic(k_arithmetic),
          reference<QkvProj<Format>, Name("qkv_proj.") + dtype>(TN_OP_QKV_PROJ)
              .template in<dtype, dtype, dtype, "f32">()
              .template out<"f32", "f32", "f32">()
              .arithmetic(k_arithmetic)};
}

template <class... Format>
consteval auto all_weight_kernels(dequant::FormatList<Format...>) {
  return std::array{weight_kernels<Format>()...};
}

constexpr auto k_weight_kernels = all_weight_kernels(dequant::Formats());

constexpr auto k_table = [] {
  std::array<const tn_kernel_desc*, k_kernels.size() + 3 * k_weight_kernels.size()> table = {};
  std::size_t at = 0;
  for (const Kernel& kernel : k_kernels) table[at++] = &kernel.desc;
  for (const auto& of_format : k_weight_kernels) {
    for (const Kernel& kernel : of_format) table[at++] = &kernel.desc;
  }
  return table;
}();

constexpr std::array<const tn_layout_desc*, 0> k_layouts = {};

}  // namespace
}  // namespace tenon::cpu::reference

TENON_KERNEL_PACK("tenon.cpu.reference", "1.0.0", "Tenon", "reference", "",
                  tenon::cpu::reference::k_table, tenon::cpu::reference::k_layouts)
