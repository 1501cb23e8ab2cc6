// The SIGBUS handler and its table, the only state of the whole process (ADR 0020). The handler
// reads lock-free atomics and calls mmap; nothing in it allocates, locks or writes.
#include "framework/base/mapping_guard.hpp"

#include <signal.h>
#include <sys/mman.h>

#include <array>
#include <atomic>
#include <cerrno>
#include <system_error>
#include <utility>

namespace tenon {
namespace {

constexpr std::size_t k_slots = 1024;

// `begin` is stored before `end` and cleared after it: a reader that sees the same end twice has
// the begin that belongs to it.
struct Slot {
  std::atomic<bool> taken{false};
  std::atomic<bool> lost{false};
  std::atomic<std::uintptr_t> begin{0};
  std::atomic<std::uintptr_t> end{0};  // 0: not in use
};
static_assert(std::atomic<std::uintptr_t>::is_always_lock_free);
static_assert(std::atomic<bool>::is_always_lock_free);

constinit std::array<Slot, k_slots> g_slots;  // NOLINT(*-avoid-non-const-global-variables)
struct sigaction g_previous;                  // NOLINT(*-avoid-non-const-global-variables)

bool covers(const Slot& slot, std::uintptr_t address) {
  const std::uintptr_t end = slot.end.load();
  const std::uintptr_t begin = slot.begin.load();
  return begin <= address && address < end && slot.end.load() == end;
}

// The whole mapping at once: its contents are lost to its users anyway, and this way there is one
// signal and one region, not one per page.
bool replace_by_zeros(std::uintptr_t address) {
  for (Slot& slot : g_slots) {
    if (!covers(slot, address)) continue;
    const std::uintptr_t begin = slot.begin.load();
    slot.lost.store(true);
    void* const at = reinterpret_cast<void*>(begin);  // NOLINT(*-no-int-to-ptr)
    return ::mmap(at, slot.end.load() - begin, PROT_READ,
                  MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED | MAP_NORESERVE, -1, 0) == at;
  }
  return false;
}

// What would have happened without us.
void chain(int signal, siginfo_t* info, void* context) {
  if ((g_previous.sa_flags & SA_SIGINFO) != 0 && g_previous.sa_sigaction != nullptr) {
    g_previous.sa_sigaction(signal, info, context);
  } else if (g_previous.sa_handler != SIG_DFL && g_previous.sa_handler != SIG_IGN) {
    g_previous.sa_handler(signal);
  } else if (info->si_code > 0 || g_previous.sa_handler == SIG_DFL) {
    // The kernel kills for a real fault even when the signal is ignored; raised again, it does.
    struct sigaction fatal {};
    fatal.sa_handler = SIG_DFL;
    ::sigaction(signal, &fatal, nullptr);
    ::raise(signal);
  }
}

void on_bus_error(int signal, siginfo_t* info, void* context) {
  const int saved = errno;
  const bool fault = info->si_code > 0 && info->si_code != BUS_ADRALN;
  if (!fault || !replace_by_zeros(reinterpret_cast<std::uintptr_t>(info->si_addr)))
    chain(signal, info, context);
  errno = saved;
}

Status install() {
  struct sigaction action {};
  action.sa_sigaction = on_bus_error;
  action.sa_flags = SA_SIGINFO | SA_ONSTACK;
  sigemptyset(&action.sa_mask);
  // Asked for first: the handler may run before the second call returns.
  if (::sigaction(SIGBUS, nullptr, &g_previous) == 0 && ::sigaction(SIGBUS, &action, nullptr) == 0)
    return {};
  return fail(ErrorCode::failed, "cannot handle SIGBUS: " + std::generic_category().message(errno));
}

}  // namespace

Status install_mapping_guard() {
  static const Status k_installed = install();  // once; what it gave is given to every caller
  return k_installed;
}

Result<GuardedRange> GuardedRange::add(std::span<const std::byte> pages) {
  for (std::size_t i = 0; i < k_slots; ++i) {
    Slot& slot = g_slots[i];
    if (slot.taken.exchange(true)) continue;
    const auto begin = reinterpret_cast<std::uintptr_t>(pages.data());
    slot.lost.store(false);
    slot.begin.store(begin);
    slot.end.store(begin + pages.size());
    return GuardedRange(i);
  }
  return fail(ErrorCode::limit,
              "too many files are mapped: needed one more, available " + std::to_string(k_slots));
}

GuardedRange::GuardedRange(GuardedRange&& other) noexcept
    : slot_(std::exchange(other.slot_, k_none)) {}

GuardedRange& GuardedRange::operator=(GuardedRange&& other) noexcept {
  if (this == &other) return *this;
  remove();
  slot_ = std::exchange(other.slot_, k_none);
  return *this;
}

bool GuardedRange::lost() const { return slot_ != k_none && g_slots[slot_].lost.load(); }

void GuardedRange::remove() {
  if (slot_ == k_none) return;
  Slot& slot = g_slots[std::exchange(slot_, k_none)];
  slot.end.store(0);
  slot.begin.store(0);
  slot.taken.store(false);
}

}  // namespace tenon
