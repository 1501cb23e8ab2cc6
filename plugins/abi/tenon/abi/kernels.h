/* tenon/abi/kernels.h - kernel packs: single kernels and weight layouts for a slot that a backend
 * publishes. The host filters (dtypes, features, CPU), ranks (pin > tuned > score > later
 * registration) and binds; a pack computes what it is given. */
#ifndef TENON_ABI_KERNELS_H
#define TENON_ABI_KERNELS_H

#include "graph.h"

#ifdef __cplusplus
extern "C" {
#endif

#define TN_FACTORY_KERNELS "tenon.kernels/1"
#define TN_LAYOUT_PLAIN "plain" /* the bytes of the model file */

/* One implementation of one op for given dtypes. */
typedef struct tn_kernel_desc {
  uint32_t struct_size;
  int32_t score;    /* reference 0, baseline 100, avx2 200, avx512 300; yours above */
  const char* id;   /* "com.acme.q4k-vnni", unique */
  const char* slot; /* "tenon.cpu/1" */
  const char* op;   /* "tn.matmul/1" */
  const char* const*
      in_dtypes; /* per operand, NULL-terminated; "*" is any, extra rows are ignored */
  const char* const* out_dtypes; /* likewise */
  const char* const* requires_;  /* "cpu.avx512vnni", …: checked by the host; NULL: nothing */
  const char* const* layouts;    /* of the weight operands, preferred first; NULL: plain only */
  /* How activations are rounded and in which order products are summed, e.g. "int8x16.f32". The
   * host never binds two arithmetics to one weight within a run. NULL for ops without weights. */
  const char* arithmetic;
  uint64_t features; /* semantic bits honoured; a node with another bit never gets here */
  const void* impl;  /* by slot: tn_cpu_kernel in slots/cpu.h, … */
} tn_kernel_desc;

/* How the rows of a weight are stored. Rows are packed in groups: row0 and row1 are multiples of
 * `group_rows` except that row1 may be the last row. unpack(pack(w)) == w, bit by bit. */
typedef struct tn_layout_desc {
  uint32_t struct_size, group_rows;
  const char* id;    /* "com.acme.q4k_16x1/1" */
  const char* dtype; /* "q4_K" */
  const char* slot;  /* "tenon.cpu/1" */
  TN_THREAD(any) tn_status (*packed_size)(const tn_tensor* w, uint64_t* bytes, uint64_t* align);
  TN_THREAD(worker)
  tn_status (*pack)(const tn_tensor* w, const void* plain, void* packed, uint64_t row0,
                    uint64_t row1);
  /* plain receives rows row0 … row1-1 only. */
  TN_THREAD(worker)
  tn_status (*unpack)(const tn_tensor* w, const void* packed, void* plain, uint64_t row0,
                      uint64_t row1);
} tn_layout_desc;

/* Arrays of pointers, immortal; the functions return the count. */
typedef struct tn_kernel_factory {
  uint32_t struct_size, flags;
  const char* pack; /* the name users type after the backend: "avx2" in cpu/avx2 */
  TN_THREAD(any) uint32_t (*kernels)(const tn_kernel_desc* const** out);
  TN_THREAD(any) uint32_t (*layouts)(const tn_layout_desc* const** out);
} tn_kernel_factory;

#ifdef __cplusplus
}
#endif
#endif
