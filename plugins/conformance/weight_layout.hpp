// Packing a weight into a layout of a pack, with the proof that nothing is lost.
#pragma once

#include <tenon/abi/tenon.h>

#include <string>
#include <vector>

#include "guarded_buffer.hpp"

namespace tenon::conformance {

struct PackedWeight {
  GuardedBuffer bytes;
  std::string fault;  // empty: packed in pieces, unpacked in pieces, every bit came back
};

PackedWeight pack_weight(const tn_layout_desc& layout, const tn_tensor& w,
                         const std::vector<uint8_t>& plain);

}  // namespace tenon::conformance
