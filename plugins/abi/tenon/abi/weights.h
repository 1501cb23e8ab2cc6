/* tenon/abi/weights.h - weights on their way from the model file to a device. They are not buffers:
 * the device borrows the mapping, packs rows on its own workers, or uploads. */
#ifndef TENON_ABI_WEIGHTS_H
#define TENON_ABI_WEIGHTS_H

#include "kernels.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct tn_weight tn_weight;

enum { TN_WEIGHT_BORROW_OK = 1 << 16 /* a hint: data stays as it is until weight_free */ };

/* `data` stays valid until weights_commit returns, with BORROW_OK until weight_free: uploads may
 * run in the background. Everything else is the host's again when weight_put returns. */
typedef struct tn_weight_desc {
  uint32_t struct_size, flags;
  const char* name;
  const tn_tensor* tensor;      /* dtype, dims, and the layout to store it in */
  const tn_layout_desc* layout; /* how to pack; NULL: plain, or the device's own `tensor.layout` */
  const void* data;             /* the file's bytes, plain */
  uint64_t bytes;
  const uint32_t* cancel; /* NULL, or non-zero when the load was cancelled: a relaxed atomic */
} tn_weight_desc;

/* What the weights put since the last commit have cost. */
typedef struct tn_weight_report {
  uint32_t struct_size, n_weights;
  uint64_t borrowed_bytes, packed_bytes, uploaded_bytes;
  uint64_t pack_ns, upload_ns;
} tn_weight_report;

#ifdef __cplusplus
}
#endif
#endif
