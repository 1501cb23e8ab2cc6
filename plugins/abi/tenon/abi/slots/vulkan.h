/* tenon/abi/slots/vulkan.h - the kernel slot "tenon.vulkan/1": SPIR-V modules and how to launch them.
 * Buffers are storage buffers of descriptor set 0, bound by their number; the words of a launch are
 * the push constants. A module is SPIR-V of Vulkan 1.3 and declares only capabilities that this
 * contract (integer dot products) or a name among the `needs` of its kernel grants. One that does
 * not load is refused with its reason, and the kernel that would run without it runs. */
#ifndef TENON_ABI_SLOTS_VULKAN_H
#define TENON_ABI_SLOTS_VULKAN_H

#include "gpu.h"

#ifdef __cplusplus
extern "C" {
#endif

#define TN_SLOT_VULKAN "tenon.vulkan/1"

/* Filled by dispatches(); zeroed and sized by the caller. The pointers live as long as the plugin. */
typedef struct tn_vk_dispatch {
  uint32_t struct_size, flags;
  const uint32_t* spirv;
  uint64_t spirv_bytes;
  const char* entry; /* of the module; NULL: "main" */
  tn_gpu_launch launch;
} tn_vk_dispatch;

typedef struct tn_vk_kernel {
  uint32_t struct_size, flags;
  /* The launches of a node at its bounds: at least one, at most TN_GPU_MAX_LAUNCHES; pure.
   * TN_ERR_UNSUPPORTED plus set_error to decline. */
  TN_THREAD(any)
  tn_status (*dispatches)(const tn_node_query* query, const tn_gpu_limits* limits,
                          tn_vk_dispatch* first, uint32_t stride, uint32_t cap, uint32_t* n);
} tn_vk_kernel;

#ifdef __cplusplus
}
#endif
#endif
