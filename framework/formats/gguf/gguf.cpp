// Opening of a GGUF file: header, metadata, tensor table, then the place of every tensor.
#include "framework/formats/gguf/gguf.hpp"

#include <bit>
#include <chrono>
#include <utility>

#include "framework/formats/gguf/header.hpp"
#include "framework/formats/name_order.hpp"

namespace tenon {
namespace {

constexpr std::string_view k_alignment_key = "general.alignment";
constexpr std::uint64_t k_default_alignment = 32;
constexpr std::uint64_t k_min_alignment = 8;  // the format asks for a multiple of 8
constexpr std::uint64_t k_max_alignment = std::uint64_t{1} << 20;

double ms_since(std::chrono::steady_clock::time_point start) {
  return std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - start)
      .count();
}

bool is_alignment(std::uint64_t value) {
  return std::has_single_bit(value) && value >= k_min_alignment && value <= k_max_alignment;
}

}  // namespace

Result<GgufFile> GgufFile::open(const std::filesystem::path& path) {
  auto file = MappedFile::open(path);
  if (!file) return fail(file);
  return parse(std::move(*file));
}

Result<GgufFile> GgufFile::parse(MappedFile file) {
  auto gguf = parse(file.bytes(), file.path().string());
  if (!gguf) return gguf;
  const double header_ms = gguf->times_.header_ms;
  gguf->times_ = file.times();
  gguf->times_.header_ms = header_ms;
  gguf->file_ = std::move(file);
  return gguf;
}

Result<GgufFile> GgufFile::parse(std::span<const std::byte> bytes, std::string name) {
  const auto start = std::chrono::steady_clock::now();
  GgufFile gguf;
  gguf.bytes_ = bytes;
  gguf.name_ = std::move(name);
  ByteReader reader(bytes, gguf.name_);
  if (auto done = gguf.read(reader); !done) return fail(done);
  gguf.times_.header_ms = ms_since(start);
  return gguf;
}

Status GgufFile::read(ByteReader& reader) {
  const auto header = read_gguf_header(reader, bytes_);
  if (!header) return fail(header);
  version_ = header->version;
  auto metadata = GgufMetadata::read(reader, header->n_entries);
  if (!metadata) return fail(metadata);
  metadata_ = std::move(*metadata);
  auto tensors = read_gguf_tensors(reader, header->n_tensors);
  if (!tensors) return fail(tensors);
  tensors_ = std::move(*tensors);
  header_size_ = reader.offset();
  tensor_order_ = order_by_name(tensors_);
  if (const auto* twice = find_duplicate(tensors_, tensor_order_)) {
    const auto index = static_cast<std::uint64_t>(twice - tensors_.data());
    return fail_at(name_, twice->info_offset, {"tensor", index, twice->name}, "name",
                   "this name occurs twice");
  }
  if (auto aligned = read_alignment(); !aligned) return aligned;
  // header_size_ is at most the file's size, so rounding up cannot wrap.
  const auto data_start = (header_size_ + alignment_ - 1) / alignment_ * alignment_;
  return place_gguf_tensors(tensors_, {bytes_, name_, alignment_, data_start});
}

Status GgufFile::read_alignment() {
  const auto value = metadata_.get_u64(k_alignment_key);
  if (!value) return fail(value);
  alignment_ = value->value_or(k_default_alignment);
  if (is_alignment(alignment_)) return {};
  const auto what = fmt::format("{} is not a power of two from {} to {}", alignment_,
                                k_min_alignment, k_max_alignment);
  const auto* entry = metadata_.find(k_alignment_key);
  return entry != nullptr ? metadata_.error(*entry, what) : fail(ErrorCode::model, what);
}

const GgufTensor* GgufFile::find_tensor(std::string_view name) const {
  return find_by_name(tensors_, tensor_order_, name);
}

}  // namespace tenon
