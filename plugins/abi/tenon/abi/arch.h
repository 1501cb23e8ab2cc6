/* tenon/abi/arch.h - model architectures: read hyper-parameters, declare tensors, build the graph.
 *  An architecture never sees a device, a thread, a dtype or a pointer to data. The host validates
 *  the file first, checks shapes against `declare`, infers every shape, and keeps the first error
 *  of a builder: after it every call returns 0, so model code needs no checks of its own. Strings
 *  and params that it gives are copied. The host refuses feature bits that it does not know for an
 *  op it knows, and keeps params whole. */
#ifndef TENON_ABI_ARCH_H
#define TENON_ABI_ARCH_H

#include "base.h"
#include "graph.h"

#ifdef __cplusplus
extern "C" {
#endif

#define TN_FACTORY_ARCH "tenon.arch/1"

/* Typed view of the metadata. TN_ERR_NOT_FOUND: no such key; TN_ERR_INVALID: another type or range.
 */
typedef struct tn_meta {
  uint32_t struct_size, flags;
  void* ctx;
  /* An integer of any width. */
  TN_THREAD(any) tn_status (*get_i64)(void* ctx, const char* key, int64_t* out);
  /* A number of any kind. */
  TN_THREAD(any) tn_status (*get_f64)(void* ctx, const char* key, double* out);
  /* A truth value: *out is 0 or 1. */
  TN_THREAD(any) tn_status (*get_bool)(void* ctx, const char* key, uint32_t* out);
  /* A text of *len bytes, not NUL-terminated; valid until create returns. */
  TN_THREAD(any) tn_status (*get_str)(void* ctx, const char* key, const char** out, uint64_t* len);
  /* An array of integers, or of truth values as 0 and 1, converted; *n receives its length, at most
   * cap are written; out may be NULL when cap is 0. */
  TN_THREAD(any)
  tn_status (*get_i64s)(void* ctx, const char* key, int64_t* out, uint64_t cap, uint64_t* n);
  /* An array of numbers of any kind, likewise. */
  TN_THREAD(any)
  tn_status (*get_f64s)(void* ctx, const char* key, double* out, uint64_t cap, uint64_t* n);
  /* Extent of a tensor of the file; 0 if there is no such tensor or axis. */
  TN_THREAD(any) int64_t (*tensor_dim)(void* ctx, const char* name, uint32_t axis);
} tn_meta;

enum { TN_TENSOR_OPTIONAL = 1 };

/* Called once, before any weight is read. */
typedef struct tn_declare {
  uint32_t struct_size, flags;
  void* ctx;
  /* A tensor of the file that the graph uses, with its shape. */
  TN_THREAD(any)
  tn_status (*tensor)(void* ctx, const char* name, uint32_t flags, uint32_t rank,
                      const int64_t* dim);
  /* Paged keys and values: `id` is the architecture's own number, often the layer; a row reads
   * `window` positions at most, its own included (0: all). The host forms the groups. */
  TN_THREAD(any)
  tn_status (*kv_state)(void* ctx, uint32_t id, uint32_t n_kv_heads, uint32_t dk, uint32_t dv,
                        int64_t window);
  /* "n_vocab"; "n_ctx_train"; "n_ctx_short": sequences that stay within as many positions have
   * input "is_long" 0, others 1. */
  TN_THREAD(any) tn_status (*limit)(void* ctx, const char* name, int64_t value);
} tn_declare;

typedef uint32_t tn_val; /* a value inside one builder; 0 = invalid */

/* Implemented by the host. Inputs: "tokens", "positions", "slots", "seq_ids", "is_long" (T) i32;
 * "block_table" (S,P) i32; "out_ids" (O) i32. "slots" and "block_table" stand for those of the
 * group of the state that a node uses. Outputs: "logits". */
typedef struct tn_builder {
  uint32_t struct_size, flags;
  void* ctx;
  /* The input of a role; the same value each time. */
  TN_THREAD(any) tn_val (*input)(void* ctx, const char* role);
  /* A declared tensor; 0 if the file has none: no error. */
  TN_THREAD(any) tn_val (*weight)(void* ctx, const char* name);
  /* A declared state. */
  TN_THREAD(any) tn_val (*state)(void* ctx, uint32_t id);
  /* A node; shapes of out[] are inferred. params: the struct of ops.h, NULL if the op has none. */
  TN_THREAD(any)
  tn_status (*op)(void* ctx, const char* op, uint64_t features, const void* params,
                  const tn_val* in, uint32_t n_in, tn_val* out, uint32_t n_out);
  /* The same data with other dims. dim[0] = -1 keeps the (symbolic) extent of src. stride in
   * elements, NULL for a dense reshape; offset in elements. Never on packed weights. */
  TN_THREAD(any)
  tn_val (*view)(void* ctx, tn_val src, uint32_t rank, const int64_t* dim, const int64_t* stride,
                 int64_t offset);
  /* The inferred shape; sym[] as in tn_tensor. */
  TN_THREAD(any)
  tn_status (*shape)(void* ctx, tn_val v, int64_t dim[6], uint32_t sym[6], uint32_t* rank);
  /* Names the nodes that follow, and says to which layer they belong (-1: none). */
  TN_THREAD(any) void (*scope)(void* ctx, const char* name, int32_t layer);
  /* Makes a value a result of the graph. */
  TN_THREAD(any) tn_status (*output)(void* ctx, const char* role, tn_val v);
  /* "This cannot be built, because `text`"; ends the building. */
  TN_THREAD(any) tn_status (*fail)(void* ctx, const char* text);
} tn_builder;

/* What is asked of a graph: nothing more than logits in minor 0. */
typedef struct tn_build_req {
  uint32_t struct_size, flags;
} tn_build_req;

typedef struct tn_arch tn_arch; /* owned by the plugin */

typedef struct tn_arch_desc {
  uint32_t struct_size, flags;
  const char* id;                /* "qwen3" */
  const char* const* gguf_archs; /* values of general.architecture, NULL-terminated */
  /* Parses and validates the hyper-parameters; set_error says which key is wrong. */
  TN_THREAD(any) tn_status (*create)(const tn_host* host, const tn_meta* meta, tn_arch** out);
  /* Names every tensor and state that build will use, and the limits. */
  TN_THREAD(any) tn_status (*declare)(const tn_arch* self, const tn_declare* declare);
  /* Builds the graph of one step; may be called again, with another req. */
  TN_THREAD(any)
  tn_status (*build)(const tn_arch* self, const tn_builder* builder, const tn_build_req* req);
  /* Ends what create made. */
  TN_THREAD(any) void (*destroy)(tn_arch* self);
} tn_arch_desc;

typedef struct tn_arch_factory {
  uint32_t struct_size, flags;
  /* Every architecture of the plugin, immortal; returns the count. */
  TN_THREAD(any) uint32_t (*archs)(const tn_arch_desc* const** out);
} tn_arch_factory;

#ifdef __cplusplus
}
#endif
#endif
