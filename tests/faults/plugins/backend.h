/* A backend on the raw ABI whose functions all say "unsupported"; parts are replaced by macros. */
#ifndef TENON_TESTS_FAULTS_PLUGINS_BACKEND_H
#define TENON_TESTS_FAULTS_PLUGINS_BACKEND_H

#include <stddef.h>
#include <tenon/abi/device.h>

#ifndef BACKEND_ENUMERATE
#define BACKEND_ENUMERATE backend_enumerate
#endif
#ifndef BACKEND_SUBMIT
#define BACKEND_SUBMIT backend_submit
#endif

static const void* backend_get_factory(const tn_host* host, const char* id);
#define FIXTURE_KINDS "\"backend\",\"kernels\",\"a_kind_of_minor_7\""
#define FIXTURE_GET_FACTORY backend_get_factory
#include "fixture.h"

static void backend_close(tn_device* d) { (void)d; }
static tn_status backend_heaps(tn_device* d, tn_heap* first, uint32_t stride, uint32_t cap,
                               uint32_t* n) {
  (void)d, (void)first, (void)stride, (void)cap;
  *n = 0;
  return TN_OK;
}
static const void* backend_extension(tn_device* d, const char* id) {
  (void)d, (void)id;
  return NULL;
}
static tn_status backend_alloc(tn_device* d, uint32_t heap, uint64_t size, uint32_t usage,
                               tn_buffer** out) {
  (void)d, (void)heap, (void)size, (void)usage, (void)out;
  return TN_ERR_UNSUPPORTED;
}
static void backend_free(tn_device* d, tn_buffer* b) { (void)d, (void)b; }
static tn_status backend_timeline(tn_device* d, uint64_t v, tn_timeline** out) {
  (void)d, (void)v, (void)out;
  return TN_ERR_UNSUPPORTED;
}
static void backend_timeline_free(tn_device* d, tn_timeline* t) { (void)d, (void)t; }
static tn_status backend_query(tn_device* d, tn_timeline* t, uint64_t* v) {
  (void)d, (void)t, (void)v;
  return TN_ERR_UNSUPPORTED;
}
static tn_status backend_wait(tn_device* d, tn_timeline* t, uint64_t v, uint64_t ns) {
  (void)d, (void)t, (void)v, (void)ns;
  return TN_ERR_UNSUPPORTED;
}
static tn_status backend_queue(tn_device* d, uint32_t kind, tn_queue** out) {
  (void)d, (void)kind, (void)out;
  return TN_ERR_UNSUPPORTED;
}
static void backend_queue_close(tn_device* d, tn_queue* q) { (void)d, (void)q; }
__attribute__((unused)) static tn_status backend_submit(tn_device* d, tn_queue* q,
                                                        const tn_submit* s) {
  (void)d, (void)q, (void)s;
  return TN_ERR_UNSUPPORTED;
}
static tn_status backend_supports(tn_device* d, const tn_node_query* q, tn_support* s) {
  (void)d, (void)q, (void)s;
  return TN_OK;
}
static tn_status backend_compile(tn_device* d, const tn_subgraph* g, const tn_compile_opts* o,
                                 tn_plan** out) {
  (void)d, (void)g, (void)o, (void)out;
  return TN_ERR_UNSUPPORTED;
}
static tn_status backend_plan_info(tn_device* d, const tn_plan* p, tn_plan_info* i) {
  (void)d, (void)p, (void)i;
  return TN_ERR_UNSUPPORTED;
}
static void backend_plan_free(tn_device* d, tn_plan* p) { (void)d, (void)p; }
static tn_status backend_put(tn_device* d, const tn_weight_desc* w, tn_weight** out) {
  (void)d, (void)w, (void)out;
  return TN_ERR_UNSUPPORTED;
}
static tn_status backend_commit(tn_device* d, tn_weight_report* r) {
  (void)d, (void)r;
  return TN_ERR_UNSUPPORTED;
}
static void backend_weight_free(tn_device* d, tn_weight* w) { (void)d, (void)w; }
static tn_status backend_kv(tn_device* d, const tn_kv_desc* k, tn_kv** out) {
  (void)d, (void)k, (void)out;
  return TN_ERR_UNSUPPORTED;
}
static void backend_kv_free(tn_device* d, tn_kv* k) { (void)d, (void)k; }
static tn_status backend_kv_size(tn_device* d, const tn_kv_desc* k, uint64_t* bytes) {
  (void)d, (void)k, (void)bytes;
  return TN_ERR_UNSUPPORTED;
}

static const tn_device_api backend_api = {
    .struct_size = sizeof(tn_device_api),
    .close = backend_close,
    .get_heaps = backend_heaps,
    .get_extension = backend_extension,
    .buffer_alloc = backend_alloc,
    .buffer_free = backend_free,
    .timeline_create = backend_timeline,
    .timeline_destroy = backend_timeline_free,
    .timeline_query = backend_query,
    .timeline_wait = backend_wait,
    .queue_open = backend_queue,
    .queue_close = backend_queue_close,
    .submit = BACKEND_SUBMIT,
    .supports = backend_supports,
    .compile = backend_compile,
    .plan_info = backend_plan_info,
    .plan_free = backend_plan_free,
    .weight_put = backend_put,
    .weights_commit = backend_commit,
    .weight_free = backend_weight_free,
    .kv_create = backend_kv,
    .kv_free = backend_kv_free,
    .kv_size = backend_kv_size,
};

static tn_status backend_create(const tn_host* host, const tn_backend_opts* opts,
                                tn_backend** out) {
  (void)opts;
  *out = (tn_backend*)(uintptr_t)host; /* nothing is shared but this */
  return TN_OK;
}
static void backend_destroy(tn_backend* backend) { (void)backend; }

__attribute__((unused)) static tn_status backend_enumerate(tn_backend* backend,
                                                           tn_device_info* first, uint32_t stride,
                                                           uint32_t cap, uint32_t* n) {
  (void)backend, (void)stride;
  *n = 1;
  if (cap > 0) {
    first->name = "a device made of paper";
    first->unusable = "it is made of paper";
  }
  return TN_OK;
}

static tn_status backend_open(tn_backend* backend, uint32_t index, const tn_open_opts* opts,
                              tn_device** out) {
  const tn_host* host = (const tn_host*)(uintptr_t)backend;
  (void)index, (void)opts, (void)out;
  host->set_error(host->ctx, TN_ERR_UNSUPPORTED, __FILE__, __LINE__, "it is made of paper");
  return TN_ERR_UNSUPPORTED;
}

static const tn_backend_factory backend_factory = {sizeof(tn_backend_factory),
                                                   0,
                                                   "paper",
                                                   &backend_api,
                                                   NULL,
                                                   backend_create,
                                                   backend_destroy,
                                                   BACKEND_ENUMERATE,
                                                   backend_open};

static const void* backend_get_factory(const tn_host* host, const char* id) {
  if (fixture_same(id, TN_FACTORY_BACKEND)) return &backend_factory;
  return fixture_get_factory(host, id);
}

#endif
