// ModelPlan: the header of a file to be made, worked out from a recipe.
#pragma once

#include "framework/include/tenon/make_model.hpp"
#include "framework/plugin/catalog.hpp"
#include "framework/synthesis/gguf_header.hpp"
#include "framework/synthesis/mixes.hpp"
#include "framework/synthesis/shapes.hpp"

namespace tenon {

struct ModelPlan {
  ModelShape shape;  // with the layers and the vocabulary that the recipe asks for
  const Mix* mix = nullptr;
  GgufHeader header;
};

// Errors: those of make_model.
Result<ModelPlan> plan_model(const ModelRecipe& recipe, const HostTable& host,
                             const Catalog& catalog);

}  // namespace tenon
