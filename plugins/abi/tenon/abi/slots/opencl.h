/* tenon/abi/slots/opencl.h - the kernel slot "tenon.opencl/1": OpenCL C and how to launch it.
 * Buffers are the arguments of the kernel, by their number, each a `global` pointer; the last
 * argument is, by value, struct { uint words[32]; uint ends[12]; }: the words of the launch, then
 * where the data of buffer 1 + i ends, in 32-bit words. Source is OpenCL C 1.2, compiled without
 * options that change arithmetic. What does not build is refused with the first line of the
 * compiler's log, and the kernel that would run without it runs. */
#ifndef TENON_ABI_SLOTS_OPENCL_H
#define TENON_ABI_SLOTS_OPENCL_H

#include "gpu.h"

#ifdef __cplusplus
extern "C" {
#endif

#define TN_SLOT_OPENCL "tenon.opencl/1"

/* Filled by dispatches(); zeroed and sized by the caller. The pointers live as long as the plugin. */
typedef struct tn_cl_dispatch {
  uint32_t struct_size, flags;
  const char* source;
  const char* kernel;     /* the name of the function */
  uint32_t local_size[3]; /* items of a work-group along each axis; 0: 1 */
  uint32_t rsv;
  tn_gpu_launch launch;
} tn_cl_dispatch;

typedef struct tn_cl_kernel {
  uint32_t struct_size, flags;
  /* The launches of a node at its bounds: at least one, at most TN_GPU_MAX_LAUNCHES; pure.
   * TN_ERR_UNSUPPORTED plus set_error to decline. */
  TN_THREAD(any)
  tn_status (*dispatches)(const tn_node_query* query, const tn_gpu_limits* limits,
                          tn_cl_dispatch* first, uint32_t stride, uint32_t cap, uint32_t* n);
} tn_cl_kernel;

#ifdef __cplusplus
}
#endif
#endif
