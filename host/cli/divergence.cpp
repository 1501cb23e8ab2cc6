// What bisect and replay print of an op that differs.
#include "host/cli/divergence.hpp"

#include <sstream>

#include "host/cli/printable.hpp"

namespace tenon::cli {

std::string one_line(const Divergence& d) {
  std::ostringstream text;
  text << printable(d.node) << " (" << printable(d.op);
  if (d.layer >= 0) text << ", layer " << d.layer;
  text << ") in step " << d.step << " (" << d.rows << (d.rows == 1 ? " row" : " rows") << "): NMSE "
       << d.nmse;
  return text.str();
}

std::string text_of(const ElementRange& e) {
  std::ostringstream text;
  text << "  where   rows " << e.first_row << " to " << e.last_row << ", columns " << e.first_column
       << " to " << e.last_column << " (" << e.count << " elements beyond the gate)\n  worst   row "
       << e.worst_row << ", column " << e.worst_column << ": a " << e.value_a << ", b " << e.value_b
       << '\n';
  return text.str();
}

std::string text_of(const Divergence& d) {
  std::ostringstream text;
  text << "  op      " << one_line(d) << "\n  shape   " << d.shape << "\n  error   NMSE " << d.nmse
       << " (limit " << d.limit << "), worst 16 columns " << d.worst_strip << "\n  kernels a "
       << (d.kernel_a.empty() ? "of the device" : d.kernel_a) << ", b "
       << (d.kernel_b.empty() ? "of the device" : d.kernel_b) << " on " << d.device << '\n'
       << text_of(d.elements);
  return text.str();
}

nlohmann::ordered_json to_json(const ElementRange& e) {
  return {{"rows", {e.first_row, e.last_row}},
          {"columns", {e.first_column, e.last_column}},
          {"count", e.count},
          {"worst",
           {{"row", e.worst_row}, {"column", e.worst_column}, {"a", e.value_a}, {"b", e.value_b}}}};
}

nlohmann::ordered_json to_json(const Divergence& d) {
  return {{"node", d.node},
          {"op", d.op},
          {"layer", d.layer},
          {"device", d.device},
          {"kernel_a", d.kernel_a},
          {"kernel_b", d.kernel_b},
          {"shape", d.shape},
          {"step", d.step},
          {"rows", d.rows},
          {"nmse", d.nmse},
          {"worst_strip", d.worst_strip},
          {"limit", d.limit},
          {"elements", to_json(d.elements)}};
}

}  // namespace tenon::cli
