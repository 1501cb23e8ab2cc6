// Elementwise ops: every value within a few units of the last place, whatever the shape.
#pragma once

#include <functional>

#include "kernel_test.hpp"

namespace tenon::conformance {

using UnaryOracle = std::function<double(double)>;
using BinaryOracle = std::function<double(double, double)>;

// By how much f amplifies a relative error of its argument, at least 1: a float kernel that rounds
// an intermediate value cannot be closer than that.
inline double condition(const UnaryOracle& f, double x) {
  constexpr double k_step = 1e-6;
  const double y = f(x);
  if (x == 0 || y == 0) return 1;
  return std::max(1.0, std::fabs((f(x * (1 + k_step)) - f(x * (1 - k_step))) / (2 * k_step * y)));
}

class ElementwiseTest : public KernelTest {
 protected:
  struct Rows {
    int64_t rows, width;
  };
  static std::vector<Rows> shapes() {
    std::vector<Rows> all;
    for (const int64_t width : k_lengths) all.push_back({3, width});
    for (const int64_t rows : k_row_counts) all.push_back({rows, 37});
    return all;
  }
  // Random values, and in front of them those where formulas overflow or cancel.
  static std::vector<float> values(Inputs inputs, int64_t count, uint32_t seed) {
    constexpr float k_special[] = {0.0f,  -0.0f, 1e-30f, -1e-30f, 88.0f, -88.0f,
                                   -95.f, 104.f, -104.f, 1e4f,    -1e4f, -5.5f};
    auto x = random_values(inputs, count, seed);
    for (std::size_t i = 0; i < std::min(x.size(), std::size(k_special)); ++i) x[i] = k_special[i];
    return x;
  }

  // Limits are in ulps; `conditioned` multiplies them by the condition of f.
  template <class Params = tn_scale_params>
  void check_unary(const UnaryOracle& f, double limit, bool conditioned,
                   const Params* params = nullptr) {
    double worst = 0;
    for (const Inputs inputs : k_inputs) {
      for (const Rows& shape : shapes()) {
        SCOPED_TRACE(testing::Message() << shape.rows << " x " << shape.width);
        const auto x = values(inputs, shape.rows * shape.width, 1);
        const View view = column_view(x, shape.width);
        Call call(GetParam());
        const Shape dims{"f32", {shape.rows, shape.width}, TN_SYM_ROWS};
        call.in({"f32", dims.dims, TN_SYM_ROWS, {view.row_bytes, 4}}, view.parent).out(dims);
        if (params != nullptr) call.params(*params);
        ASSERT_TRUE(compute(call));
        const auto y = call.result();
        for (std::size_t i = 0; i < x.size(); ++i) {
          const double allowed = conditioned ? limit * condition(f, x[i]) : limit;
          ASSERT_LE(ulps(y[i], f(x[i])), allowed) << "f(" << x[i] << ") = " << y[i];
          worst = std::max(worst, ulps(y[i], f(x[i])) / allowed * limit);
        }
      }
    }
    report("ulps", worst);
  }

  // `conditioned`: of the first argument.
  void check_binary(const BinaryOracle& f, double limit, bool conditioned, bool broadcast) {
    if (broadcast && !GetParam().honours(TN_ELEMENTWISE_BROADCAST)) return;
    double worst = 0;
    for (const Rows& shape : shapes()) {
      SCOPED_TRACE(testing::Message() << shape.rows << " x " << shape.width);
      const auto a = values(Inputs::normal, shape.rows * shape.width, 1);
      const auto b = random_values(Inputs::outliers, broadcast ? shape.width : ssize(a), 2);
      const auto y = combine(a, b, shape, broadcast);
      for (std::size_t i = 0; i < a.size(); ++i) {
        const double other = b[i % b.size()];
        const auto of_first = [&](double x) { return f(x, other); };
        const double allowed = conditioned ? limit * condition(of_first, a[i]) : limit;
        ASSERT_LE(ulps(y[i], f(a[i], other)), allowed)
            << "f(" << a[i] << ", " << other << ") = " << y[i];
        worst = std::max(worst, ulps(y[i], f(a[i], other)) / allowed * limit);
      }
    }
    report(broadcast ? "ulps_broadcast" : "ulps", worst);
  }

 private:
  static int64_t ssize(const std::vector<float>& v) { return static_cast<int64_t>(v.size()); }

  std::vector<float> combine(const std::vector<float>& a, const std::vector<float>& b,
                             const Rows& shape, bool broadcast) {
    const View view = column_view(a, shape.width);
    const std::vector<int64_t> dims = {shape.rows, shape.width};
    Call call(GetParam());
    call.in({"f32", dims, TN_SYM_ROWS, {view.row_bytes, 4}}, view.parent);
    if (broadcast) {
      call.in({"f32", {shape.width}}, b).features(TN_ELEMENTWISE_BROADCAST);
    } else {
      call.in({"f32", dims, TN_SYM_ROWS}, b);
    }
    call.out({"f32", dims, TN_SYM_ROWS});
    EXPECT_TRUE(compute(call));
    return call.result();
  }
};

}  // namespace tenon::conformance
