// Reading and checking of metadata values.
#include "framework/formats/gguf/value.hpp"

#include <array>
#include <utility>

namespace tenon {
namespace {

constexpr std::string_view k_field = "value";

// A sparse file may claim any count: no real one has a tenth of these.
constexpr std::uint64_t k_max_elements = std::uint64_t{1} << 25;  // of all arrays together
constexpr std::uint64_t k_max_text_bytes = std::uint64_t{1} << 26;
constexpr std::size_t k_n_types = static_cast<std::size_t>(GgufType::f64) + 1;

constexpr std::size_t index_of(GgufType type) { return static_cast<std::size_t>(type); }

// In the order of GgufType.
constexpr auto k_types = std::to_array<GgufTypeInfo>({{"u8", 1},
                                                      {"i8", 1},
                                                      {"u16", 2},
                                                      {"i16", 2},
                                                      {"u32", 4},
                                                      {"i32", 4},
                                                      {"f32", 4},
                                                      {"bool", 1},
                                                      {"string", 0},
                                                      {"array", 0},
                                                      {"u64", 8},
                                                      {"i64", 8},
                                                      {"f64", 8}});
static_assert(k_types.size() == k_n_types && k_types[index_of(GgufType::f64)].name == "f64");

template <class Stored, class Wide>
GgufScalar widen(const std::byte* from) {
  Stored value;
  std::memcpy(&value, from, sizeof(Stored));
  return static_cast<Wide>(value);
}

// In the order of GgufType; empty where a value is no scalar.
using Load = GgufScalar (*)(const std::byte*);
constexpr auto k_loads = std::to_array<Load>(
    {widen<std::uint8_t, std::uint64_t>, widen<std::int8_t, std::int64_t>,
     widen<std::uint16_t, std::uint64_t>, widen<std::int16_t, std::int64_t>,
     widen<std::uint32_t, std::uint64_t>, widen<std::int32_t, std::int64_t>, widen<float, double>,
     widen<std::uint8_t, bool>, nullptr, nullptr, widen<std::uint64_t, std::uint64_t>,
     widen<std::int64_t, std::int64_t>, widen<double, double>});
static_assert(k_loads.size() == k_n_types && k_loads[index_of(GgufType::array)] == nullptr);

// A bool is one byte, 0 or 1; anything else means that we misread the file or it lies.
Status check_bools(const ByteReader& reader, std::uint64_t start,
                   std::span<const std::byte> bytes) {
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    const auto byte = std::to_integer<unsigned>(bytes[i]);
    if (byte > 1) {
      return reader.error(start + i, k_field, fmt::format("bool is {}, not 0 or 1", byte));
    }
  }
  return {};
}

Result<GgufType> read_type(ByteReader& reader, std::string_view field) {
  const auto start = reader.offset();
  const auto number = reader.read<std::uint32_t>(field);
  if (!number) return fail(number);
  if (find_gguf_type(*number) == nullptr) {
    return reader.error(start, field, fmt::format("{} is no GGUF value type", *number));
  }
  return static_cast<GgufType>(*number);
}

Result<GgufScalar> read_scalar(ByteReader& reader, GgufType type) {
  const auto start = reader.offset();
  const auto bytes = reader.take(k_types[index_of(type)].bytes, k_field);
  if (!bytes) return fail(bytes);
  if (type == GgufType::boolean) {
    if (auto checked = check_bools(reader, start, *bytes); !checked) return fail(checked);
  }
  return k_loads[index_of(type)](bytes->data());
}

// Eight bytes of index for each string, which takes at least eight bytes in the file.
Result<std::vector<std::uint64_t>> index_strings(ByteReader& reader, std::uint64_t count) {
  const auto start = reader.offset();
  std::vector<std::uint64_t> starts;
  starts.reserve(count + 1);
  for (std::uint64_t i = 0; i < count; ++i) {
    starts.push_back(reader.offset() - start);
    if (auto text = reader.read_string("array string"); !text) return fail(text);
  }
  starts.push_back(reader.offset() - start);
  return starts;
}

Result<GgufArray> read_strings(ByteReader& reader, std::uint64_t count, GgufArrays& arrays) {
  ByteReader rewound = reader;
  auto starts = index_strings(reader, count);
  if (!starts) return fail(starts);
  const auto bytes = rewound.take(starts->back(), k_field);
  if (!bytes) return fail(bytes);
  arrays.starts.push_back(std::move(*starts));
  return GgufArray(GgufType::string, count, *bytes, arrays.starts.back());
}

Result<GgufArray> read_plain_array(ByteReader& reader, GgufType element, std::uint64_t count) {
  const auto start = reader.offset();
  const auto bytes = reader.take(count * k_types[index_of(element)].bytes, k_field);
  if (!bytes) return fail(bytes);
  if (element == GgufType::boolean) {
    if (auto checked = check_bools(reader, start, *bytes); !checked) return fail(checked);
  }
  return GgufArray(element, count, *bytes, {});
}

Result<GgufArray> read_array(ByteReader& reader, GgufArrays& arrays) {
  const auto start = reader.offset();
  const auto element = read_type(reader, "array element type");
  if (!element) return fail(element);
  if (*element == GgufType::array) {
    return reader.error(start, "array element type", "arrays of arrays are not allowed");
  }
  const auto count_at = reader.offset();
  const auto count = reader.read<std::uint64_t>("array count");
  if (!count) return fail(count);
  constexpr std::uint32_t k_string_min = 8;  // its length field
  const bool strings = *element == GgufType::string;
  const auto smallest = strings ? k_string_min : k_types[index_of(*element)].bytes;
  if (*count > reader.remaining() / smallest) {
    return reader.error(count_at, "array count",
                        fmt::format("{} elements of {} bytes or more do not fit in the {} left",
                                    *count, smallest, reader.remaining()));
  }
  if (*count > k_max_elements - arrays.elements) {
    return reader.error(count_at, "array count",
                        fmt::format("{} elements are over the limit {} of all arrays together",
                                    *count, k_max_elements));
  }
  arrays.elements += *count;
  return strings ? read_strings(reader, *count, arrays)
                 : read_plain_array(reader, *element, *count);
}

template <class T>
Result<GgufValue> to_value(GgufType type, Result<T> payload) {
  if (!payload) return fail(payload);
  return GgufValue{type, GgufPayload(std::move(*payload))};
}

}  // namespace

const GgufTypeInfo* find_gguf_type(std::uint32_t number) {
  return number < k_types.size() ? &k_types[number] : nullptr;
}

std::string_view gguf_type_name(GgufType type) { return k_types[index_of(type)].name; }

std::string_view GgufArray::string_at(std::uint64_t i) const {
  const auto text = bytes_.subspan(starts_[i] + 8, starts_[i + 1] - starts_[i] - 8);
  return {reinterpret_cast<const char*>(text.data()), text.size()};
}

GgufScalar GgufArray::scalar_at(std::uint64_t i) const {
  const auto type = index_of(element_);
  return k_loads[type](bytes_.data() + i * k_types[type].bytes);
}

Result<GgufValue> read_gguf_value(ByteReader& reader, GgufArrays& arrays) {
  const auto type = read_type(reader, "value type");
  if (!type) return fail(type);
  if (*type == GgufType::string)
    return to_value(*type, reader.read_string(k_field, k_max_text_bytes));
  if (*type == GgufType::array) return to_value(*type, read_array(reader, arrays));
  return to_value(*type, read_scalar(reader, *type));
}

}  // namespace tenon
