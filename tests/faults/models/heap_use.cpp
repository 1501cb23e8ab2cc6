// operator new of this program, which comes before the standard library's for every plugin too.
#include "tests/faults/models/heap_use.hpp"

#include <malloc.h>

#include <atomic>
#include <cstdlib>
#include <new>

namespace {

std::atomic<std::size_t> g_used{0}, g_peak{0};

void* counted(void* p) {
  if (p == nullptr) throw std::bad_alloc();
  const std::size_t used = g_used += malloc_usable_size(p);
  for (std::size_t peak = g_peak; peak < used && !g_peak.compare_exchange_weak(peak, used);) {
  }
  return p;
}

void release(void* p) {
  g_used -= malloc_usable_size(p);
  std::free(p);
}

}  // namespace

namespace tenon::testing {
HeapUse::HeapUse() : before_(g_used) { g_peak = before_; }
std::size_t HeapUse::peak() const { return g_peak - before_; }
}  // namespace tenon::testing

void* operator new(std::size_t n) { return counted(std::malloc(n)); }
void* operator new(std::size_t n, std::align_val_t align) {
  const auto unit = static_cast<std::size_t>(align);
  return counted(std::aligned_alloc(unit, (n + unit - 1) / unit * unit));
}
void operator delete(void* p) noexcept { release(p); }
void operator delete(void* p, std::size_t) noexcept { release(p); }
void operator delete(void* p, std::align_val_t) noexcept { release(p); }
void operator delete(void* p, std::size_t, std::align_val_t) noexcept { release(p); }
