// Writing a planned model: the header, then the data of each tensor.
#include "framework/include/tenon/make_model.hpp"

#include <algorithm>
#include <cmath>

#include "framework/base/atomic_file.hpp"
#include "framework/synthesis/blocks.hpp"
#include "framework/synthesis/model_plan.hpp"

namespace tenon {
namespace {

constexpr std::uint64_t k_chunk_bytes = std::uint64_t{1} << 20;

using Progress = std::function<bool(double)>;

// Appends the data in the order of the file.
class Writer {
 public:
  Writer(AtomicFile& file, const ModelPlan& plan, const ModelRecipe& recipe,
         const Progress& progress)
      : file_(file), plan_(plan), recipe_(recipe), progress_(progress) {}

  Status write() {
    const std::vector<std::byte> header = plan_.header.bytes();
    start_ = header.size();
    if (Status s = put(0, header); !s) return s;
    for (const PlannedTensor& tensor : plan_.header.tensors())
      if (Status s = write(tensor); !s) return s;
    return {};
  }

 private:
  Status write(const PlannedTensor& tensor) {
    if (tensor.dims.size() == 1) return write_vector(tensor);
    if (recipe_.sparse) return write_hole(tensor);
    const DType& dtype = *tensor.dtype;
    const float rms = 1.0F / std::sqrt(static_cast<float>(tensor.dims.back()));
    const std::uint64_t blocks = tensor.bytes / dtype.block_bytes;
    const std::uint64_t step = k_chunk_bytes / dtype.block_bytes / 16 * 16;
    for (std::uint64_t first = 0; first < blocks; first += step) {
      chunk_.resize(std::min(step, blocks - first) * dtype.block_bytes);
      make_blocks(dtype, noise(tensor), rms, first, chunk_);
      if (Status s = put(start_ + tensor.offset + first * dtype.block_bytes, chunk_); !s) return s;
    }
    return {};
  }

  // Norms are near 1; biases, and what else an architecture may have, near 0.
  Status write_vector(const PlannedTensor& tensor) {
    std::vector<float> values(tensor.elements);
    const auto known = std::ranges::find(plan_.shape.vectors, tensor.name, &ShapeVector::tensor);
    const float middle = tensor.name.ends_with("norm.weight") ? 1.0F : 0.0F;
    for (std::uint64_t i = 0; i < values.size(); ++i)
      values[i] = vector_value(noise(tensor), i, middle);
    if (known != plan_.shape.vectors.end() && known->values.size() == values.size())
      std::ranges::copy(known->values, values.begin());
    return put(start_ + tensor.offset, std::as_bytes(std::span(values)));
  }

  // Only its last byte is written.
  Status write_hole(const PlannedTensor& tensor) {
    const std::byte zero{};
    written_ = start_ + tensor.offset + tensor.bytes;
    if (Status s = file_.write_at(written_ - 1, {&zero, 1}); !s) return s;
    return told();
  }

  Noise noise(const PlannedTensor& tensor) const { return {recipe_.seed, stream_of(tensor.name)}; }

  // At `offset`, which is at most one alignment ahead of what is written.
  Status put(std::uint64_t offset, std::span<const std::byte> bytes) {
    const std::vector<std::byte> padding(offset - written_);
    written_ = offset + bytes.size();
    if (recipe_.sparse) {
      if (Status s = file_.write_at(offset, bytes); !s) return s;
      return told();
    }
    if (Status s = file_.append(padding); !s) return s;
    if (Status s = file_.append(bytes); !s) return s;
    return told();
  }

  Status told() const {
    const auto whole = static_cast<double>(start_ + plan_.header.data_bytes());
    if (progress_ && !progress_(static_cast<double>(written_) / whole))
      return fail(ErrorCode::cancelled, "making the model was cancelled");
    return {};
  }

  AtomicFile& file_;
  const ModelPlan& plan_;
  const ModelRecipe& recipe_;
  const Progress& progress_;
  std::uint64_t start_ = 0, written_ = 0;
  std::vector<std::byte> chunk_;
};

MadeModel described(const ModelPlan& plan) {
  MadeModel made{std::string(plan.shape.arch), std::string(plan.shape.name),
                 std::string(plan.mix->name)};
  made.layers = plan.shape.layers;
  made.vocabulary = plan.shape.vocab;
  made.tensors = plan.header.tensors().size();
  for (const PlannedTensor& t : plan.header.tensors()) made.parameters += t.elements;
  made.bytes = plan.header.bytes().size() + plan.header.data_bytes();
  return made;
}

}  // namespace

std::vector<std::string> model_shapes() {
  std::vector<std::string> names;
  for (const ModelShape& s : all_shapes()) names.emplace_back(s.name);
  return names;
}

std::vector<std::string> model_mixes() {
  std::vector<std::string> names;
  for (const Mix& m : all_mixes()) names.emplace_back(m.name);
  return names;
}

Result<MadeModel> make_model(const ModelRecipe& recipe, const std::filesystem::path& path,
                             const PluginSearch& search, const Progress& progress) {
  const HostTable host(search.logger);
  ScanOptions scan = ScanOptions::standard();
  scan.files = search.files;
  const auto catalog = Catalog::scan(host, scan);
  if (!catalog) return fail(catalog);
  const auto plan = plan_model(recipe, host, *catalog);
  if (!plan) return fail(plan);
  auto file = AtomicFile::create(path);
  if (!file) return fail(file);
  if (Status s = Writer(*file, *plan, recipe, progress).write(); !s) return fail(s);
  if (Status s = file->commit(); !s) return fail(s);
  return described(*plan);
}

}  // namespace tenon
