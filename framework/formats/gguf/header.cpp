// Header of a GGUF file, and a guess at what a file is when it is not one.
#include "framework/formats/gguf/header.hpp"

#include <array>

namespace tenon {
namespace {

using namespace std::string_view_literals;

constexpr std::uint32_t k_oldest_version = 2;
constexpr std::uint32_t k_newest_version = 3;
constexpr std::uint64_t k_max_items = std::uint64_t{1} << 20;  // no real file comes near
constexpr std::uint64_t k_min_entry_bytes = 8 + 1 + 4 + 1;     // key, value type, value
constexpr std::uint64_t k_min_tensor_bytes = 8 + 1 + 4 + 8 + 4 + 8;

struct Signature {
  std::size_t at;
  std::string_view bytes;
  std::string_view looks_like;
};

constexpr std::array k_signatures{
    Signature{0, "FUGG"sv, "a byte-swapped GGUF file"},
    Signature{0, "lmgg"sv, "a GGML file, the unversioned format before GGUF"},
    Signature{0, "tjgg"sv, "a GGJT file, the format before GGUF"},
    Signature{0, "fmgg"sv, "a GGMF file, the format before GGUF"},
    Signature{8, "{\""sv, "a safetensors file; it has to be converted to GGUF"},
    Signature{0, "PK\x03\x04"sv, "a zip archive (a PyTorch checkpoint is one)"},
    Signature{0, "\x80\x02"sv, "a Python pickle"},
    Signature{0, "version https://git-lfs"sv,
              "a git-lfs pointer; the file itself was not downloaded"},
    Signature{0, "<!DOCTYPE"sv, "an HTML page; the download went wrong"},
    Signature{0, "<!doctype"sv, "an HTML page; the download went wrong"},
    Signature{0, "<html"sv, "an HTML page; the download went wrong"},
    Signature{0, "{"sv, "JSON text"},
    Signature{0, "\x1f\x8b"sv, "a gzip file; unpack it first"},
    Signature{0, "\x28\xb5\x2f\xfd"sv, "a zstd file; unpack it first"},
    Signature{0, "BZh"sv, "a bzip2 file; unpack it first"},
    Signature{0,
              "\xfd"
              "7zXZ"sv,
              "an xz file; unpack it first"},
    Signature{0, "\x93NUMPY"sv, "a NumPy array"},
    Signature{0,
              "\x7f"
              "ELF"sv,
              "an ELF program or library"},
    Signature{0, "\0\0\0\0"sv, "zeros; the download is not complete"},
};

std::string guess(std::span<const std::byte> file) {
  const std::string_view text(reinterpret_cast<const char*>(file.data()), file.size());
  for (const auto& signature : k_signatures) {
    if (text.size() >= signature.at && text.substr(signature.at).starts_with(signature.bytes)) {
      return fmt::format("this is not a GGUF file: it looks like {}", signature.looks_like);
    }
  }
  return fmt::format("this is not a GGUF file: it starts with {}", quoted(text.substr(0, 4)));
}

Result<std::uint32_t> read_version(ByteReader& reader) {
  const auto start = reader.offset();
  const auto version = reader.read<std::uint32_t>("version");
  if (!version) return fail(version);
  if (*version >= k_oldest_version && *version <= k_newest_version) return *version;
  if (*version == 1) {
    return reader.error(start, "version", "GGUF version 1 is not supported; convert the file anew");
  }
  if (*version != 0 && (*version & 0xffffU) == 0) {
    return reader.error(start, "version", "this is a big-endian GGUF file; convert it anew");
  }
  return reader.error(start, "version",
                      fmt::format("GGUF version {} is not supported ({} and {} are)", *version,
                                  k_oldest_version, k_newest_version));
}

Status check_count(const ByteReader& reader, std::uint64_t at, std::string_view field,
                   std::uint64_t count, std::uint64_t smallest) {
  if (count > reader.remaining() / smallest) {
    return reader.error(at, field,
                        fmt::format("{} items of {} bytes or more do not fit in the {} left", count,
                                    smallest, reader.remaining()));
  }
  if (count <= k_max_items) return {};
  return reader.error(at, field, fmt::format("{} is over the limit {}", count, k_max_items));
}

}  // namespace

Result<GgufHeader> read_gguf_header(ByteReader& reader, std::span<const std::byte> file) {
  const auto magic = reader.take(4, "magic");
  if (!magic) return fail(magic);
  if (std::memcmp(magic->data(), "GGUF", 4) != 0) return reader.error(0, "magic", guess(file));
  const auto version = read_version(reader);
  if (!version) return fail(version);
  const auto start = reader.offset();
  const auto n_tensors = reader.read<std::uint64_t>("tensor count");
  if (!n_tensors) return fail(n_tensors);
  const auto n_entries = reader.read<std::uint64_t>("metadata count");
  if (!n_entries) return fail(n_entries);
  const auto tensors_fit =
      check_count(reader, start, "tensor count", *n_tensors, k_min_tensor_bytes);
  if (!tensors_fit) return fail(tensors_fit);
  const auto entries_fit =
      check_count(reader, start + 8, "metadata count", *n_entries, k_min_entry_bytes);
  if (!entries_fit) return fail(entries_fit);
  return GgufHeader{*version, *n_tensors, *n_entries};
}

}  // namespace tenon
