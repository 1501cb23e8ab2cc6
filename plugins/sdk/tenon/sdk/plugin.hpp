// The entry of a plugin: manifest note, query symbol, and the one place where exceptions end.
#pragma once

#include <tenon/abi/sizes_1_0.h>
#include <tenon/abi/tenon.h>

#include <exception>
#include <new>
#include <tenon/sdk/structs.hpp>

#if defined(__SANITIZE_ADDRESS__)
#define TENON_SDK_SANITIZER "address"
#elif defined(__SANITIZE_THREAD__)
#define TENON_SDK_SANITIZER "thread"
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define TENON_SDK_SANITIZER "address"
#elif __has_feature(thread_sanitizer)
#define TENON_SDK_SANITIZER "thread"
#endif
#endif
#ifndef TENON_SDK_SANITIZER
#define TENON_SDK_SANITIZER "none"
#endif

// What decides which drivers the plugin opens, as JSON: the loader's library, "/file or folder" of
// what that reads, "$VARIABLE" of what it is told. Where one changes, the host tries the plugin
// anew. (CMake: tenon_add_backend(… DRIVERS libx.so.1 /etc/x $X_DRIVERS))
#ifndef TENON_SDK_DRIVERS
#define TENON_SDK_DRIVERS ""
#endif

// The oldest minor of a host that the plugin works with. One that cannot do without a field or a
// function of a later minor defines it before it includes the SDK.
#ifndef TN_ABI_MINOR_MIN
#define TN_ABI_MINOR_MIN 0
#endif
static_assert(TN_ABI_MINOR_MIN <= TN_ABI_MINOR, "these headers are older than the minimum");

#define TENON_SDK_STRING2(x) #x
#define TENON_SDK_STRING(x) TENON_SDK_STRING2(x)
#define TENON_SDK_ABI(minor) TENON_SDK_STRING(TN_ABI_MAJOR) "." TENON_SDK_STRING(minor)

#pragma GCC visibility push(hidden)
namespace tenon {
namespace sdk {
inline namespace v1_0 {

// Runs `body` so that no exception leaves the plugin.
template <class Body>
tn_status guarded(Body&& body) noexcept {
  try {
    return body();
  } catch (const std::bad_alloc&) {
    return TN_ERR_OOM;
  } catch (...) {
    return TN_ERR_INTERNAL;
  }
}

// set_error and return: `return fail(host, TN_ERR_UNSUPPORTED, "only 2-D weights")`.
inline tn_status fail(const tn_host* host, tn_status status, const char* text) {
  if (host != nullptr) host->set_error(host->ctx, status, "", 0, text);
  return status;
}

inline bool same_text(const char* a, const char* b) {
  while (*a != '\0' && *a == *b) ++a, ++b;
  return *a == *b;
}

constexpr bool is_at_least(unsigned host_minor, unsigned minimum) { return host_minor >= minimum; }

// A plugin that offers exactly one factory and needs no set-up.
template <auto* Factory, const char* const& FactoryId>
struct SingleFactory {
  static tn_status init(const tn_host*) noexcept { return TN_OK; }
  static void shutdown(const tn_host*) noexcept {}
  static const void* get_factory(const tn_host*, const char* id) noexcept {
    return same_text(id, FactoryId) ? Factory : nullptr;
  }
};

inline constexpr const char* k_backend_factory = TN_FACTORY_BACKEND;
inline constexpr const char* k_kernel_factory = TN_FACTORY_KERNELS;
inline constexpr const char* k_arch_factory = TN_FACTORY_ARCH;

// The bytes of an ELF note: name "TENON", type 1, a JSON manifest that hosts read before dlopen.
template <unsigned long N>
struct ManifestNote {
  unsigned name_size = 6, desc_size = N, type = 1;
  char name[8] = "TENON";
  char desc[(N + 3) / 4 * 4] = {};
  consteval explicit ManifestNote(const char (&json)[N]) {
    for (unsigned long i = 0; i < N; ++i) desc[i] = json[i];
  }
};

}  // namespace v1_0
}  // namespace sdk
}  // namespace tenon
#pragma GCC visibility pop

// Makes this shared object a Tenon plugin with one factory.
//   id, version, vendor, kind ("backend" | "kernels" | "arch"): string literals
//   cpu: the features every instruction of the plugin may use, as JSON: "" or "\"avx2\",\"fma\""
#define TENON_PLUGIN(id_, version_, vendor_, kind_, cpu_, factory_object, factory_id)       \
  __attribute__((section(".note.tenon"), used,                                              \
                 aligned(4))) static const auto tenon_manifest_note =                       \
      ::tenon::sdk::ManifestNote(                                                           \
          "{\"abi\":\"" TENON_SDK_ABI(TN_ABI_MINOR) "\",\"min\":\"" TENON_SDK_ABI(          \
              TN_ABI_MINOR_MIN) "\",\"draft\":\"" TN_ABI_DRAFT "\",\"id\":\"" id_           \
                                "\",\"version\":\"" version_ "\",\"vendor\":\"" vendor_     \
                                "\",\"kinds\":[\"" kind_ "\"],\"cpu\":[" cpu_               \
                                "],\"sanitizer\":\"" TENON_SDK_SANITIZER                    \
                                "\",\"drivers\":[" TENON_SDK_DRIVERS "]}");                 \
  extern "C" __attribute__((visibility("default"))) const tn_plugin* tenon_plugin_query_v1( \
      uint16_t host_minor) noexcept {                                                       \
    using Entry = ::tenon::sdk::SingleFactory<&factory_object, factory_id>;                 \
    static constexpr tn_plugin plugin = {                                                   \
        sizeof(tn_plugin), TN_ABI_MINOR,    TN_ABI_MINOR_MIN,  id_, version_, vendor_,      \
        Entry::init,       Entry::shutdown, Entry::get_factory};                            \
    return ::tenon::sdk::is_at_least(host_minor, TN_ABI_MINOR_MIN) ? &plugin : nullptr;     \
  }
