/* tenon/abi/device.h - backends: devices, memory, queues, timelines, weights, the KV cache, plans.
 *  Opaque handles belong to the backend that made them. Cross-device copies go through host memory.
 */
#ifndef TENON_ABI_DEVICE_H
#define TENON_ABI_DEVICE_H

#include "graph.h"
#include "kernels.h"

#ifdef __cplusplus
extern "C" {
#endif

#define TN_FACTORY_BACKEND "tenon.backend/1"
#define TN_PAGE_POSITIONS 64 /* positions in a page of the KV cache */

typedef struct tn_device tn_device;
typedef struct tn_buffer tn_buffer;
typedef struct tn_queue tn_queue;
typedef struct tn_timeline tn_timeline;
typedef struct tn_plan tn_plan;
typedef struct tn_weight tn_weight;
typedef struct tn_kv tn_kv;

/* --- what is there ------------------------------------------------------------------------------
 */
enum {
  TN_DEVICE_HOST_MEMORY = 1, /* buffers are host memory: map is free, borrowing works */
  TN_DEVICE_SYNC_SUBMIT = 2  /* submit may finish its work before it returns */
};

/* Sized and zeroed by the caller; strings live as long as the plugin. */
typedef struct tn_device_info {
  uint32_t struct_size, flags;
  const char* name;     /* "AMD EPYC, 2 cores" */
  const char* slot;     /* kernel slot it publishes, or NULL */
  const char* unusable; /* NULL, or the one-line reason why open would fail */
  const char* features; /* space-separated, for `tenon devices` */
  uint64_t memory_total, memory_free;
  uint32_t units, rsv; /* cores or compute units */
} tn_device_info;

typedef struct tn_open_opts {
  uint32_t struct_size, n_threads; /* 0: the backend's choice */
} tn_open_opts;

/* --- memory -------------------------------------------------------------------------------------
 */
enum {
  TN_HEAP_DEVICE_LOCAL = 1,
  TN_HEAP_HOST_VISIBLE = 2,
  TN_HEAP_HOST_COHERENT = 4,
  TN_HEAP_IMPORT_HOST = 8
};
typedef struct tn_heap {
  uint32_t struct_size, flags;
  uint64_t size, budget; /* budget: what is free now */
  uint64_t max_alloc, alignment, import_alignment;
} tn_heap;

enum { TN_USAGE_ACTIVATIONS = 1, TN_USAGE_IO = 2, TN_USAGE_STAGING = 4 };
enum { TN_MAP_READ = 1, TN_MAP_WRITE = 2 };

typedef struct tn_import_desc {
  uint32_t struct_size, flags;
  void* ptr; /* stays valid until buffer_free */
  uint64_t size;
} tn_import_desc;

/* --- work ---------------------------------------------------------------------------------------
 */
typedef struct tn_point { /* frozen: never grows */
  tn_timeline* timeline;
  uint64_t value; /* rises by less than 2^31 from one to the next */
} tn_point;

enum { TN_CMD_COPY = 1, TN_CMD_FILL = 2, TN_CMD_WRITE = 3, TN_CMD_READ = 4, TN_CMD_EXECUTE = 5 };
typedef struct tn_cmd { /* the head of every command */
  uint32_t struct_size, type;
} tn_cmd;

typedef struct tn_cmd_copy {
  tn_cmd head;
  tn_buffer* src;
  uint64_t src_offset;
  tn_buffer* dst;
  uint64_t dst_offset, size;
} tn_cmd_copy;

typedef struct tn_cmd_fill {
  tn_cmd head;
  tn_buffer* dst;
  uint64_t offset, size; /* multiples of 4 */
  uint32_t pattern, rsv;
} tn_cmd_fill;

/* Host memory of WRITE and READ stays valid until the submission has signalled. */
typedef struct tn_cmd_write {
  tn_cmd head;
  const void* src;
  tn_buffer* dst;
  uint64_t offset, size;
} tn_cmd_write;

typedef struct tn_cmd_read {
  tn_cmd head;
  tn_buffer* src;
  uint64_t offset, size;
  void* dst;
} tn_cmd_read;

typedef struct tn_binding { /* frozen: never grows */
  tn_buffer* buffer;
  uint64_t offset;
} tn_binding;

/* Copied by submit, arrays included; only buffers, plan, kv and node_ns must outlive the work. */
typedef struct tn_cmd_execute {
  tn_cmd head;
  tn_plan* plan;
  tn_kv* kv; /* NULL for plans without state */
  const tn_binding* bindings;
  const int64_t* syms;
  uint32_t n_bindings, n_syms;
  uint64_t* node_ns; /* NULL, or one entry per node of the subgraph: measured time */
} tn_cmd_execute;

/* Commands run in order, after every wait, before any signal. A failure poisons the signalled
 * timelines: query and wait return its status from then on. A cancelled submission does not: it
 * signals, and *result says TN_ERR_CANCELLED. */
typedef struct tn_submit {
  uint32_t struct_size, flags;
  const tn_point* waits; /* timelines of this device only */
  const tn_point* signals;
  const tn_cmd* const* cmds;
  uint32_t n_waits, n_signals, n_cmds, rsv;
  const uint32_t* cancel; /* NULL, or polled between nodes: non-zero ends the submission early */
  tn_status* result;      /* NULL, or written before the signals */
} tn_submit;

typedef struct tn_compile_opts {
  uint32_t struct_size, n_syms;
  const int64_t* max_syms; /* bounds of the extents this plan will be executed with */
} tn_compile_opts;

typedef struct tn_plan_info {
  uint32_t struct_size, n_dispatches;
  uint64_t scratch_bytes; /* allocated by the plan beyond the planned tensors */
} tn_plan_info;

/* --- weights ------------------------------------------------------------------------------------
 */
enum { TN_WEIGHT_BORROW_OK = 1 /* data stays mapped and unchanged until weight_free */ };
typedef struct tn_weight_desc {
  uint32_t struct_size, flags;
  const char* name;
  const tn_tensor* tensor;      /* dtype, dims, and the layout to store it in */
  const tn_layout_desc* layout; /* how to pack; NULL: plain */
  const void* data;             /* the file's bytes, plain */
  uint64_t bytes;
  uint64_t file_offset;
  int32_t fd; /* of the model file, or -1 */
  uint32_t rsv;
  const uint32_t* cancel; /* NULL, or non-zero when the load was cancelled */
} tn_weight_desc;

typedef struct tn_weight_report {
  uint32_t struct_size, n_weights;
  uint64_t borrowed_bytes, packed_bytes, uploaded_bytes; /* since the device was opened */
  uint64_t pack_ns, upload_ns;
} tn_weight_report;

/* --- KV cache: the host owns pages and block tables, the device one pool per layer
 * ----------------- */
typedef struct tn_kv_layer {
  uint32_t struct_size, layer, n_kv_heads, dk, dv;
  tn_id dtype;
  int64_t window; /* 0: none */
} tn_kv_layer;

typedef struct tn_kv_desc {
  uint32_t struct_size, n_layers, layer_stride, rsv;
  const tn_kv_layer* layers;
  uint64_t n_pages; /* of TN_PAGE_POSITIONS positions, the same ids in every layer */
} tn_kv_desc;

/* Rows first … first+n-1 of one page: dense (n_kv_heads, n, d) in the stored dtype; q8_0: the int8
 * values, then (no gap) the f16 scales (n_kv_heads, n, ceil(d/32)). */
typedef struct tn_kv_rows {
  uint32_t struct_size, layer;
  uint64_t page;
  uint32_t first, n;
  void* k;
  void* v;
  uint64_t k_bytes, v_bytes; /* capacity; TN_ERR_INVALID if too small */
} tn_kv_rows;

typedef struct tn_device_api {
  uint32_t struct_size, flags;
  TN_THREAD(dev) void (*close)(tn_device* dev);
  TN_THREAD(any)
  tn_status (*get_heaps)(tn_device* dev, tn_heap* first, uint32_t stride, uint32_t cap,
                         uint32_t* n);
  TN_THREAD(any) const void* (*get_extension)(tn_device* dev, const char* id);

  TN_THREAD(any)
  tn_status (*buffer_alloc)(tn_device* dev, uint32_t heap, uint64_t size, uint32_t usage,
                            tn_buffer** out);
  /* NULL: never imports. */
  TN_THREAD(any)
  tn_status (*buffer_import)(tn_device* dev, const tn_import_desc* desc, tn_buffer** out);
  TN_THREAD(any) void (*buffer_free)(tn_device* dev, tn_buffer* buffer);
  /* NULL: nothing of this device can be mapped. */
  TN_THREAD(any)
  tn_status (*buffer_map)(tn_device* dev, tn_buffer* buffer, uint64_t offset, uint64_t size,
                          uint32_t rw, void** out);
  TN_THREAD(any) tn_status (*buffer_unmap)(tn_device* dev, tn_buffer* buffer);

  TN_THREAD(any) tn_status (*timeline_create)(tn_device* dev, uint64_t initial, tn_timeline** out);
  TN_THREAD(any) void (*timeline_destroy)(tn_device* dev, tn_timeline* timeline);
  TN_THREAD(any)
  tn_status (*timeline_query)(tn_device* dev, tn_timeline* timeline, uint64_t* value);
  /* May block; TN_ERR_TIMEOUT. timeout_ns UINT64_MAX: for ever. */
  TN_THREAD(any)
  tn_status (*timeline_wait)(tn_device* dev, tn_timeline* timeline, uint64_t value,
                             uint64_t timeout_ns);
  /* NULL: the host cannot signal. */
  TN_THREAD(any)
  tn_status (*timeline_signal)(tn_device* dev, tn_timeline* timeline, uint64_t value);

  TN_THREAD(any) tn_status (*queue_open)(tn_device* dev, uint32_t kind, tn_queue** out);
  TN_THREAD(dev) void (*queue_close)(tn_device* dev, tn_queue* queue);
  TN_THREAD(queue) tn_status (*submit)(tn_queue* queue, const tn_submit* submit);

  /* Shapes and alignment; pure and deterministic. Facts per dtype are in the op declarations. */
  TN_THREAD(any)
  tn_status (*supports)(tn_device* dev, const tn_node_query* query, tn_support* inout);
  /* May block. Nothing of the subgraph is kept but the weight handles and the kernel descs. */
  TN_THREAD(any)
  tn_status (*compile)(tn_device* dev, const tn_subgraph* graph, const tn_compile_opts* opts,
                       tn_plan** out);
  TN_THREAD(any) tn_status (*plan_info)(tn_device* dev, const tn_plan* plan, tn_plan_info* inout);
  TN_THREAD(any) void (*plan_free)(tn_device* dev, tn_plan* plan);

  /* May block: borrows, packs on the device's own workers, or uploads. */
  TN_THREAD(dev)
  tn_status (*weight_put)(tn_device* dev, const tn_weight_desc* desc, tn_weight** out);
  /* May block until every weight is in place; reports what was done. */
  TN_THREAD(dev) tn_status (*weights_commit)(tn_device* dev, tn_weight_report* inout);
  TN_THREAD(dev) void (*weight_free)(tn_device* dev, tn_weight* weight);

  TN_THREAD(dev) tn_status (*kv_create)(tn_device* dev, const tn_kv_desc* desc, tn_kv** out);
  TN_THREAD(dev) void (*kv_free)(tn_device* dev, tn_kv* kv);
  TN_THREAD(dev)
  tn_status (*kv_export)(tn_device* dev, tn_kv* kv, const tn_kv_rows* rows); /* may block */
  TN_THREAD(dev)
  tn_status (*kv_import)(tn_device* dev, tn_kv* kv, const tn_kv_rows* rows); /* may block */
  /* bytes a pool of that shape would take, without creating it */
  TN_THREAD(any) tn_status (*kv_size)(tn_device* dev, const tn_kv_desc* desc, uint64_t* bytes);
} tn_device_api;

enum { TN_QUEUE_COMPUTE = 0, TN_QUEUE_TRANSFER = 1 };

typedef struct tn_backend_factory {
  uint32_t struct_size, flags;
  const char* id; /* the name users type: "cpu" */
  const tn_device_api* api;
  /* The static support matrix, immortal; NULL for backends whose kernels come through a slot. */
  TN_THREAD(any) uint32_t (*ops)(const tn_op_decl* const** out);
  TN_THREAD(any)
  tn_status (*enumerate)(const tn_host* host, tn_device_info* first, uint32_t stride, uint32_t cap,
                         uint32_t* n);
  /* May block, may start threads; close joins them. */
  TN_THREAD(any)
  tn_status (*open)(const tn_host* host, uint32_t index, const tn_open_opts* opts, tn_device** out);
} tn_backend_factory;

#ifdef __cplusplus
}
#endif
#endif
