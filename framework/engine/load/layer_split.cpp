// "auto" or a number of layers.
#include <charconv>

#include "framework/engine/load/loaded_model.hpp"

namespace tenon {

Result<LayerSplit> parse_gpu_layers(const std::string& text) {
  if (text == "auto") return LayerSplit{.automatic = true};
  LayerSplit split;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), split.layers);
  if (error == std::errc() && end == text.data() + text.size() && split.layers >= 0) return split;
  return fail(ErrorCode::usage, "GPU layers are \"auto\" or a number, not \"" + text + "\"",
              Setting::backend);
}

}  // namespace tenon
