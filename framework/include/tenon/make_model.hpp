// make_model: a valid model file of a published shape with random weights, for measurements and tests.
//   What it says is nonsense; what it costs is what the real model costs.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "plugins.hpp"
#include "result.hpp"

namespace tenon {

struct ModelRecipe {
  std::string shape;           // one of model_shapes(), or with `arch` the end of one: "1.7b"
  std::string arch = {};       // general.architecture; "": that of the shape
  std::string mix = "Q4_K_M";  // one of model_mixes(), in any case
  std::uint64_t seed = 0;      // the same bytes for the same recipe, on every machine
  std::uint32_t layers = 0;    // 0: as many as the shape has
  // Matrices are holes of the file, which read as zeros: a file of any size in a second.
  bool sparse = false;
  // A model file whose tokenizer and vocabulary size are taken; "": a synthetic one.
  std::filesystem::path tokenizer = {};
};

struct MadeModel {
  std::string arch, shape, mix;
  std::uint64_t layers = 0, vocabulary = 0, tensors = 0, parameters = 0, bytes = 0;
};

std::vector<std::string> model_shapes();
std::vector<std::string> model_mixes();

// Which tensors there are is asked of the plugin of the architecture. No file stays at `path` unless
// it is whole. `progress` is told how far it is (0 … 1); false gives up. Errors: ErrorCode::usage for
// names that do not exist, unavailable, model (the tokenizer's file), failed, cancelled.
Result<MadeModel> make_model(const ModelRecipe& recipe, const std::filesystem::path& path,
                             const PluginSearch& search = {},
                             const std::function<bool(double fraction)>& progress = {});

}  // namespace tenon
