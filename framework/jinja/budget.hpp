// Budget: the one place where a running template asks for steps and for memory, and where it learns
// that it must stop. Containers of the interpreter cannot be made without one.
#pragma once

#include <deque>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "framework/base/result.hpp"
#include "framework/jinja/limits.hpp"

namespace tenon::jinja {

// Ends a rendering from wherever it is. It never leaves guarded() (ADR 0018), so that nothing goes
// on with half a value and no caller sees an exception.
struct Failure {
  ErrorCode code;
  std::string message;
};

// Asked now and then while a template runs; an error ends the rendering with it.
using StopFn = std::function<std::optional<Error>()>;

class Budget {
 public:
  explicit Budget(const Limits& limits, StopFn stop = {})
      : limits_(limits), stop_(std::move(stop)), next_check_(0) {}
  Budget(const Budget&) = delete;
  Budget& operator=(const Budget&) = delete;

  // Asks for `n` steps, before they are done. Throws Failure when there are no more.
  void step(std::uint64_t n = 1) {
    steps_ += n;
    if (steps_ >= next_check_) check();
  }
  // Asks for the steps of reading or writing `bytes` of text.
  void work(std::size_t bytes) { step(1 + bytes / 16); }

  // Memory, charged with steps too: who fills it has paid for it. Throws Failure when it is used up.
  void* allocate(std::size_t bytes);
  void release(void* memory, std::size_t bytes) noexcept;

  const Limits& limits() const { return limits_; }
  std::uint64_t steps() const { return steps_; }
  std::size_t peak_bytes() const { return peak_; }

 private:
  void check();

  Limits limits_;
  StopFn stop_;
  std::uint64_t steps_ = 0, next_check_;
  std::size_t bytes_ = 0, peak_ = 0;
};

// The allocator of all containers below. It has no default constructor: a container without a
// budget does not compile.
template <class T>
class Allocator {
 public:
  using value_type = T;
  using propagate_on_container_move_assignment = std::true_type;
  using propagate_on_container_swap = std::true_type;

  explicit Allocator(Budget& budget) : budget_(&budget) {}
  template <class U>
  // NOLINTNEXTLINE(google-explicit-constructor): the standard asks for the conversion.
  Allocator(const Allocator<U>& other) : budget_(other.budget()) {}

  T* allocate(std::size_t n) {
    if (n > SIZE_MAX / sizeof(T)) n = SIZE_MAX / sizeof(T);
    return static_cast<T*>(budget_->allocate(n * sizeof(T)));
  }
  void deallocate(T* memory, std::size_t n) noexcept { budget_->release(memory, n * sizeof(T)); }

  Budget* budget() const { return budget_; }
  friend bool operator==(const Allocator& a, const Allocator& b) { return a.budget_ == b.budget_; }

 private:
  Budget* budget_;
};

template <class T>
class Vector : public std::vector<T, Allocator<T>> {
 public:
  explicit Vector(Budget& budget) : std::vector<T, Allocator<T>>(Allocator<T>(budget)) {}
};

template <class T>
class Deque : public std::deque<T, Allocator<T>> {
 public:
  explicit Deque(Budget& budget) : std::deque<T, Allocator<T>>(Allocator<T>(budget)) {}
};

template <class K, class V>
class Map : public std::map<K, V, std::less<>, Allocator<std::pair<const K, V>>> {
 public:
  explicit Map(Budget& budget)
      : std::map<K, V, std::less<>, Allocator<std::pair<const K, V>>>(
            std::less<>(), Allocator<std::pair<const K, V>>(budget)) {}
};

class String : public std::basic_string<char, std::char_traits<char>, Allocator<char>> {
 public:
  explicit String(Budget& budget)
      : std::basic_string<char, std::char_traits<char>, Allocator<char>>(Allocator<char>(budget)) {}
};

// A message as one line of printable text of at most `limit` bytes: what stands in templates and
// conversations must not drive a terminal.
std::string one_line(std::string_view message, std::size_t limit = 400);

}  // namespace tenon::jinja
