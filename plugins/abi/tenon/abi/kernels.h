/* tenon/abi/kernels.h - kernel packs: single kernels and weight layouts for a slot that a backend
 * publishes. The host filters (dtypes, features, requirements), ranks (pin > score > later
 * registration) and binds; a pack computes what it is given. */
#ifndef TENON_ABI_KERNELS_H
#define TENON_ABI_KERNELS_H

#include "graph.h"

#ifdef __cplusplus
extern "C" {
#endif

#define TN_FACTORY_KERNELS "tenon.kernels/1"
#define TN_LAYOUT_PLAIN "plain" /* the bytes of the model file; what layout 0 and NULL mean too */

/* One implementation of one op for given dtypes. */
typedef struct tn_kernel_desc {
  uint32_t struct_size;
  int32_t score;                /* reference 0, baseline 100, avx2 200, avx512 300; yours above */
  const char* id;               /* "com.acme.q4k-vnni", unique */
  const char* slot;             /* "tenon.cpu/1" */
  const char* op;               /* "tn.matmul/1" */
  const char* const* in_dtypes; /* per operand, NULL-terminated; "*": any, extra rows are ignored */
  const char* const* out_dtypes; /* likewise */
  /* Each is "cpu.<x>", met by this machine, or a name among the features of the device; tested per
   * device. "host.<x>": what the host must be able to do; it refuses what it does not know. */
  const char* const* needs;   /* NULL-terminated; NULL: nothing */
  const char* const* layouts; /* of the weight operands, preferred first; NULL: plain only */
  /* How activations are rounded and in which order products are summed, e.g. "int8x16.f32". The
   * host never binds two arithmetics to one weight within a run. NULL for ops without weights. */
  const char* arithmetic;
  uint64_t features; /* semantic bits honoured; a node with another bit never gets here */
  const void* impl;  /* by slot: tn_cpu_kernel in slots/cpu.h, tn_vk_kernel, … */
} tn_kernel_desc;

/* How the rows of a weight are stored. Rows are packed in groups: row0 and row1 are multiples of
 * `group_rows` except that row1 may be the last row. unpack(pack(w)) == w, bit by bit. w has rank
 * 2: stacks of matrices (experts) are put as (E*N, K) when N is a multiple of group_rows, else
 * plain. `self` is the description itself, for packers that are data. */
typedef struct tn_layout_desc {
  uint32_t struct_size, group_rows;
  const char* id;    /* "com.acme.q4k_16x1/1" */
  const char* dtype; /* "q4_K" */
  const char* slot;  /* "tenon.cpu/1" */
  /* What the packed weight takes; TN_ERR_UNSUPPORTED: not this shape, the host takes another
   * layout. align: bytes, a power of two. */
  TN_THREAD(any)
  tn_status (*packed_size)(const struct tn_layout_desc* self, const tn_tensor* w, uint64_t* bytes,
                           uint64_t* align);
  /* Packs rows row0 .. row1-1; plain and packed are the whole weight. */
  TN_THREAD(worker)
  tn_status (*pack)(const struct tn_layout_desc* self, const tn_tensor* w, const void* plain,
                    void* packed, uint64_t row0, uint64_t row1);
  /* The inverse; plain receives rows row0 .. row1-1 only. */
  TN_THREAD(worker)
  tn_status (*unpack)(const struct tn_layout_desc* self, const tn_tensor* w, const void* packed,
                      void* plain, uint64_t row0, uint64_t row1);
} tn_layout_desc;

/* Arrays of pointers, immortal; the functions return the count. */
typedef struct tn_kernel_factory {
  uint32_t struct_size, flags;
  const char* pack; /* the name users type after the backend: "avx2" in cpu/avx2 */
  /* Every kernel of the pack, whatever this machine can run. */
  TN_THREAD(any) uint32_t (*kernels)(const tn_kernel_desc* const** out);
  /* Every layout that its kernels name and that is not plain; may be none. */
  TN_THREAD(any) uint32_t (*layouts)(const tn_layout_desc* const** out);
} tn_kernel_factory;

#ifdef __cplusplus
}
#endif
#endif
