// Packs and unpacks in pieces of one group and of three, as workers of a host would.
#include "weight_layout.hpp"

#include <algorithm>

namespace tenon::conformance {
namespace {

// Calls body(row0, row1) over all rows, last piece first; pieces of 1 and 3 groups in turn.
template <class Body>
tn_status for_pieces(const tn_layout_desc& layout, uint64_t rows, const Body& body) {
  std::vector<std::pair<uint64_t, uint64_t>> pieces;
  for (uint64_t row = 0, groups = 1; row < rows; groups = 4 - groups) {
    const uint64_t end = std::min(rows, row + groups * std::max(1u, layout.group_rows));
    pieces.emplace_back(row, end);
    row = end;
  }
  for (auto piece = pieces.rbegin(); piece != pieces.rend(); ++piece) {
    if (const tn_status status = body(piece->first, piece->second); status != TN_OK) return status;
  }
  return TN_OK;
}

std::string unpack_fault(const tn_layout_desc& layout, const tn_tensor& w,
                         const GuardedBuffer& packed, const std::vector<uint8_t>& plain) {
  const auto rows = static_cast<uint64_t>(w.dim[0]);
  const std::size_t row_bytes = plain.size() / std::max<uint64_t>(1, rows);
  std::string fault;
  const tn_status status = for_pieces(layout, rows, [&](uint64_t row0, uint64_t row1) {
    GuardedBuffer back((row1 - row0) * row_bytes);
    const tn_status piece = layout.unpack(&layout, &w, packed.data(), back.data(), row0, row1);
    if (!back.intact()) fault = "unpack wrote outside of its rows; ";
    if (!std::equal(back.data(), back.data() + back.size(), plain.data() + row0 * row_bytes)) {
      fault = "unpack(pack(w)) differs from w at row " + std::to_string(row0) + "; ";
    }
    return piece;
  });
  return status == TN_OK ? fault : "unpack failed; ";
}

}  // namespace

PackedWeight pack_weight(const tn_layout_desc& layout, const tn_tensor& w,
                         const std::vector<uint8_t>& plain) {
  uint64_t bytes = 0, alignment = 0;
  if (layout.packed_size(&layout, &w, &bytes, &alignment) != TN_OK) {
    return {GuardedBuffer(0), "packed_size failed; "};
  }
  PackedWeight packed{GuardedBuffer(bytes, Guard::mark, std::max<uint64_t>(alignment, 1)), ""};
  const tn_status status =
      for_pieces(layout, static_cast<uint64_t>(w.dim[0]), [&](uint64_t row0, uint64_t row1) {
        return layout.pack(&layout, &w, plain.data(), packed.bytes.data(), row0, row1);
      });
  if (status != TN_OK) packed.fault += "pack failed; ";
  if (!packed.bytes.intact()) packed.fault += "pack wrote outside of its buffer; ";
  packed.fault += unpack_fault(layout, w, packed.bytes, plain);
  return packed;
}

}  // namespace tenon::conformance
