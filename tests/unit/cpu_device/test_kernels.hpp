// Tiny kernels for the slot, one per thing that the device promises to kernels.
#pragma once

#include <cstring>
#include <tenon/sdk/kernel.hpp>

namespace tenon::test {

using sdk::Args;
using sdk::Work;

inline int64_t count(const Args& a) { return a.rows(0) * a.width(0); }

inline float* row(void* base, const tn_tensor& t, uint64_t i) {
  return reinterpret_cast<float*>(static_cast<char*>(base) +
                                  i * static_cast<uint64_t>(t.stride[0]));
}

// y = 2x + 1; an item is a row, rows may be strided.
struct Affine {
  static Work plan(const Args& a) { return Work().phase(a.rows(0)); }
  static void run(const Args& a, unsigned, uint64_t first, uint64_t last, void*) {
    for (uint64_t i = first; i < last; ++i) {
      const float* x = row(a.raw()->ptr[0], a.tensor(0), i);
      float* y = row(a.raw()->ptr[1], a.out_tensor(), i);
      for (int64_t j = 0; j < a.width(0); ++j) y[j] = 2 * x[j] + 1;
    }
  }
};

// y[i] = sum of squares of all x, plus i: phase 1 needs every item of phase 0.
struct SquareSum {
  static Work plan(const Args& a) {
    return Work().phase(count(a)).phase(count(a)).shared(count(a) * 4);
  }
  static void run(const Args& a, unsigned phase, uint64_t first, uint64_t last, void*) {
    auto* squares = static_cast<float*>(a.shared());
    const float* x = a.in<float>(0);
    const auto n = static_cast<uint64_t>(count(a));
    for (uint64_t i = first; i < last; ++i) {
      if (phase == 0) {
        squares[i] = x[i] * x[i];
      } else {
        float sum = 0;
        for (uint64_t j = 0; j < n; ++j) sum += squares[j];
        a.out<float>()[i] = sum + static_cast<float>(i);
      }
    }
  }
};

// y = reversed 3x; every worker makes its own copy of 3x.
struct ReverseTriple {
  static Work plan(const Args& a) {
    return Work().phase(count(a), TN_CPU_PHASE_REDUNDANT).phase(count(a)).worker(count(a) * 4);
  }
  static void run(const Args& a, unsigned phase, uint64_t first, uint64_t last, void* scratch) {
    auto* own = static_cast<float*>(scratch);
    const auto n = static_cast<uint64_t>(count(a));
    for (uint64_t i = first; i < last; ++i) {
      if (phase == 0) {
        own[i] = 3 * a.in<float>(0)[i];
      } else {
        a.out<float>()[i] = own[n - 1 - i];
      }
    }
  }
};

// y[i] = x[i + 7] + 7, cyclic: each of the eight phases needs its neighbour's item of the one before.
struct EightPhases {
  static Work plan(const Args& a) {
    Work work;
    for (int i = 0; i < TN_CPU_MAX_PHASES; ++i) work.phase(count(a));
    return work.shared(2 * count(a) * 4);
  }
  static void run(const Args& a, unsigned phase, uint64_t first, uint64_t last, void*) {
    const auto n = static_cast<uint64_t>(count(a));
    auto* halves = static_cast<float*>(a.shared());
    const float* from = halves + (phase + 1) % 2 * n;
    float* to = phase + 1 == TN_CPU_MAX_PHASES ? a.out<float>() : halves + phase % 2 * n;
    for (uint64_t i = first; i < last; ++i)
      to[i] = phase == 0 ? a.in<float>(0)[i] : from[(i + 1) % n] + 1;
  }
};

// y = x + w, plus bias if the third operand is there, times the parameter if there is one.
struct AddWeight {
  static Work plan(const Args& a) { return Work().phase(count(a)); }
  static void run(const Args& a, unsigned, uint64_t first, uint64_t last, void*) {
    const bool scaled = a.raw()->node->params != nullptr;
    const float factor = scaled ? a.params<tn_scale_params>().factor : 1;
    for (uint64_t i = first; i < last; ++i) {
      const float bias = a.has(2) ? a.in<float>(2)[i] : 0;
      a.out<float>()[i] = (a.in<float>(0)[i] + a.in<float>(1)[i] + bias) * factor;
    }
  }
};

// x (heads*dk) -> channel c of head h at position END-1 of the state; an item is a head.
struct StoreKey {
  static Work plan(const Args& a) { return Work().phase(a.kv(1).n_kv_heads); }
  static void run(const Args& a, unsigned, uint64_t first, uint64_t last, void*) {
    const tn_cpu_kv& kv = a.kv(1);
    const auto position = static_cast<uint64_t>(a.sym(TN_SYM_END) - 1);
    for (uint64_t head = first; head < last; ++head) {
      const uint64_t tile = position / 64 * kv.page_stride + head * kv.k_tile_bytes;
      auto* keys = reinterpret_cast<float*>(static_cast<char*>(kv.k) + tile);
      for (uint64_t c = 0; c < kv.dk; ++c) {
        keys[c * 64 + position % 64] = a.in<float>(0)[head * kv.dk + c];
      }
    }
  }
};

// Writes 1 to the first word of its output: raises a cancel flag that lives there.
struct RaiseFlag {
  static Work plan(const Args&) { return Work().phase(1); }
  static void run(const Args& a, unsigned, uint64_t, uint64_t, void*) {
    __atomic_store_n(a.out<uint32_t>(), 1u, __ATOMIC_RELAXED);
  }
};

// Needs more scratch for fewer rows: breaks the rule that plans are monotone.
struct Shrinking {
  static Work plan(const Args& a) { return Work().phase(1).shared(4096 / (a.rows(0) + 1)); }
  static void run(const Args&, unsigned, uint64_t, uint64_t, void*) {}
};

struct Declines {
  static tn_status check(const tn_node_query& q) {
    return sdk::fail(q.host, TN_ERR_UNSUPPORTED, "odd widths only");
  }
  static Work plan(const Args&) { return Work(); }
  static void run(const Args&, unsigned, uint64_t, uint64_t, void*) {}
};

template <class K>
inline constexpr auto k_test = sdk::kernel<K>("test.kernel", TN_OP_SCALE).template in<"f32">();
template <class K>
inline const tn_kernel_desc* bound() {
  return &k_test<K>.desc;
}

}  // namespace tenon::test
