/* tenon/abi/graph.h - tensors, nodes and subgraphs as the host hands them to a device, and the
 * questions it asks about them. Everything here is owned by the host and constant during the call
 * (subgraphs: until compile returns), unless the comment says otherwise. */
#ifndef TENON_ABI_GRAPH_H
#define TENON_ABI_GRAPH_H

#include "base.h"

#ifdef __cplusplus
extern "C" {
#endif

#define TN_MAX_RANK 6

/* What a tensor is to the subgraph that holds it. */
enum {
  TN_ROLE_INPUT = 1,  /* written by the host or by another device before EXECUTE */
  TN_ROLE_OUTPUT = 2, /* read by the host or by another device after EXECUTE; a live_out */
  TN_ROLE_WEIGHT = 3, /* weights[tensor.weight] */
  TN_ROLE_STATE =
      4, /* state `tensor.state` (state.h); dims by its kind, KV: (n_kv_heads, dk, dv) */
  TN_ROLE_TEMP = 5,
  TN_ROLE_VIEW = 6 /* bytes of tensor `view_of` at `view_offset`; has its own dims and strides */
};

/* Extents bound at execute. Only dim[0] of a tensor is symbolic, by sym[0]: it then holds the bound
 * that memory was planned for, and syms[sym[0]] the extent of this step. Who knows no more declines
 * a tensor whose sym[1] .. are not 0. n_syms may be larger than TN_SYM_COUNT. */
enum {
  TN_SYM_STATIC = 0,
  TN_SYM_ROWS = 1,     /* rows (tokens) of this step */
  TN_SYM_OUT_ROWS = 2, /* rows whose logits are wanted; may be 0 */
  TN_SYM_SEQS = 3,     /* sequences in this step: rows of the block tables */
  TN_SYM_END = 4,      /* 1 + the largest position in this step; no tensor has this extent */
  TN_SYM_COUNT = 5     /* of minor 0 */
};

/* dim[0] is outermost (row-major, as in C). Strides are bytes, >= 0 (0 repeats), mean something for
 * the layout "plain" only, and the last axis is contiguous unless the op says otherwise; quantised
 * rows are addressed by rows.
 * Memory: lives that do not overlap in node order share bytes, so a device that reorders, overlaps
 * or fuses nodes orders its accesses to the same bytes itself. An output never shares bytes with
 * an input of its node. After EXECUTE only live_out and states hold. Rows between an extent and
 * its bound are scratch: kernels may write them, nobody reads them. */
typedef struct tn_tensor {
  uint32_t struct_size, role;
  tn_id dtype, layout; /* layout 0: plain */
  int64_t dim[TN_MAX_RANK];
  int64_t stride[TN_MAX_RANK];
  uint32_t sym[TN_MAX_RANK];
  uint32_t rank, view_of;
  uint64_t view_offset;       /* bytes */
  uint32_t consumers, weight; /* consumers: nodes that read it itself, not through a view */
  uint32_t state, binding;    /* binding: which buffer of EXECUTE holds it */
  uint64_t offset; /* bytes from the start of that binding: a multiple of max(64, the alignment of
                      the heap) for what has memory of its own */
} tn_tensor;

struct tn_kernel_desc;

typedef struct tn_node {
  uint32_t struct_size, layer; /* layer: TN_NONE outside of the layers */
  tn_id op;
  uint32_t n_in;
  const uint32_t* in; /* tensor indices; TN_NONE for an absent optional operand */
  const uint32_t* out;
  uint32_t n_out, flags;
  uint64_t features;  /* must-understand bits of the op schema that this node really uses */
  const void* params; /* the op's struct in ops.h, begins with struct_size; NULL if it has none */
  const struct tn_kernel_desc* bound; /* the host's choice for a slot; NULL: the device's own */
  const char* name;                   /* "blk.3.ffn_down", for messages and profiles */
} tn_node;

typedef struct tn_subgraph {
  uint32_t struct_size, n_nodes, n_tensors, node_stride, tensor_stride, flags;
  const tn_node* nodes; /* in execution order */
  const tn_tensor* tensors;
  const uint32_t* live_out; /* tensors that must hold their value after EXECUTE */
  uint32_t n_live_out, n_bindings;
  struct tn_weight* const* weights; /* handles of this device, indexed by tn_tensor.weight; NULL
                                       is absent (TN_COMPILE_SIZES) */
  uint32_t n_weights, rsv;
} tn_subgraph;

#define TN_NODE(g, i) \
  ((const tn_node*)(const void*)((const char*)(g)->nodes + (size_t)(i) * (g)->node_stride))
#define TN_TENSOR(g, i) \
  ((const tn_tensor*)(const void*)((const char*)(g)->tensors + (size_t)(i) * (g)->tensor_stride))

/* One node and its tensors, as a question. Use t[]: the indices in node->in, node->out and
 * tn_tensor.view_of are the host's own here, and point at nothing the plugin has. */
typedef struct tn_node_query {
  uint32_t struct_size, n_in;
  const tn_host* host; /* for set_error: the reason of a refusal reaches `plan --explain` */
  const tn_node* node;
  const tn_tensor* const* t; /* inputs, then outputs; NULL for an absent operand */
  uint32_t n_out, flags;
} tn_node_query;

/* Static facts: the support matrix of a backend, readable without opening a device. */
typedef struct tn_op_decl {
  uint32_t struct_size, flags;
  const char* op;                /* "tn.matmul/1" */
  const char* const* in_dtypes;  /* NULL-terminated; "*" is any */
  const char* const* out_dtypes; /* NULL-terminated */
  uint64_t features;             /* semantic bits this implementation honours */
  const char* arithmetic;        /* as that of a kernel (kernels.h); NULL: not said */
} tn_op_decl;

enum { TN_SUPPORT_NO = 0, TN_SUPPORT_YES = 1 };

/* Answer of supports(): sized and zeroed by the caller. */
typedef struct tn_support {
  uint32_t struct_size, verdict;
  const char* layouts; /* weight layouts that it takes, preferred first; as long as the tn_backend;
                          NULL: plain. The host stores weights for a device's own ops so. */
} tn_support;

#ifdef __cplusplus
}
#endif
#endif
