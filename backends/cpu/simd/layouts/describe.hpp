// The description of a layout class: packed_size, pack and unpack as the contract wants them.
#pragma once

#include <tenon/abi/kernels.h>
#include <tenon/abi/slots/cpu.h>

namespace tenon::cpu::matmul {

template <class Layout>
constexpr tn_layout_desc layout_desc(const char* id, const char* dtype) {
  return {
      sizeof(tn_layout_desc),
      static_cast<uint32_t>(Layout::k_rows),
      id,
      dtype,
      TN_SLOT_CPU,
      [](const tn_layout_desc*, const tn_tensor* w, uint64_t* bytes, uint64_t* align) {
        return Layout::packed_size(w, bytes, align);
      },
      [](const tn_layout_desc*, const tn_tensor* w, const void* plain, void* packed, uint64_t row0,
         uint64_t row1) { return Layout::pack(w, plain, packed, row0, row1); },
      [](const tn_layout_desc*, const tn_tensor* w, const void* packed, void* plain, uint64_t row0,
         uint64_t row1) { return Layout::unpack(w, packed, plain, row0, row1); }};
}

}  // namespace tenon::cpu::matmul
