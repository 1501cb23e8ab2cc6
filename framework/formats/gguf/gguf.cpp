// Opening of a GGUF file: header, metadata, tensor table, then the place of every tensor; then the
// other parts of a model that is split.
#include "framework/formats/gguf/gguf.hpp"

#include <bit>
#include <optional>
#include <system_error>
#include <utility>

#include "framework/base/stopwatch.hpp"
#include "framework/formats/gguf/header.hpp"
#include "framework/formats/name_order.hpp"

namespace tenon {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view k_alignment_key = "general.alignment";
constexpr std::uint64_t k_default_alignment = 32;
constexpr std::uint64_t k_min_alignment = 8;  // the format asks for a multiple of 8
constexpr std::uint64_t k_max_alignment = std::uint64_t{1} << 20;
constexpr std::size_t k_most_listed = 8;  // missing files of a message

bool is_alignment(std::uint64_t value) {
  return std::has_single_bit(value) && value >= k_min_alignment && value <= k_max_alignment;
}

std::string part_text(const GgufPart& part) {
  return fmt::format("this is part {} of {} of a split model", part.index + 1, part.count);
}

// The end of check_whole()'s message: the first few files, and how many more.
std::string missing_files(const std::vector<std::string>& files) {
  std::string text;
  for (std::size_t i = 0; i < std::min(files.size(), k_most_listed); ++i)
    text += (i > 0 ? ", " : "") + files[i];
  if (files.size() > k_most_listed)
    text += fmt::format(" and {} more", files.size() - k_most_listed);
  return text + (files.size() == 1 ? " is missing" : " are missing");
}

}  // namespace

Result<GgufFile> GgufFile::open(const fs::path& path) {
  auto file = open_one(path);
  if (!file || file->part_.count <= 1) return file;
  return gather(std::move(*file), path);
}

Result<GgufFile> GgufFile::open_one(const fs::path& path) {
  auto file = MappedFile::open(path);
  if (!file) return fail(file);
  auto gguf = parse(file->bytes(), file->path().string());
  if (!gguf) return gguf;
  gguf->times_.open_ms = file->times().open_ms;
  gguf->times_.map_ms = file->times().map_ms;
  gguf->files_.push_back(std::move(*file));
  return gguf;
}

Result<GgufFile> GgufFile::gather(GgufFile given, const fs::path& path) {
  const GgufPart part = given.part_;
  if (!find_gguf_part(path, part, 0)) {
    given.missing_ =
        fmt::format("{}, whose files are found by their names: this one must end in {}",
                    part_text(part), gguf_part_ending(part.index, part.count));
    return given;
  }
  std::optional<GgufFile> whole, kept(std::move(given));
  std::vector<std::string> missing;
  for (std::uint64_t i = 0; i < part.count; ++i) {
    const fs::path file = *find_gguf_part(path, part, i);
    std::error_code ec;
    if (i != part.index && !fs::exists(file, ec) && !ec) {
      missing.push_back(file.filename().string());
      continue;
    }
    auto next = i == part.index ? Result<GgufFile>(std::move(*kept)) : open_one(file);
    if (!next) return next;
    if (Status s = next->check_part_of(part, i, path.string()); !s) return fail(s);
    if (whole)
      whole->append(std::move(*next));
    else
      whole.emplace(std::move(*next));
  }
  whole->missing_ = missing.empty() ? "" : part_text(part) + ", of which " + missing_files(missing);
  if (Status s = whole->check_names(); !s) return fail(s);
  const std::uint64_t tensors = whole->tensors_.size();
  if (missing.empty() && part.tensors.value_or(tensors) != tensors)
    return fail(ErrorCode::model,
                fmt::format("{}: the parts have {} tensors, not the {} that they say",
                            whole->name(), tensors, *part.tensors));
  return std::move(*whole);
}

Result<GgufFile> GgufFile::parse(std::span<const std::byte> bytes, std::string name) {
  const Stopwatch watch;
  GgufFile gguf;
  gguf.parts_.push_back(std::move(name));
  ByteReader reader(bytes, gguf.name());
  if (auto done = gguf.read(reader, bytes); !done) return fail(done);
  gguf.times_.header_ms = watch.elapsed_ms();
  return gguf;
}

Status GgufFile::read(ByteReader& reader, std::span<const std::byte> bytes) {
  const auto header = read_gguf_header(reader, bytes);
  if (!header) return fail(header);
  version_ = header->version;
  size_ = bytes.size();
  auto metadata = GgufMetadata::read(reader, header->n_entries);
  if (!metadata) return fail(metadata);
  metadata_ = std::move(*metadata);
  auto tensors = read_gguf_tensors(reader, header->n_tensors);
  if (!tensors) return fail(tensors);
  tensors_ = std::move(*tensors);
  if (Status s = check_names(); !s) return s;
  if (Status s = read_alignment(); !s) return s;
  const auto part = read_gguf_part(metadata_);
  if (!part) return fail(part);
  part_ = *part;
  if (part_.count > 1) missing_ = part_text(part_);
  // The offset is at most the file's size, so rounding up cannot wrap.
  const auto data_start = (reader.offset() + alignment_ - 1) / alignment_ * alignment_;
  return place_gguf_tensors(tensors_, {bytes, name(), alignment_, data_start});
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

Status GgufFile::check_names() {
  tensor_order_ = order_by_name(tensors_);
  const GgufTensor* twice = find_duplicate(tensors_, tensor_order_);
  if (twice == nullptr) return {};
  const auto index = static_cast<std::uint64_t>(twice - tensors_.data());
  return fail_at(parts_[twice->part], twice->info_offset, {"tensor", index, twice->name}, "name",
                 "this name occurs twice");
}

Status GgufFile::check_part_of(const GgufPart& part, std::uint64_t index,
                               std::string_view given) const {
  if (part_.index == index && part_.count == part.count) return {};
  return fail(ErrorCode::model,
              fmt::format("{}: {}, but by its name part {} of {}, as which {} asks for it", name(),
                          part_.count > 1 ? part_text(part_) : "this is a whole model", index + 1,
                          part.count, given));
}

void GgufFile::append(GgufFile next) {
  const auto part = static_cast<std::uint32_t>(parts_.size());
  for (GgufTensor& tensor : next.tensors_) tensor.part = part;
  std::ranges::move(next.tensors_, std::back_inserter(tensors_));
  std::ranges::move(next.files_, std::back_inserter(files_));
  std::ranges::move(next.parts_, std::back_inserter(parts_));
  size_ += next.size_;
  times_.open_ms += next.times_.open_ms;
  times_.map_ms += next.times_.map_ms;
  times_.header_ms += next.times_.header_ms;
}

const GgufTensor* GgufFile::find_tensor(std::string_view name) const {
  return find_by_name(tensors_, tensor_order_, name);
}

Status GgufFile::check_whole() const {
  if (missing_.empty()) return {};
  return fail(ErrorCode::model, name() + ": " + missing_);
}

Status GgufFile::check(ErrorCode code) const {
  for (const MappedFile& file : files_)
    if (Status s = file.check(code); !s) return s;
  return {};
}

void GgufFile::drop(const GgufTensor& tensor) const {
  if (tensor.part < files_.size()) files_[tensor.part].drop(tensor.offset, tensor.bytes);
}

}  // namespace tenon
