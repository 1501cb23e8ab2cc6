/* A complete one-kernel pack on the raw ABI; each bad plugin replaces one part of it by a macro. */
#ifndef TENON_TESTS_FAULTS_PLUGINS_FIXTURE_H
#define TENON_TESTS_FAULTS_PLUGINS_FIXTURE_H

#include <stddef.h>
#include <stdint.h>
#include <tenon/abi/sizes_1_0.h>
#include <tenon/abi/tenon.h>

#include "framework/base/sanitizer.h"

#ifndef FIXTURE_ID
#define FIXTURE_ID "test.fixture"
#endif
#ifndef FIXTURE_CODE_ID
#define FIXTURE_CODE_ID FIXTURE_ID
#endif
#ifndef FIXTURE_ABI
#define FIXTURE_ABI "1.0"
#endif
#ifndef FIXTURE_MIN
#define FIXTURE_MIN "1.0"
#endif
#ifndef FIXTURE_DRAFT
#define FIXTURE_DRAFT TN_ABI_DRAFT
#endif
#ifndef FIXTURE_MINOR
#define FIXTURE_MINOR 0
#endif
#ifndef FIXTURE_MINOR_MIN
#define FIXTURE_MINOR_MIN 0
#endif
#ifndef FIXTURE_KINDS
#define FIXTURE_KINDS "\"kernels\""
#endif
#ifndef FIXTURE_SLOT
#define FIXTURE_SLOT TN_SLOT_CPU
#endif
#ifndef FIXTURE_CPU
#define FIXTURE_CPU ""
#endif
#ifndef FIXTURE_SANITIZER
#define FIXTURE_SANITIZER TENON_SANITIZER
#endif
#ifndef FIXTURE_MANIFEST
#define FIXTURE_MANIFEST                                                                \
  "{\"abi\":\"" FIXTURE_ABI "\",\"min\":\"" FIXTURE_MIN "\",\"draft\":\"" FIXTURE_DRAFT \
  "\",\"id\":\"" FIXTURE_ID                                                             \
  "\",\"version\":\"1.2.3\",\"vendor\":\"Tenon tests\",\"kinds\":[" FIXTURE_KINDS       \
  "],\"cpu\":[" FIXTURE_CPU "],\"sanitizer\":\"" FIXTURE_SANITIZER "\"}"
#endif
#ifndef FIXTURE_KERNEL_ID
#define FIXTURE_KERNEL_ID FIXTURE_ID ".kernel"
#endif
#ifndef FIXTURE_PACK
#define FIXTURE_PACK FIXTURE_ID ".pack"
#endif
#ifndef FIXTURE_PLUGIN_SIZE
#define FIXTURE_PLUGIN_SIZE sizeof(tn_plugin)
#endif
#ifndef FIXTURE_FACTORY_SIZE
#define FIXTURE_FACTORY_SIZE sizeof(tn_kernel_factory)
#endif
#ifndef FIXTURE_KERNEL_SIZE
#define FIXTURE_KERNEL_SIZE sizeof(tn_kernel_desc)
#endif
#ifndef FIXTURE_RUN
#define FIXTURE_RUN fixture_run
#endif
#ifndef FIXTURE_INIT
#define FIXTURE_INIT fixture_init
#endif
#ifndef FIXTURE_GET_FACTORY
#define FIXTURE_GET_FACTORY fixture_get_factory
#endif
#ifndef FIXTURE_ENTRY
#define FIXTURE_ENTRY tenon_plugin_query_v1
#endif

#ifndef FIXTURE_NO_NOTE
__attribute__((section(".note.tenon"), used, aligned(4))) static const struct {
  uint32_t name_size, desc_size, type;
  char name[8];
  char desc[(sizeof(FIXTURE_MANIFEST) + 3) / 4 * 4];
} fixture_note = {6, sizeof(FIXTURE_MANIFEST), 1, "TENON", FIXTURE_MANIFEST};
#endif

static tn_status fixture_plan(const tn_cpu_args* args, tn_cpu_work* inout) {
  (void)args;
  inout->n_phases = 1;
  inout->items[0] = 1;
  return TN_OK;
}

__attribute__((unused)) static void fixture_run(const tn_cpu_args* args, uint32_t phase,
                                                uint64_t first, uint64_t last, void* scratch) {
  (void)args, (void)phase, (void)first, (void)last, (void)scratch;
}

static tn_status fixture_size(const tn_layout_desc* self, const tn_tensor* w, uint64_t* bytes,
                              uint64_t* align) {
  (void)self, (void)w;
  *bytes = 64;
  *align = 64;
  return TN_OK;
}

static tn_status fixture_pack(const tn_layout_desc* self, const tn_tensor* w, const void* plain,
                              void* packed, uint64_t row0, uint64_t row1) {
  (void)self, (void)w, (void)plain, (void)packed, (void)row0, (void)row1;
  return TN_OK;
}

static tn_status fixture_unpack(const tn_layout_desc* self, const tn_tensor* w, const void* packed,
                                void* plain, uint64_t row0, uint64_t row1) {
  (void)self, (void)w, (void)packed, (void)plain, (void)row0, (void)row1;
  return TN_OK;
}

static const char* const fixture_f32[] = {"f32", NULL};
static const char* const fixture_future[] = {"cpu.amx_fp8_none", NULL};
static const tn_cpu_kernel fixture_impl = {sizeof(tn_cpu_kernel), 0, NULL, fixture_plan,
                                           FIXTURE_RUN};

static const tn_kernel_desc fixture_kernel = {
    .struct_size = FIXTURE_KERNEL_SIZE,
    .score = 100,
    .id = FIXTURE_KERNEL_ID,
    .slot = FIXTURE_SLOT,
    .op = TN_OP_SILU,
    .in_dtypes = fixture_f32,
    .out_dtypes = fixture_f32,
    .impl = &fixture_impl,
};

/* Legal, but of no use on any machine of today. */
static const tn_kernel_desc fixture_future_kernel = {
    .struct_size = sizeof(tn_kernel_desc),
    .score = 900,
    .id = FIXTURE_ID ".future",
    .slot = FIXTURE_SLOT,
    .op = TN_OP_SILU,
    .in_dtypes = fixture_f32,
    .out_dtypes = fixture_f32,
    .needs = fixture_future,
    .impl = &fixture_impl,
};

static const tn_layout_desc fixture_layout = {
    sizeof(tn_layout_desc), 4, FIXTURE_ID "_x4/1", "f32", FIXTURE_SLOT, fixture_size, fixture_pack,
    fixture_unpack};

static uint32_t fixture_kernels(const tn_kernel_desc* const** out) {
  static const tn_kernel_desc* const all[] = {&fixture_kernel, &fixture_future_kernel};
  *out = all;
  return 2;
}

static uint32_t fixture_layouts(const tn_layout_desc* const** out) {
  static const tn_layout_desc* const all[] = {&fixture_layout};
  *out = all;
  return 1;
}

static const tn_kernel_factory fixture_factory = {FIXTURE_FACTORY_SIZE, 0, FIXTURE_PACK,
                                                  fixture_kernels, fixture_layouts};

__attribute__((unused)) static tn_status fixture_init(const tn_host* host) {
  (void)host;
  return TN_OK;
}

static void fixture_shutdown(const tn_host* host) { (void)host; }

static int fixture_same(const char* a, const char* b) {
  while (*a != '\0' && *a == *b) ++a, ++b;
  return *a == *b;
}

__attribute__((unused)) static const void* fixture_get_factory(const tn_host* host,
                                                               const char* id) {
  (void)host;
  return fixture_same(id, TN_FACTORY_KERNELS) ? &fixture_factory : NULL;
}

static const tn_plugin fixture_plugin = {
    FIXTURE_PLUGIN_SIZE, FIXTURE_MINOR, FIXTURE_MINOR_MIN, FIXTURE_CODE_ID,     "1.2.3",
    "Tenon tests",       FIXTURE_INIT,  fixture_shutdown,  FIXTURE_GET_FACTORY,
};

__attribute__((visibility("default"))) const tn_plugin* FIXTURE_ENTRY(uint16_t host_minor);
const tn_plugin* FIXTURE_ENTRY(uint16_t host_minor) {
  (void)host_minor;
  return &fixture_plugin;
}

#endif
