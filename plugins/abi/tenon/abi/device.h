/* tenon/abi/device.h - backends: what they offer, their devices, memory and plans.
 *  Opaque handles belong to the backend that made them. Cross-device copies go through host memory.
 */
/* clang-format off */
/* The calls of one run, in order
 *    factory->create(host, opts, &backend)
 *    factory->enumerate(backend, infos, stride, cap, &n); factory->open(backend, 0, opts, &dev)
 *    get_heaps; queue_open; timeline_create(dev, 0, &t)
 *    supports, for every node: the host places the graph and chooses kernels and layouts
 *    weight_put, for every weight; weights_commit
 *    kv_size, kv_create; buffer_alloc of the arena; compile, per shape bucket
 *    per step: submit(dev, queue, {signals {t, ++value}, cmds WRITE, EXECUTE, READ})
 *              timeline_wait(dev, t, value, UINT64_MAX)
 *    queue_close, plan_free, weight_free, kv_free, buffer_free, timeline_destroy, in this order
 *    close(dev); factory->destroy(backend)
 * A lost device (TN_ERR_DEVICE_LOST): waits return it at once, calls that start something return
 * it; close and the freeing functions still work and free; open of the same index may succeed
 * later. */
/* clang-format on */
#ifndef TENON_ABI_DEVICE_H
#define TENON_ABI_DEVICE_H

#include "commands.h"
#include "graph.h"
#include "weights.h"

#ifdef __cplusplus
extern "C" {
#endif

#define TN_FACTORY_BACKEND "tenon.backend/1"

/* What the devices of a backend share: driver, instance, context, strings. */
typedef struct tn_backend tn_backend;
typedef struct tn_device tn_device;
typedef struct tn_queue tn_queue;

/* --- what is there --- */
enum {
  TN_DEVICE_HOST_MEMORY = 1, /* the host may address every buffer: map is free, borrowing works */
  TN_DEVICE_SYNC_SUBMIT = 2  /* submit may finish its work before it returns; else it never waits */
};
enum { TN_DEVICE_KIND_CPU = 1, TN_DEVICE_KIND_GPU = 2 }; /* unknown kinds rank behind */

/* Strings live as long as the tn_backend. */
typedef struct tn_device_info {
  uint32_t struct_size, flags;
  const char* name;     /* "AMD EPYC, 2 cores" */
  const char* slots;    /* kernel slots it publishes, preferred first; NULL: none */
  const char* unusable; /* NULL, or the one-line reason why open would fail */
  const char* features; /* names that kernels may need of this device */
  uint64_t memory_total, memory_free;
  uint32_t units, kind; /* units: cores or compute units */
  /* A name that stays when indices change: "pci:0000:01:00.0", or "uuid:" and hexadecimal digits;
   * letters, digits and ":.-" only, unlike those of the other devices. NULL: it has none. */
  const char* identity;
} tn_device_info;

typedef struct tn_backend_opts {
  uint32_t struct_size, flags;
} tn_backend_opts;
typedef struct tn_open_opts {
  uint32_t struct_size, flags, n_threads, rsv; /* n_threads 0: the backend's choice */
} tn_open_opts;

/* --- memory --- */
enum { TN_HEAP_DEVICE_LOCAL = 1, TN_HEAP_HOST_VISIBLE = 2, TN_HEAP_HOST_COHERENT = 4 };
typedef struct tn_heap {
  uint32_t struct_size, flags;
  uint64_t size, budget; /* budget: what is free now; may be asked again at any time */
  uint64_t max_alloc;    /* no buffer is larger; weights are the device's to split */
  uint64_t max_range;    /* bytes that one operand of a node may have; 0: max_alloc */
  uint64_t alignment;    /* bytes, a power of two */
} tn_heap;
enum { TN_USAGE_ACTIVATIONS = 1 /* bindings of plans */ };
enum { TN_MAP_READ = 1, TN_MAP_WRITE = 2 };

/* --- plans --- */
/* Must be understood. The plan takes no memory, its weights may be NULL, and only plan_info and
 * plan_free may be called with it: how much a graph would take, before anything is taken. */
enum { TN_COMPILE_SIZES = 1 };
typedef struct tn_compile_opts {
  uint32_t struct_size, flags, n_syms, rsv;
  const int64_t* max_syms; /* bounds of the extents this plan will be executed with */
} tn_compile_opts;
typedef struct tn_plan_info {
  uint32_t struct_size, flags;
  uint64_t scratch_bytes; /* what this plan adds to the memory of its device */
} tn_plan_info;

enum { TN_QUEUE_COMPUTE = 0 };

typedef struct tn_device_api {
  uint32_t struct_size, flags;
  /* After every handle of the device was freed; joins its threads. May block. */
  TN_THREAD(dev) void (*close)(tn_device* dev);
  /* The heaps, preferred first; their numbers and all but `budget` never change. */
  TN_THREAD(any)
  tn_status (*get_heaps)(tn_device* dev, tn_heap* first, uint32_t stride, uint32_t cap,
                         uint32_t* n);
  /* A table of functions by its id, as long as the device; NULL if it has none of it. */
  TN_THREAD(any) const void* (*get_extension)(tn_device* dev, const char* id);

  /* `size` bytes (> 0) of a heap for `usage`, with its alignment; content undefined. TN_ERR_OOM. */
  TN_THREAD(any)
  tn_status (*buffer_alloc)(tn_device* dev, uint32_t heap, uint64_t size, uint32_t usage,
                            tn_buffer** out);
  /* When no work that uses it is in flight; NULL does nothing, as in every function that frees. */
  TN_THREAD(any) void (*buffer_free)(tn_device* dev, tn_buffer* buffer);
  /* Host address of `size` bytes at `offset`, until buffer_unmap. What the host wrote is seen by
   * work submitted after buffer_unmap, or at once in a HOST_COHERENT heap, where a mapping may
   * stay; results are seen after wait. NULL: nothing of this device can be mapped. */
  TN_THREAD(any)
  tn_status (*buffer_map)(tn_device* dev, tn_buffer* buffer, uint64_t offset, uint64_t size,
                          uint32_t rw, void** out);
  /* Ends the mapping. NULL exactly when buffer_map is. */
  TN_THREAD(any) tn_status (*buffer_unmap)(tn_device* dev, tn_buffer* buffer);

  /* A timeline that has reached `initial`. */
  TN_THREAD(any) tn_status (*timeline_create)(tn_device* dev, uint64_t initial, tn_timeline** out);
  /* When no submission that names it is in flight and nobody waits. */
  TN_THREAD(any) void (*timeline_destroy)(tn_device* dev, tn_timeline* timeline);
  /* The value that it has reached; the failure that poisoned it. */
  TN_THREAD(any)
  tn_status (*timeline_query)(tn_device* dev, tn_timeline* timeline, uint64_t* value);
  /* Until `value` is reached; the failure that poisoned it. May block; TN_ERR_TIMEOUT after
   * timeout_ns, UINT64_MAX: for ever. */
  TN_THREAD(any)
  tn_status (*timeline_wait)(tn_device* dev, tn_timeline* timeline, uint64_t value,
                             uint64_t timeout_ns);

  /* A queue of a kind; a backend with fewer hardware queues may share them. */
  TN_THREAD(any) tn_status (*queue_open)(tn_device* dev, uint32_t kind, tn_queue** out);
  /* May block: what has not ended is finished or cancelled, and signalled. */
  TN_THREAD(dev) void (*queue_close)(tn_device* dev, tn_queue* queue);
  /* Refuses or accepts the work; commands.h has the rules. */
  TN_THREAD(queue) tn_status (*submit)(tn_device* dev, tn_queue* queue, const tn_submit* submit);

  /* Whether this device runs the node, with these bounds; pure and deterministic. Facts per dtype
   * are in the op declarations. TN_OK with a verdict; set_error says why not. With node->bound:
   * whether that kernel runs here; may block while the device compiles it. */
  TN_THREAD(any)
  tn_status (*supports)(tn_device* dev, const tn_node_query* query, tn_support* inout);
  /* Makes a plan for extents up to opts->max_syms. Nothing of the subgraph is kept but weight
   * handles and kernel descriptions; weights may be put but not yet committed. May block. */
  TN_THREAD(any)
  tn_status (*compile)(tn_device* dev, const tn_subgraph* graph, const tn_compile_opts* opts,
                       tn_plan** out);
  /* What the plan costs. */
  TN_THREAD(any) tn_status (*plan_info)(tn_device* dev, const tn_plan* plan, tn_plan_info* inout);
  /* When no execution of it is in flight. */
  TN_THREAD(any) void (*plan_free)(tn_device* dev, tn_plan* plan);

  /* Takes a weight; may block: borrows, packs on the device's own workers, or uploads. The handle
   * may be compiled with at once and executed after the commit; more may be put after it. */
  TN_THREAD(dev)
  tn_status (*weight_put)(tn_device* dev, const tn_weight_desc* desc, tn_weight** out);
  /* May block until every weight is in place; reports what was done since the last commit. */
  TN_THREAD(dev) tn_status (*weights_commit)(tn_device* dev, tn_weight_report* inout);
  /* After the plans that use it. */
  TN_THREAD(dev) void (*weight_free)(tn_device* dev, tn_weight* weight);

  /* Makes the pools of a model's states; rows are undefined until written. */
  TN_THREAD(dev) tn_status (*kv_create)(tn_device* dev, const tn_kv_desc* desc, tn_kv** out);
  /* When no work that uses it is in flight. */
  TN_THREAD(dev) void (*kv_free)(tn_device* dev, tn_kv* kv);
  /* Bytes that kv_create would take, without creating it. */
  TN_THREAD(any) tn_status (*kv_size)(tn_device* dev, const tn_kv_desc* desc, uint64_t* bytes);
} tn_device_api;

typedef struct tn_backend_factory {
  uint32_t struct_size, flags;
  const char* id;           /* the name users type: "cpu" */
  const tn_device_api* api; /* of all its devices */
  /* The static support matrix, immortal; returns the count. NULL: kernels come through slots only.
   * Of devices with slots its ops count as kernels of score 100 that run with node->bound NULL. */
  TN_THREAD(any) uint32_t (*ops)(const tn_op_decl* const** out);
  /* Loads the driver and makes what the devices share. May block. */
  TN_THREAD(any)
  tn_status (*create)(const tn_host* host, const tn_backend_opts* opts, tn_backend** out);
  /* After its last device was closed. */
  TN_THREAD(any) void (*destroy)(tn_backend* backend);
  /* The devices. Indices live as long as the tn_backend; a later call may show new ones behind. */
  TN_THREAD(any)
  tn_status (*enumerate)(tn_backend* backend, tn_device_info* first, uint32_t stride, uint32_t cap,
                         uint32_t* n);
  /* Opens a device, as often as asked. May block, may start threads. */
  TN_THREAD(any)
  tn_status (*open)(tn_backend* backend, uint32_t index, const tn_open_opts* opts, tn_device** out);
} tn_backend_factory;

#ifdef __cplusplus
}
#endif
#endif
