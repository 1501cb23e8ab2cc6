// The description of a layout class: packed_size, pack and unpack as the contract wants them.
#pragma once

#include <tenon/abi/kernels.h>
#include <tenon/abi/slots/cpu.h>

namespace tenon::cpu::matmul {

template <class Layout>
constexpr tn_layout_desc layout_desc(const char* id, const char* dtype) {
  return {sizeof(tn_layout_desc),
          static_cast<uint32_t>(Layout::k_rows),
          id,
          dtype,
          TN_SLOT_CPU,
          Layout::packed_size,
          Layout::pack,
          Layout::unpack};
}

}  // namespace tenon::cpu::matmul
