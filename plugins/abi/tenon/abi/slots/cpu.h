/* tenon/abi/slots/cpu.h - the kernel slot "tenon.cpu/1": phases of independent items, no barriers.
 * The backend runs phase 0 over all items, then phase 1, …; within a phase the items are split over
 * its workers in any way, so a result may depend on the item, never on the split. No thread id,
 * count or pool crosses the border. An output never shares memory with an input of its node.
 * Tensors other than weights and state are dense, or strided as declared. The floating-point mode
 * is the default (round to nearest, denormals kept), and kernels leave it so. `node->bound` is the
 * kernel's own description. */
#ifndef TENON_ABI_SLOTS_CPU_H
#define TENON_ABI_SLOTS_CPU_H

#include "../graph.h"

#ifdef __cplusplus
extern "C" {
#endif

#define TN_SLOT_CPU "tenon.cpu/1"
#define TN_CPU_MAX_PHASES 8

/* Every worker runs all items of the phase for itself, into its own `scratch`; no barrier follows.
 * For tiny work that is cheaper to repeat than to share, such as rounding one row. */
#define TN_CPU_PHASE_REDUNDANT 1u

/* Filled by plan(); zeroed and sized by the caller. Scratch is aligned to 64 bytes, not cleared. */
typedef struct tn_cpu_work {
  uint32_t struct_size, n_phases;
  uint64_t items[TN_CPU_MAX_PHASES];
  uint32_t flags[TN_CPU_MAX_PHASES];
  uint64_t shared_scratch; /* bytes, one for all workers, lives through the node */
  uint64_t worker_scratch; /* bytes, one per worker, keeps its content from phase to phase */
} tn_cpu_work;

/* What ptr[] holds for a STATE operand. A tile is one page of one kv head, 64 positions:
 * k tile(page, head) = k + page*page_stride + head*k_tile_bytes, v likewise.
 *   f16, f32: k tile [dk][64] (a channel's positions adjacent), v tile [64][dv].
 *   q8_0: the same of int8, then the f16 scales of blocks of 32 channels (the last may be shorter):
 *   k [ceil(dk/32)][64], v [64][ceil(dv/32)]. A scale is f16(max|x|/127), a value the nearest
 *   integer to x/scale, ties to even, computed in f32; a scale of 0, infinity or NaN has values 0. */
typedef struct tn_cpu_kv {
  uint32_t struct_size, n_kv_heads;
  uint32_t dk, dv;
  uint64_t n_pages;
  uint64_t page_stride; /* bytes from a page to the next; other states of the group lie between */
  uint64_t k_tile_bytes, v_tile_bytes;
  void* k;
  void* v;
} tn_cpu_kv;

typedef struct tn_cpu_args {
  uint32_t struct_size, n_in;
  const tn_node* node;
  const tn_tensor* const* t; /* inputs, then outputs; NULL for an absent operand */
  void* const* ptr;          /* likewise; for a weight: its bytes in tensor.layout */
  const int64_t* syms;       /* extents of this step, indexed by tn_tensor.sym; n_syms of them */
  void* shared;              /* shared scratch; NULL during plan() */
  uint32_t n_out, n_syms;
} tn_cpu_args;

typedef struct tn_cpu_kernel {
  uint32_t struct_size, flags;
  /* Shapes and alignment this kernel takes; pure. TN_ERR_UNSUPPORTED plus set_error to decline.
   * NULL: everything its desc admits. */
  TN_THREAD(any) tn_status (*check)(const tn_node_query* query);
  /* Work for these extents; pure, same answer for the same extents, monotone in every extent. */
  TN_THREAD(any) tn_status (*plan)(const tn_cpu_args* args, tn_cpu_work* inout);
  /* Items first .. last-1 of a phase; `scratch` is the worker's own. */
  TN_THREAD(worker)
  void (*run)(const tn_cpu_args* args, uint32_t phase, uint64_t first, uint64_t last,
              void* scratch);
} tn_cpu_kernel;

#ifdef __cplusplus
}
#endif
#endif
