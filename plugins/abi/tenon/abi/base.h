/* tenon/abi/base.h - versions, status codes, what the host lends, and the one symbol a plugin
 * exports. C11, depends on nothing; 64-bit little-endian machines only. */
/* clang-format off */
/* How it grows
 *  - Structs only grow at the end, in whole groups of 8 bytes; padding is named `rsv` and is zero.
 *    A reader tests TN_HAS(p, field) before it uses a field that a minor appended. Whoever checks
 *    a struct_size or a stride compares it with the size of minor 0 (sizes_1_0.h), never with its
 *    own sizeof. Structs marked "frozen" never grow.
 *  - Until 1.0 is frozen the manifest names the draft that a plugin was built against ("draft":
 *    TN_ABI_DRAFT of sizes_1_0.h); a host of another draft refuses it.
 *  - Values of enums, bits of flags, roles, symbols, states and commands may be added. Who meets
 *    one that it does not know, or one of the bits 0 .. 15 of `flags`, declines with
 *    TN_ERR_UNSUPPORTED and changes nothing; bits 16 .. 31 are hints and may be ignored. In what
 *    describes the other side (devices, heaps, reports) unknown bits are ignored. `flags` without
 *    named bits are 0 in minor 0.
 * Rules for every call
 *  - Strings are UTF-8, NUL-terminated; arguments live during the call, unless said otherwise.
 *    What is given as a list of names in one string is separated by single spaces.
 *  - Whoever allocates frees, through the same table. Out-structs are zeroed and sized by the
 *    caller; the callee fills no more than struct_size.
 *  - Lists (first, stride, cap, n): *n receives how many there are, at most cap are written, each
 *    `stride` bytes after the one before; first may be NULL when cap is 0.
 *  - Nothing throws, aborts, exits or longjmps across this border. A call that fails leaves
 *    everything as it was and tells why through set_error on the calling thread.
 * TN_THREAD tags; functions of different tags may run at the same time
 *    loader  the host's loader thread, process-wide serial
 *    any     concurrent calls from any thread are legal
 *    dev     the host serialises calls per device
 *    queue   the host serialises calls per queue
 *    worker  a worker of the backend: no locks, no allocation, no I/O, disjoint ranges
 *  "May block" is said in the comment; what does not say so returns at once. */
/* clang-format on */
#ifndef TENON_ABI_BASE_H
#define TENON_ABI_BASE_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define TN_ABI_MAJOR 1 /* in the symbol name: another major cannot even be called */
#define TN_ABI_MINOR 0 /* appended fields and functions; see ../../CHANGELOG.md */
#define TN_ENTRY_SYMBOL "tenon_plugin_query_v1"
#define TN_NONE 0xffffffffu            /* "no index" wherever an index is optional */
#define TN_MUST_UNDERSTAND 0x0000ffffu /* the bits of `flags` that are not hints */

#if defined(__clang__)
#define TN_THREAD(tag) __attribute__((annotate("tenon.thread." #tag)))
#else
#define TN_THREAD(tag)
#endif

/* True when the object is large enough to hold `f` and `f` is not zero. */
#ifdef __cplusplus
#define TN_HAS(p, f)                                                                    \
  ((p)->struct_size >= static_cast<size_t>(reinterpret_cast<const char*>(&(p)->f + 1) - \
                                           reinterpret_cast<const char*>(p)) &&         \
   (p)->f)
#else
#define TN_HAS(p, f) \
  ((p)->struct_size >= (size_t)((const char*)(&(p)->f + 1) - (const char*)(p)) && (p)->f)
#endif

typedef int32_t tn_status; /* unknown non-zero values mean TN_ERR_INTERNAL */
enum {
  TN_OK = 0,
  TN_ERR_INVALID = 1,     /* the caller broke the contract */
  TN_ERR_UNSUPPORTED = 2, /* a clean "not here": the host falls back */
  TN_ERR_OOM = 3,
  TN_ERR_DEVICE_LOST = 4, /* sticky: device.h says what still works */
  TN_ERR_IO = 5,
  TN_ERR_CANCELLED = 6,
  TN_ERR_VERSION = 7,
  TN_ERR_NOT_FOUND = 8,
  TN_ERR_TIMEOUT = 9, /* of timeline_wait only */
  TN_ERR_INTERNAL = 10
};

/* A name interned by the host: op, dtype, layout or architecture. 0 = none. Never an ordinal that
 * two sides must agree on at compile time. */
typedef uint32_t tn_id;
enum { TN_KIND_OP = 1, TN_KIND_DTYPE = 2, TN_KIND_LAYOUT = 3 };

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
  /* Tells the user something; `component` names the plugin's part, the text is copied. */
  TN_THREAD(any) void (*log)(void* ctx, int32_t level, const char* component, const char* text);
  /* Says why the call that is about to fail fails; kept per thread, copied. file may be NULL. */
  TN_THREAD(any)
  void (*set_error)(void* ctx, tn_status status, const char* file, int32_t line, const char* text);
  /* The number of a name, new or known, for the life of the process; 0 when memory is short. */
  TN_THREAD(any) tn_id (*intern)(void* ctx, uint32_t kind, const char* name);
  /* The name of a number that this host has given, as long as the host; NULL if it has not. */
  TN_THREAD(any) const char* (*id_name)(void* ctx, tn_id id);
  /* A table of functions by its id, as long as the host; NULL if this host has none of it. */
  TN_THREAD(any) const void* (*get_extension)(void* ctx, const char* id);
} tn_host;

/* Plugin -> host. A constant object; every string and table it gives lives as long as the mapping.
 */
typedef struct tn_plugin {
  uint32_t struct_size;
  uint16_t abi_minor_built, abi_minor_min; /* min: the oldest host minor it can work with */
  const char* id;                          /* "com.acme.q4k" */
  const char* version;                     /* "1.4.2" */
  const char* vendor;
  /* Prepares what all factories need. Counted: may be called again. Opens no device, starts no
   * thread. */
  TN_THREAD(loader) tn_status (*init)(const tn_host* host);
  /* Once for each init. Joins every thread of the plugin; then it is inert, but stays mapped. */
  TN_THREAD(loader) void (*shutdown)(const tn_host* host);
  /* A factory by its id, after init; NULL for what the plugin does not offer. The ids are
   * TN_FACTORY_BACKEND, TN_FACTORY_KERNELS and TN_FACTORY_ARCH. */
  TN_THREAD(any) const void* (*get_factory)(const tn_host* host, const char* id);
} tn_plugin;

/* The only exported symbol, TN_ENTRY_SYMBOL: pure, callable at any time before init, repeatedly.
 * NULL: this plugin cannot work with a host of that minor. Its manifest lies in the ELF note of
 * the section ".note.tenon" (PE: ".tenon", Mach-O: "__DATA,__tenon"). */
typedef const tn_plugin* (*tn_query_v1_fn)(uint16_t host_minor);

#ifdef __cplusplus
}
#endif
#endif
