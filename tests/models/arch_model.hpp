// ArchModel: one golden of tests/models/arch with its tiny GGUF file, whose weights come from the
// names of the tensors as make_arch_golden.py makes them.
#pragma once

#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <fstream>
#include <nlohmann/json.hpp>

#include "framework/base/token.hpp"
#include "tests/models/goldens.hpp"
#include "tests/models/tiny_weights.hpp"

namespace tenon::testing {

constexpr std::size_t k_arch_tokens = 300;

class ArchModel {
 public:
  // Matrices are stored as `dtype`; `widen` gives rows of whole blocks of 256, for types that need
  // them and tests that need no golden.
  // `changes` replace what the description says; a change to null leaves that key out.
  explicit ArchModel(const std::string& name, const std::string& dtype = "f32", bool widen = false,
                     const nlohmann::ordered_json& changes = nlohmann::ordered_json::object())
      : name_(name) {
    std::ifstream in(folder() / (name + ".json"));
    description_ = nlohmann::ordered_json::parse(in);
    description_.merge_patch(changes);
    if (widen) widen_all();
    path_ =
        std::filesystem::path(::testing::TempDir()) /
        (name + "." + dtype + (widen ? ".wide" : "") + "." + std::to_string(::getpid()) + ".gguf");
    const Bytes bytes = build(dtype);
    std::ofstream file(path_, std::ios::binary);
    file.write(reinterpret_cast<const char*>(bytes.data()),
               static_cast<std::streamsize>(bytes.size()));
  }
  ~ArchModel() { std::filesystem::remove(path_); }
  ArchModel(const ArchModel&) = delete;
  ArchModel& operator=(const ArchModel&) = delete;

  static std::filesystem::path folder() { return std::filesystem::path(TENON_GOLDEN_DIR) / "arch"; }
  // Every golden there is, sorted.
  static std::vector<std::string> names() {
    std::vector<std::string> found;
    for (const auto& entry : std::filesystem::directory_iterator(folder()))
      if (entry.path().extension() == ".json") found.push_back(entry.path().stem());
    std::sort(found.begin(), found.end());
    return found;
  }

  const std::filesystem::path& path() const { return path_; }
  GoldenArray<float> golden() const { return GoldenArray<float>::read("arch/" + name_ + ".npy"); }
  // The same rows, each the last one of a sequence.
  GoldenArray<float> golden_by_length() const {
    return GoldenArray<float>::read("arch/by_length/" + name_ + ".npy");
  }
  // The positions of the golden's rows.
  static std::vector<std::size_t> rows() {
    std::vector<std::size_t> positions;
    for (std::size_t p = 0; p < k_arch_tokens; ++p)
      if (p < 33 || p % 13 == 0) positions.push_back(p);
    return positions;
  }
  std::vector<TokenId> tokens() const {
    const auto n_vocab = description_["tensors"]["token_embd.weight"][0].get<std::uint32_t>();
    std::vector<TokenId> ids;
    for (const std::uint32_t x : tiny_noise("tokens", k_arch_tokens))
      ids.push_back(static_cast<TokenId>(x % n_vocab));
    return ids;
  }

 private:
  // Everything but the vocabulary eight times as wide.
  void widen_all() {
    for (auto& [name, dims] : description_["tensors"].items())
      for (std::size_t axis = 0; axis < dims.size(); ++axis)
        if (axis > 0 || (name != "token_embd.weight" && name != "output.weight"))
          dims[axis] = 8 * dims[axis].get<std::uint32_t>();
    for (auto& [key, value] : description_["metadata"].items())
      for (const char* wide : {"embedding_length", "feed_forward_length", "key_length",
                               "value_length", "dimension_count"})
        if (key.ends_with(wide)) value = 8 * value.get<std::uint32_t>();
  }

  Bytes build(const std::string& dtype) const {
    GgufBuilder file;
    for (const auto& [key, value] : description_["metadata"].items()) {
      if (value.is_string()) file.string(key, value.get<std::string>());
      if (value.is_boolean()) file.scalar<bool>(key, value.get<bool>());
      if (value.is_number_integer()) file.scalar<std::uint32_t>(key, value.get<std::uint32_t>());
      if (value.is_number_float()) file.scalar<float>(key, value.get<float>());
      if (value.is_array()) add_array(file, key, value);
    }
    file.string("tokenizer.ggml.model", "gpt2").string("tokenizer.ggml.pre", "gpt-2");
    file.strings("tokenizer.ggml.tokens", {"a", "b", "c", "d"});
    file.array<std::int32_t>("tokenizer.ggml.token_type", {1, 1, 1, 1});
    file.strings("tokenizer.ggml.merges", {"a b"});
    for (const auto& [name, shape] : description_["tensors"].items()) add(file, name, shape, dtype);
    return file.build();
  }

  static void add_array(GgufBuilder& file, const std::string& key,
                        const nlohmann::ordered_json& values) {
    if (values.at(0).is_boolean())
      file.array<bool>(key, values.get<std::vector<bool>>());
    else
      file.array<std::uint32_t>(key, values.get<std::vector<std::uint32_t>>());
  }

  // A list of floats is the values of a vector, a list of integers a shape; a table of tensors are
  // these one below the other.
  static void add(GgufBuilder& file, const std::string& name, const nlohmann::ordered_json& shape,
                  const std::string& dtype) {
    std::vector<std::uint64_t> dims;
    std::vector<float> values;
    if (shape.is_object()) {
      for (const auto& [part, part_shape] : shape.items()) {
        const auto part_dims = part_shape.get<std::vector<std::uint64_t>>();
        const std::size_t n = part_dims.size() > 1 ? part_dims[0] * part_dims[1] : part_dims[0];
        const auto rows = tiny_values(part, n);
        values.insert(values.end(), rows.begin(), rows.end());
        if (dims.empty()) dims = part_dims, dims[0] = 0;
        dims[0] += part_dims[0];
      }
    } else if (shape[0].is_number_float()) {
      values = shape.get<std::vector<float>>();
      dims = {values.size()};
    } else {
      dims = shape.get<std::vector<std::uint64_t>>();
      values = tiny_values(name, dims.size() > 1 ? dims[0] * dims[1] : dims[0]);
      if (dims.back() >= 512)  // keep the size of the sums
        for (float& x : values) x *= dims.size() > 1 && name != "token_embd.weight" ? 0.25F : 1.0F;
    }
    const std::string type = dims.size() > 1 ? dtype : "f32";
    file.tensor({name, dims, find_dtype(type)->ggml_type, tiny_store(values, type), {}});
  }

  std::string name_;
  nlohmann::ordered_json description_;
  std::filesystem::path path_;
};

}  // namespace tenon::testing
