// operator new of this program comes before the standard library's for every plugin too; the
// sanitizers, which have an allocator of their own, call hooks instead.
#include "tests/faults/models/heap_use.hpp"

#include <malloc.h>

#include <atomic>
#include <cstdlib>
#include <new>

namespace {

std::atomic<std::size_t> g_used{0}, g_peak{0};
thread_local bool g_none_left = false;

void count(std::size_t bytes) {
  const std::size_t used = g_used += bytes;
  for (std::size_t peak = g_peak; peak < used && !g_peak.compare_exchange_weak(peak, used);) {
  }
}

}  // namespace

namespace tenon::testing {
HeapUse::HeapUse() : before_(g_used) { g_peak = before_; }
std::size_t HeapUse::peak() const { return g_peak - before_; }
NoMemory::NoMemory() { g_none_left = true; }
NoMemory::~NoMemory() { g_none_left = false; }
}  // namespace tenon::testing

#if defined(TENON_ASAN) || defined(TENON_TSAN)

extern "C" int __sanitizer_install_malloc_and_free_hooks(void (*)(const volatile void*,
                                                                  std::size_t),
                                                         void (*)(const volatile void*));
extern "C" std::size_t __sanitizer_get_allocated_size(const volatile void*);

namespace {
void on_malloc(const volatile void*, std::size_t bytes) { count(bytes); }
void on_free(const volatile void* p) {
  if (p != nullptr) g_used -= __sanitizer_get_allocated_size(p);
}
[[maybe_unused]] const int g_installed =
    __sanitizer_install_malloc_and_free_hooks(on_malloc, on_free);
}  // namespace

#else

namespace {
void* counted(void* p) {
  if (p == nullptr) throw std::bad_alloc();
  count(malloc_usable_size(p));
  return p;
}
void release(void* p) {
  g_used -= malloc_usable_size(p);
  std::free(p);
}
}  // namespace

void* operator new(std::size_t n) { return counted(g_none_left ? nullptr : std::malloc(n)); }
void* operator new(std::size_t n, std::align_val_t align) {
  const auto unit = static_cast<std::size_t>(align);
  return counted(std::aligned_alloc(unit, (n + unit - 1) / unit * unit));
}
void operator delete(void* p) noexcept { release(p); }
void operator delete(void* p, std::size_t) noexcept { release(p); }
void operator delete(void* p, std::align_val_t) noexcept { release(p); }
void operator delete(void* p, std::size_t, std::align_val_t) noexcept { release(p); }

#endif
