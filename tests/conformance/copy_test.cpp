// tn.copy: any strides to dense, bit by bit.
#include <numeric>

#include "kernel_test.hpp"
#include "plugins/conformance/dtypes.hpp"

namespace tenon::conformance {
namespace {

class CopyTest : public KernelTest {
 protected:
  // Reads element (a, b, c) at the sum of its strides, counted in elements, from 0, 1, 2, ….
  template <class T>
  void check(const std::vector<int64_t>& dims, const std::vector<int64_t>& steps, uint32_t sym) {
    std::vector<T> parent(5000);
    std::iota(parent.begin(), parent.end(), T{0});
    std::vector<T> want;
    for (int64_t a = 0; a < dims[0]; ++a) {
      for (int64_t b = 0; b < dims[1]; ++b) {
        for (int64_t c = 0; c < dims[2]; ++c) {
          want.push_back(static_cast<T>(a * steps[0] + b * steps[1] + c * steps[2]));
        }
      }
    }
    std::vector<int64_t> strides = steps;
    for (int64_t& stride : strides) stride *= static_cast<int64_t>(sizeof(T));
    const std::string dtype_name = GetParam().in_dtype(0);
    Call call(GetParam());
    call.in({dtype_name, dims, sym, strides}, parent).out({dtype_name, dims, sym});
    ASSERT_TRUE(compute(call));
    EXPECT_EQ(call.result<T>(), want);
  }
  template <class T>
  void check_all() {
    check<T>({5, 7, 9}, {63, 9, 1}, TN_SYM_ROWS);    // dense
    check<T>({5, 7, 9}, {640, 70, 1}, TN_SYM_ROWS);  // slices of a wider tensor
    check<T>({7, 5, 9}, {9, 63, 1}, TN_SYM_STATIC);  // two axes exchanged
    check<T>({9, 7, 5}, {1, 9, 63}, TN_SYM_STATIC);  // transposed: the last axis is strided
    check<T>({0, 7, 5}, {35, 5, 1}, TN_SYM_ROWS);
    check<T>({4, 3, 6}, {6, 0, 1}, TN_SYM_ROWS);  // one row for all
  }
};

TEST_P(CopyTest, MakesAnyStridesDense) {
  if (dtype(GetParam().in_dtype(0)).bytes == 4) {
    check_all<uint32_t>();
  } else {
    check_all<uint16_t>();
  }
}

INSTANTIATE_TEST_SUITE_P(Packs, CopyTest, kernels_of(TN_OP_COPY), name_of_case);

}  // namespace
}  // namespace tenon::conformance
