/* tenon/abi/ops.h - the op set: names, operands, parameters and must-understand feature bits.
 *  Notation: T rows of this step, H heads, K kv heads, d head width, S sequences. f32 unless said.
 *  A changed meaning is a new op id (tn.rope/2). New fields of a params struct are appended; a
 *  field that changes the result also gets a feature bit, so that an old kernel declines the node.
 *  Params hold plain bytes, no pointers or handles.
 *  Composites have a decomposition that the host knows: a device may decline them. */
#ifndef TENON_ABI_OPS_H
#define TENON_ABI_OPS_H

#include "base.h"

#ifdef __cplusplus
extern "C" {
#endif

/* clang-format off */
/* --- primitives --- */
#define TN_OP_EMBED_ROWS "tn.embed_rows/1" /* table (V,D) weight, ids (T) i32 -> (T,D) */
#define TN_OP_MATMUL "tn.matmul/1"         /* w (N,K) weight, x (T,K) -> x·wT (T,N) */
#define TN_OP_ADD "tn.add/1"               /* a, b -> a+b; b may be one row (BROADCAST) */
#define TN_OP_MUL "tn.mul/1"               /* a, b -> a*b; b may be one row (BROADCAST) */
#define TN_OP_SCALE "tn.scale/1"           /* x -> factor*x */
#define TN_OP_RMS_NORM "tn.rms_norm/1"     /* x (..,n) -> x/sqrt(mean(x^2)+eps), last axis */
#define TN_OP_LAYER_NORM "tn.layer_norm/1" /* x (..,n) -> (x-mean)/sqrt(var+eps), last axis */
/* x (T,H,d), positions (T) i32 [, factors (n_dims/2) [, other factors, select (T) i32]]: row t
 * divides its frequencies by the other factors when select[t] is not 0 (SELECT) */
#define TN_OP_ROPE "tn.rope/1"
#define TN_OP_SOFTMAX "tn.softmax/1"       /* x (..,n) -> softmax over the last axis */
#define TN_OP_SILU "tn.silu/1"             /* x -> x/(1+exp(-x)) */
#define TN_OP_GELU_TANH "tn.gelu_tanh/1"   /* x -> x/2*(1+tanh(sqrt(2/pi)*(x+0.044715*x^3))) */
#define TN_OP_GELU_ERF "tn.gelu_erf/1"     /* x -> x/2*(1+erf(x/sqrt(2))) */
#define TN_OP_SOFTCAP "tn.softcap/1"       /* x -> cap*tanh(x/cap), cap > 0 */
#define TN_OP_CAST "tn.cast/1"             /* x -> the output's dtype, round to nearest even */
#define TN_OP_COPY "tn.copy/1"             /* x (any strides) -> dense */
#define TN_OP_CONCAT "tn.concat/1"         /* a (..,m), b (..,n) -> (..,m+n) */
#define TN_OP_ROW_GATHER "tn.row_gather/1" /* x (T,D), ids (O) i32 -> (O,D) */
/* x (T,n) -> (T) i32, the first of equals; -1 if a value of the row is a NaN or infinite */
#define TN_OP_ARGMAX "tn.argmax/1"
/* x (T,n) [, listed (T,L) i32] -> ids (T,k+L) i32, values (T,k+L): the k largest of each row, best
 * first, of equals (as the zeros are) the lower index; then what listed names, in its order: an
 * entry that x has not got is id -1, value 0. So is all of a row with a NaN or an infinity. */
#define TN_OP_TOP_K "tn.top_k/1"
/* k (T,K,dk), v (T,K,dv), slots (T) i32, state -> state. slots[t] = page*64 + index in the page;
 * a row with slots[t] < 0, or beyond the pool, is not stored. */
#define TN_OP_KV_WRITE "tn.kv_write/1"
/* q (T,H,dk), state, positions (T) i32, seq_ids (T) i32, block_table (S,P) i32 [, sinks (H)]
 * -> (T,H,dv). Row t of sequence s = seq_ids[t] reads the stored keys of positions
 * max(0, p-window+1) .. p, p = positions[t]; position j lives in page block_table[s][j/64]. Entries
 * of the table for positions that are not read may hold anything. Head h reads kv head h*K/H. A row
 * that reads nothing (p or s below 0) gives 0. */
#define TN_OP_ATTENTION "tn.attention/1"

/* --- composites --- */
#define TN_OP_RMS_NORM_MUL "tn.rms_norm_mul/1" /* x, w (n) -> rms_norm(x)*w */
#define TN_OP_ADD_RMS_NORM "tn.add_rms_norm/1" /* a, b, w (n) -> a+b, rms_norm(a+b)*w */
#define TN_OP_SWIGLU "tn.swiglu/1"             /* gate, up -> silu(gate)*up */
#define TN_OP_GEGLU "tn.geglu/1"               /* gate, up -> gelu_tanh(gate)*up */
#define TN_OP_QKV_PROJ "tn.qkv_proj/1"         /* wq, wk, wv weights, x (T,D) -> q, k, v */

/* clang-format on */
/* --- feature bits --- */
#define TN_ELEMENTWISE_BROADCAST (UINT64_C(1) << 0) /* b has one row for all rows of a */
#define TN_ROPE_HALVES (UINT64_C(1) << 0)  /* pairs (i, i+n_dims/2) instead of (2i, 2i+1) */
#define TN_ROPE_FACTORS (UINT64_C(1) << 1) /* third operand divides the frequencies */
#define TN_ROPE_YARN (UINT64_C(1) << 2)
#define TN_ROPE_PARTIAL (UINT64_C(1) << 3) /* n_dims < d: the rest passes through */
#define TN_ROPE_SCALED (UINT64_C(1) << 4)  /* freq_scale or magnitude is not 1 */
#define TN_ROPE_SELECT (UINT64_C(1) << 5)  /* fourth and fifth operand: two rows of factors */
#define TN_ATTENTION_WINDOW (UINT64_C(1) << 0)
#define TN_ATTENTION_SOFTCAP (UINT64_C(1) << 1) /* scores = cap*tanh(scores/cap) */
#define TN_ATTENTION_SINKS (UINT64_C(1) << 2)   /* sixth operand joins the denominator */

/* --- parameters --- */
typedef struct tn_scale_params {
  uint32_t struct_size;
  float factor;
} tn_scale_params;

typedef struct tn_softcap_params {
  uint32_t struct_size;
  float cap;
} tn_softcap_params;

typedef struct tn_top_k_params {
  uint32_t struct_size, k; /* 1 .. 256, at most n */
} tn_top_k_params;

typedef struct tn_norm_params { /* rms_norm, layer_norm, rms_norm_mul, add_rms_norm */
  uint32_t struct_size;
  float eps;
} tn_norm_params;

typedef struct tn_rope_params {
  uint32_t struct_size, n_dims; /* n_dims: rotated width, even, <= d */
  float base;                   /* theta_i = base^(-2i/n_dims) */
  float freq_scale;             /* multiplies the angles (linear scaling: 1/factor) */
  float magnitude;              /* multiplies cos and sin */
  float yarn_extrapolation;     /* YaRN (arXiv:2309.00071): 0 interpolates, 1 mixes by the ramp */
  float yarn_low, yarn_high;    /* the ramp, in pair indices */
} tn_rope_params;

typedef struct tn_attention_params {
  uint32_t struct_size, n_kv_heads;
  float scale;    /* multiplies q·k */
  float softcap;  /* 0: none */
  int64_t window; /* 0: none */
} tn_attention_params;

#ifdef __cplusplus
}
#endif
#endif
