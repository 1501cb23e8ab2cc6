// Reading and checking of the tensor table.
#include "framework/formats/gguf/tensors.hpp"

#include <algorithm>
#include <limits>
#include <numeric>
#include <utility>

#include "framework/formats/dtype.hpp"

namespace tenon {
namespace {

constexpr std::uint64_t k_max_name_bytes = 255;
constexpr std::uint32_t k_max_rank = 4;
constexpr std::string_view k_kind = "tensor";
constexpr std::string_view k_model_parts[] = {"blk.", "output", "rope", "token_", "position_"};

Status read_name(ByteReader& reader, std::uint64_t index, GgufTensor& tensor) {
  tensor.info_offset = reader.offset();
  const auto name = reader.read_string("name", k_max_name_bytes);
  if (!name) return fail(name);
  if (name->empty()) return reader.error(tensor.info_offset, "name", "the name is empty");
  tensor.name = *name;
  reader.describe({k_kind, index, tensor.name});
  return {};
}

// Files store the fastest dimension first; ours is last.
Status read_shape(ByteReader& reader, GgufTensor& tensor) {
  const auto start = reader.offset();
  const auto rank = reader.read<std::uint32_t>("rank");
  if (!rank) return fail(rank);
  if (*rank == 0 || *rank > k_max_rank) {
    return reader.error(start, "rank", fmt::format("{} is not 1 to {}", *rank, k_max_rank));
  }
  tensor.rank = *rank;
  constexpr auto k_max = static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max());
  std::uint64_t elements = 1;
  for (std::uint32_t i = 0; i < *rank; ++i) {
    const auto at = reader.offset();
    const auto dim = reader.read<std::uint64_t>("dimension");
    if (!dim) return fail(dim);
    if (*dim == 0) return reader.error(at, "dimension", fmt::format("dimension {} is zero", i));
    if (*dim > k_max / elements) {
      return reader.error(at, "dimension", fmt::format("{} overflows the element count", *dim));
    }
    elements *= *dim;
    tensor.dim[*rank - 1 - i] = static_cast<std::int64_t>(*dim);
  }
  tensor.elements = static_cast<std::int64_t>(elements);
  return {};
}

Status read_dtype(ByteReader& reader, GgufTensor& tensor) {
  const auto start = reader.offset();
  const auto number = reader.read<std::uint32_t>("type");
  if (!number) return fail(number);
  tensor.dtype = find_stored_dtype(*number);
  if (tensor.dtype == nullptr) {
    return reader.error(start, "type", fmt::format("ggml type {} is not supported", *number));
  }
  const auto& dtype = *tensor.dtype;
  if (tensor.row_elements() % dtype.block_elements != 0) {
    return reader.error(start, "type",
                        fmt::format("a row of {} elements is not whole {} blocks of {}",
                                    tensor.row_elements(), dtype.name, dtype.block_elements));
  }
  const auto blocks = static_cast<std::uint64_t>(tensor.elements) / dtype.block_elements;
  if (blocks > std::numeric_limits<std::uint64_t>::max() / dtype.block_bytes) {
    return reader.error(start, "type", "the size in bytes overflows");
  }
  tensor.bytes = blocks * dtype.block_bytes;
  return {};
}

Result<GgufTensor> read_tensor(ByteReader& reader, std::uint64_t index) {
  GgufTensor tensor;
  reader.describe({k_kind, index, {}});
  if (auto name = read_name(reader, index, tensor); !name) return fail(name);
  if (auto shape = read_shape(reader, tensor); !shape) return fail(shape);
  if (auto dtype = read_dtype(reader, tensor); !dtype) return fail(dtype);
  const auto offset = reader.read<std::uint64_t>("offset");
  if (!offset) return fail(offset);
  tensor.offset = *offset;
  return tensor;
}

Status place(GgufTensor& tensor, std::uint64_t index, const GgufLayout& layout) {
  const auto refuse = [&](std::string_view what) {
    return fail_at(layout.file, tensor.info_offset, {k_kind, index, tensor.name}, "offset", what);
  };
  if (tensor.offset % layout.alignment != 0) {
    return refuse(fmt::format("{} is no multiple of {}", tensor.offset, layout.alignment));
  }
  const std::uint64_t size = layout.bytes.size();
  const auto room = size - std::min(layout.data_start, size);
  if (tensor.offset > room || tensor.bytes > room - tensor.offset) {
    return refuse(fmt::format("{} bytes at {} after byte {} end beyond the file of {} bytes",
                              tensor.bytes, tensor.offset, layout.data_start, size));
  }
  tensor.offset += layout.data_start;
  tensor.data = layout.bytes.subspan(tensor.offset, tensor.bytes);
  return {};
}

Status check_overlaps(const std::vector<GgufTensor>& tensors, std::string_view file) {
  std::vector<std::uint32_t> order(tensors.size());
  std::iota(order.begin(), order.end(), 0U);
  std::ranges::sort(order, {}, [&](std::uint32_t i) { return std::pair(tensors[i].offset, i); });
  for (std::size_t i = 1; i < order.size(); ++i) {
    const auto& before = tensors[order[i - 1]];
    const auto& tensor = tensors[order[i]];
    if (before.offset + before.bytes > tensor.offset) {
      return fail_at(
          file, tensor.info_offset, {k_kind, order[i], tensor.name}, "offset",
          fmt::format("its data overlaps that of tensor {}", tenon::quoted(before.name)));
    }
  }
  return {};
}

}  // namespace

bool is_model_part(std::string_view name) {
  return std::ranges::any_of(k_model_parts, [&](auto part) { return name.starts_with(part); });
}

std::string unused_finding(std::size_t count, std::string_view first) {
  if (count == 0) return "";
  return fmt::format("{} tensors are not used, the first is {}", count, quoted(first));
}

Result<std::vector<GgufTensor>> read_gguf_tensors(ByteReader& reader, std::uint64_t count) {
  std::vector<GgufTensor> tensors;
  tensors.reserve(count);
  for (std::uint64_t i = 0; i < count; ++i) {
    auto tensor = read_tensor(reader, i);
    if (!tensor) return fail(tensor);
    tensors.push_back(std::move(*tensor));
  }
  reader.describe({});
  return tensors;
}

Status place_gguf_tensors(std::vector<GgufTensor>& tensors, const GgufLayout& layout) {
  for (std::size_t i = 0; i < tensors.size(); ++i) {
    if (auto placed = place(tensors[i], i, layout); !placed) return placed;
  }
  return check_overlaps(tensors, layout.file);
}

}  // namespace tenon
