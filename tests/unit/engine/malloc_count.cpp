// malloc of the program comes before the C library's for every library, loaded later or not; the
// sanitizers, which have a malloc of their own, call hooks instead.
#include "tests/unit/engine/malloc_count.hpp"

#include <atomic>
#include <cerrno>

#include "framework/base/sanitizer.h"

namespace {
std::atomic<std::size_t> g_count{0};
}

namespace tenon::testing {
std::size_t malloc_count() { return g_count; }
}  // namespace tenon::testing

#if defined(TENON_ASAN) || defined(TENON_TSAN)

extern "C" int __sanitizer_install_malloc_and_free_hooks(void (*)(const volatile void*,
                                                                  std::size_t),
                                                         void (*)(const volatile void*));
namespace {
void on_malloc(const volatile void*, std::size_t) { ++g_count; }
void on_free(const volatile void*) {}
[[maybe_unused]] const int g_installed =
    __sanitizer_install_malloc_and_free_hooks(on_malloc, on_free);
}  // namespace

#else

extern "C" {
void* __libc_malloc(std::size_t);
void* __libc_calloc(std::size_t, std::size_t);
void* __libc_realloc(void*, std::size_t);
void* __libc_memalign(std::size_t, std::size_t);
void __libc_free(void*);

void* malloc(std::size_t n) { return ++g_count, __libc_malloc(n); }
void* calloc(std::size_t n, std::size_t size) { return ++g_count, __libc_calloc(n, size); }
void* realloc(void* p, std::size_t n) { return ++g_count, __libc_realloc(p, n); }
void free(void* p) { __libc_free(p); }
void* memalign(std::size_t align, std::size_t n) { return ++g_count, __libc_memalign(align, n); }
void* aligned_alloc(std::size_t align, std::size_t n) { return memalign(align, n); }
int posix_memalign(void** out, std::size_t align, std::size_t n) {
  *out = memalign(align, n);
  return *out != nullptr ? 0 : ENOMEM;
}
}

#endif
