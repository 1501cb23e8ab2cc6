// Call: one node and its operands, built by hand as a host would; kernel_runner.hpp runs it.
#pragma once

#include <array>
#include <cstring>
#include <deque>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "guarded_buffer.hpp"
#include "kernel_pack.hpp"

namespace tenon::conformance {

// What an operand looks like. For a symbolic first axis dims[0] is its extent in this call; the
// kernel is shown a larger bound.
struct Shape {
  std::string dtype;
  std::vector<int64_t> dims;
  uint32_t sym = TN_SYM_STATIC;
  std::vector<int64_t> strides = {};  // bytes; empty: dense
};

// A paged cache with guards around keys and values.
struct Cache {
  Cache(const std::string& dtype_name, uint32_t heads, uint32_t dk, uint32_t dv, uint64_t pages);
  std::string dtype;
  GuardedBuffer keys, values;
  tn_cpu_kv kv;
};

class Call {
 public:
  explicit Call(const KernelCase& kernel_case);
  Call(const Call&) = delete;
  Call& operator=(const Call&) = delete;

  // Inputs are copied; a strided input covers the bytes its last element reaches.
  template <class T>
  Call& in(const Shape& shape, const std::vector<T>& values) {
    return in_bytes(shape,
                    {reinterpret_cast<const uint8_t*>(values.data()), values.size() * sizeof(T)});
  }
  Call& weight(const Shape& shape, const std::vector<uint8_t>& plain);
  Call& absent();
  Call& state(Cache& cache);
  Call& out(const Shape& shape);
  Call& out_state(Cache& cache);
  Call& sym(uint32_t which, int64_t extent);
  Call& features(uint64_t bits);
  template <class P>
  Call& params(const std::vector<P>& values) {
    const auto* bytes = reinterpret_cast<const uint8_t*>(values.data());
    params_.assign(bytes, bytes + values.size() * sizeof(P));
    return *this;
  }
  template <class P>
  Call& params(const P& values) {
    params_.resize(sizeof(P));
    std::memcpy(params_.data(), &values, sizeof(P));
    return *this;
  }

  template <class T = float>
  std::vector<T> result(unsigned output = 0) const {
    const GuardedBuffer& buffer = *operands_[n_in_ + output].buffer;
    std::vector<T> values(buffer.size() / sizeof(T));
    if (!values.empty()) std::memcpy(values.data(), buffer.data(), values.size() * sizeof(T));
    return values;
  }

  unsigned n_outputs() const { return n_out_; }
  bool is_state(unsigned output) const { return operands_[n_in_ + output].cache != nullptr; }

  // The faults found while packing weights; empty if none.
  const std::string& setup_fault() const { return setup_fault_; }

 private:
  friend class KernelRunner;
  struct Operand {
    std::optional<tn_tensor> tensor;
    std::optional<GuardedBuffer> buffer;  // what ptr[] holds, unless it is a cache
    std::vector<uint8_t> before;          // inputs: the content that must still be there
    Cache* cache = nullptr;
  };

  Call& in_bytes(const Shape& shape, std::span<const uint8_t> bytes);
  tn_tensor describe(const Shape& shape, uint32_t role, const std::string& layout);
  Operand& add_output();

  KernelCase case_;
  std::deque<Operand> operands_;
  unsigned n_in_ = 0, n_out_ = 0;
  uint64_t features_ = 0;
  std::vector<uint8_t> params_;
  std::array<int64_t, TN_SYM_COUNT> syms_ = {};
  std::string setup_fault_;
};

}  // namespace tenon::conformance
