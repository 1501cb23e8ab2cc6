// From names to metadata, from metadata to tensors, from tensors to their types.
#include "framework/synthesis/model_plan.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "framework/base/quoted.hpp"
#include "framework/synthesis/arch_tensors.hpp"
#include "framework/synthesis/vocabulary.hpp"

namespace tenon {
namespace {

constexpr std::uint32_t k_quantization_version = 2;
constexpr std::uint32_t k_max_layers = 1024;

template <class Rows>
std::string names_of(const Rows& rows) {
  std::string text;
  for (const auto& row : rows) text += (text.empty() ? "" : ", ") + std::string(row.name);
  return text;
}

Result<ModelPlan> find_rows(const ModelRecipe& recipe) {
  const ModelShape* shape = find_shape(recipe.arch, recipe.shape);
  if (shape == nullptr)
    return fail(
        ErrorCode::usage,
        fmt::format("there is no shape {}{}; there are: {}", tenon::quoted(recipe.shape),
                    recipe.arch.empty() ? "" : " of the architecture " + tenon::quoted(recipe.arch),
                    names_of(all_shapes())));
  const Mix* mix = find_mix(recipe.mix);
  if (mix == nullptr)
    return fail(ErrorCode::usage, fmt::format("there is no mix {}; there are: {}",
                                              tenon::quoted(recipe.mix), names_of(all_mixes())));
  if (recipe.layers > k_max_layers)
    return fail(ErrorCode::usage,
                fmt::format("{} layers are more than {}", recipe.layers, k_max_layers));
  ModelPlan plan{*shape, mix, {}};
  if (recipe.layers > 0) plan.shape.layers = recipe.layers;
  return plan;
}

void add_metadata(GgufHeader& header, const ModelPlan& plan) {
  const ModelShape& s = plan.shape;
  const auto key = [&](std::string_view name) { return fmt::format("{}.{}", s.arch, name); };
  header.add("general.architecture", s.arch);
  header.add("general.name", fmt::format("{} ({} layers, synthetic weights)", s.name, s.layers));
  header.add("general.file_type", plan.mix->file_type);
  header.add("general.quantization_version", k_quantization_version);
  header.add(key("block_count"), s.layers);
  header.add(key("context_length"), s.context);
  header.add(key("embedding_length"), s.width);
  header.add(key("feed_forward_length"), s.ffn);
  header.add(key("attention.head_count"), s.heads);
  header.add(key("attention.head_count_kv"), s.kv_heads);
  header.add(key("attention.key_length"), s.head_dim);
  header.add(key("attention.value_length"), s.head_dim);
  header.add(key("attention.layer_norm_rms_epsilon"), s.eps);
  header.add(key("rope.dimension_count"), s.head_dim);
  header.add(key("rope.freq_base"), s.rope_base);
  for (const ShapeKey& k : s.keys) header.add(key(k.key), k.value);
}

Status add_tokenizer(ModelPlan& plan, const ModelRecipe& recipe) {
  if (recipe.tokenizer.empty()) return add_vocabulary(plan.header, plan.shape.vocab), Status();
  const auto size = copy_vocabulary(plan.header, recipe.tokenizer);
  if (!size) return fail(size);
  plan.shape.vocab = *size;
  return {};
}

bool wanted(const ModelShape& shape, const ArchTensor& tensor) {
  const auto ends = [&](std::string_view end) { return tensor.name.ends_with(end); };
  return !tensor.optional || std::ranges::any_of(shape.optional, ends) ||
         std::ranges::find(shape.vectors, tensor.name, &ShapeVector::tensor) != shape.vectors.end();
}

// The number in "blk.7.…", -1 without one.
std::int64_t layer_of(std::string_view name) {
  std::int64_t layer = -1;
  if (name.starts_with("blk.")) std::from_chars(name.data() + 4, name.data() + name.size(), layer);
  return layer;
}

Status add_tensors(ModelPlan& plan, std::vector<ArchTensor> tensors) {
  std::erase_if(tensors, [&](const ArchTensor& t) { return !wanted(plan.shape, t); });
  const bool tied = std::ranges::find(tensors, "output.weight", &ArchTensor::name) == tensors.end();
  const std::string_view output = tied ? "token_embd.weight" : "output.weight";
  for (ArchTensor& t : tensors) {
    Result<const DType*> dtype = find_dtype("f32");
    if (t.dims.size() > 1)
      dtype = type_of(*plan.mix, t.name, layer_of(t.name), plan.shape.layers, t.name == output,
                      t.dims.back());
    if (!dtype) return fail(dtype);
    plan.header.add_tensor(std::move(t.name), **dtype, std::move(t.dims));
  }
  return {};
}

}  // namespace

Result<ModelPlan> plan_model(const ModelRecipe& recipe, const HostTable& host,
                             const Catalog& catalog) {
  auto plan = find_rows(recipe);
  if (!plan) return plan;
  add_metadata(plan->header, *plan);
  if (Status s = add_tokenizer(*plan, recipe); !s) return fail(s);
  const std::vector<std::byte> bytes = plan->header.bytes();
  const auto draft = GgufFile::parse(bytes, std::string(plan->shape.name));
  if (!draft) return fail(draft);
  auto tensors =
      arch_tensors(*draft, plan->shape.arch, plan->shape.vocab, plan->shape.width, host, catalog);
  if (!tensors) return fail(tensors);
  if (Status s = add_tensors(*plan, std::move(*tensors)); !s) return fail(s);
  return plan;
}

}  // namespace tenon
