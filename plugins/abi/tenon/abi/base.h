/* tenon/abi/base.h - versions, status codes, what the host lends, and the one symbol a plugin
 * exports.
 *  - C11, depends on nothing. Structs only grow at the end, in whole groups of 8 bytes; padding is
 * named `rsv` and must be zero. A reader tests TN_HAS(p, field) before it uses a field that a minor
 * appended.
 *  - Strings are UTF-8, NUL-terminated. Whoever allocates frees, through the same table.
 *  - Nothing throws, aborts, exits or longjmps across this border.
 *  - TN_THREAD tags: loader  the host's loader thread, process-wide serial
 *                    any     concurrent calls from any thread are legal
 *                    dev     the host serialises calls per device
 *                    queue   the host serialises calls per queue
 *                    worker  a worker of the backend: no locks, no allocation, no I/O, disjoint
 * ranges "may block" is said in the comment. */
#ifndef TENON_ABI_BASE_H
#define TENON_ABI_BASE_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define TN_ABI_MAJOR 1u /* in the symbol name: another major cannot even be called */
#define TN_ABI_MINOR 0u /* appended fields and functions; see ../../CHANGELOG.md */
#define TN_ENTRY_SYMBOL "tenon_plugin_query_v1"
#define TN_NONE 0xffffffffu /* "no index" wherever an index is optional */

#if defined(__clang__)
#define TN_THREAD(tag) __attribute__((annotate("tenon.thread." #tag)))
#else
#define TN_THREAD(tag)
#endif

/* True when the object is large enough to hold `f` and `f` is not zero. */
#define TN_HAS(p, f) ((p)->struct_size >= offsetof(__typeof__(*(p)), f) + sizeof((p)->f) && (p)->f)

typedef int32_t tn_status; /* unknown non-zero values mean TN_ERR_INTERNAL */
enum {
  TN_OK = 0,
  TN_ERR_INVALID = 1,     /* the caller broke the contract */
  TN_ERR_UNSUPPORTED = 2, /* a clean "not here": the host falls back */
  TN_ERR_OOM = 3,
  TN_ERR_DEVICE_LOST = 4, /* sticky: every later call on the device returns it */
  TN_ERR_IO = 5,
  TN_ERR_CANCELLED = 6,
  TN_ERR_VERSION = 7,
  TN_ERR_NOT_FOUND = 8,
  TN_ERR_TIMEOUT = 9,
  TN_ERR_INTERNAL = 10
};

/* A name interned by the host: op, dtype, layout or architecture. 0 = none. Never an ordinal that
 * two sides must agree on at compile time. */
typedef uint32_t tn_id;
enum { TN_KIND_OP = 1, TN_KIND_DTYPE = 2, TN_KIND_LAYOUT = 3, TN_KIND_ARCH = 4 };

enum {
  TN_LOG_DEBUG = 0,
  TN_LOG_INFO = 1,
  TN_LOG_WARN = 2,
  TN_LOG_ERROR = 3,
  TN_LOG_PLUGIN_MISBEHAVING = 4,
  TN_LOG_HOST_MISBEHAVING = 5
};

/* Host -> plugin. Owned by the host, outlives every plugin. Plugins keep it in the objects they
 * create, not in globals. */
typedef struct tn_host {
  uint32_t struct_size;
  uint16_t abi_major, abi_minor;
  void* ctx; /* first argument of every function below */
  TN_THREAD(any) void (*log)(void* ctx, int32_t level, const char* component, const char* text);
  /* Says why the call that is about to fail fails; kept per thread, copied. */
  TN_THREAD(any)
  void (*set_error)(void* ctx, tn_status status, const char* file, int32_t line, const char* text);
  TN_THREAD(any) tn_id (*intern)(void* ctx, uint32_t kind, const char* name);
  TN_THREAD(any) const char* (*id_name)(void* ctx, tn_id id); /* NULL if unknown; immortal */
  TN_THREAD(any) const void* (*get_extension)(void* ctx, const char* id); /* NULL if unknown */
} tn_host;

/* Plugin -> host. A constant object; every string and table it gives lives as long as the mapping.
 */
typedef struct tn_plugin {
  uint32_t struct_size;
  uint16_t abi_minor_built, abi_minor_min; /* min: the oldest host minor it can work with */
  const char* id;                          /* "com.acme.q4k" */
  const char* version;                     /* "1.4.2" */
  const char* vendor;
  /* Counted: may be called again. Opens no device, starts no thread. */
  TN_THREAD(loader) tn_status (*init)(const tn_host* host);
  /* Joins every thread of the plugin; afterwards it is inert, but stays mapped. */
  TN_THREAD(loader) void (*shutdown)(const tn_host* host);
  /* "tenon.backend/1" tn_backend_factory, "tenon.kernels/1" tn_kernel_factory,
   * "tenon.arch/1" tn_arch_factory; NULL for what it does not offer. */
  TN_THREAD(any) const void* (*get_factory)(const tn_host* host, const char* id);
} tn_plugin;

/* The only exported symbol, TN_ENTRY_SYMBOL: pure, callable at any time before init, repeatedly.
 * NULL: this plugin cannot work with a host of that minor. */
typedef const tn_plugin* (*tn_query_v1_fn)(uint16_t host_minor);

#ifdef __cplusplus
}
#endif
#endif
