/* tenon/abi/slots/gpu.h - what the kernel slots of GPUs share: launches as data. A kernel says which
 * launches a node takes when the node is placed and when it is compiled; the device records them
 * and asks nothing per step. What changes from step to step a kernel reads from the step block. */
/* clang-format off */
/* The buffers of a launch, in this order, of 32-bit words
 *    0      the step block, read only: 64 words; 0 .. 15 are the extents of this step, by
 *           tn_tensor.sym, the others are 0
 *    1 ..   the operands named in `reads` or `writes`, in the order of the node: inputs, then
 *           outputs; last TN_GPU_SCRATCH
 * The words of a launch, of which there are 32
 *    0 .. 10   where the data of buffer 1 + i begins, in 32-bit words: a tensor may lie anywhere
 *    11        0
 *    12 ..     tn_gpu_launch.words
 * Launches of a node run in order, each sees what those before it wrote. A kernel writes nothing
 * outside of its outputs and its scratch, and gives the same words for a row whatever the other
 * rows are. Operands that are states cannot be named: how a cache lies is the device's own. Weights
 * lie in the layout that was chosen for them (tn_kernel_desc.layouts): "plain", or one that the
 * device answers for its own ops. */
/* clang-format on */
#ifndef TENON_ABI_SLOTS_GPU_H
#define TENON_ABI_SLOTS_GPU_H

#include "../graph.h"

#ifdef __cplusplus
extern "C" {
#endif

#define TN_GPU_MAX_BUFFERS 12 /* with the step block */
#define TN_GPU_MAX_LAUNCHES 8 /* of a node */
#define TN_GPU_MAX_CONSTANTS 16
#define TN_GPU_MAX_WORDS 20 /* the kernel's own */
#define TN_GPU_SCRATCH 0x80000000u

/* What a device can do, as far as launches depend on it. */
typedef struct tn_gpu_limits {
  uint32_t struct_size, flags;
  uint64_t max_range;                   /* bytes that one operand may have */
  uint32_t max_shared, max_invocations; /* of a work-group: bytes, items */
  uint32_t max_groups[3], rsv;
} tn_gpu_limits;

/* Work-groups along an axis: fixed * ceil(extent of sym / unit); TN_SYM_STATIC: fixed. They are
 * counted anew for each step; none: the launch is skipped. frozen */
typedef struct tn_gpu_groups {
  uint32_t fixed, sym, unit, rsv;
} tn_gpu_groups;

/* What is the same in every language. Specialisation constants are 32-bit words by their ids;
 * OpenCL gets them as -DC<id>=<value>u. frozen */
typedef struct tn_gpu_launch {
  uint32_t n_constants, n_words;
  uint32_t constant_ids[TN_GPU_MAX_CONSTANTS];
  uint32_t constants[TN_GPU_MAX_CONSTANTS];
  uint32_t words[TN_GPU_MAX_WORDS];
  tn_gpu_groups groups[3];
  uint32_t reads, writes; /* bit i: operand i of the node; an operand of both is written */
  uint64_t scratch_bytes; /* at the bounds of the plan; one memory for all launches of a node */
} tn_gpu_launch;

#ifdef __cplusplus
}
#endif
#endif
