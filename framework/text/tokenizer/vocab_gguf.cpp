// Reads tokenizer.ggml.* into VocabData; what the numbers mean is checked by Vocab::create.
#include "framework/text/tokenizer/vocab_gguf.hpp"

namespace tenon {
namespace {

// Takes values out of Results and remembers the first error, so that reading stays a list.
class Reader {
 public:
  explicit Reader(const GgufMetadata& metadata) : metadata_(metadata) {}

  template <class T>
  std::optional<T> take(Result<std::optional<T>> value) {
    if (value) return std::move(*value);
    if (status_) status_ = fail(value);
    return std::nullopt;
  }

  std::string text(std::string_view key) {
    return std::string(take(metadata_.get_string(key)).value_or(""));
  }

  std::vector<std::string_view> strings(std::string_view key, std::size_t limit) {
    std::vector<std::string_view> out;
    const std::optional<GgufArray> array = take(metadata_.get_strings(key));
    if (!array || !fits(key, *array, limit)) return out;
    out.reserve(array->size());
    for (std::uint64_t i = 0; i < array->size(); ++i) out.push_back(array->string_at(i));
    return out;
  }

  // Out of range means an unknown type, which is 0.
  std::vector<std::int32_t> types(std::string_view key) {
    return numbers<std::int32_t, std::int64_t>(
        key, [](std::int64_t n) { return n >= 0 && n < 256 ? static_cast<std::int32_t>(n) : 0; });
  }

  std::vector<float> scores(std::string_view key) {
    return numbers<float, double>(key, [](double n) { return static_cast<float>(n); });
  }

  // What is too large for a number of ours is out of range like any other.
  std::optional<std::int64_t> id(std::string_view key) {
    const auto huge = metadata_.get_u64(key);
    if (huge && *huge && **huge > INT64_MAX) return INT64_MAX;
    return take(metadata_.get_i64(key));
  }
  std::optional<bool> flag(std::string_view key) { return take(metadata_.get_bool(key)); }
  const Status& status() const { return status_; }

 private:
  bool fits(std::string_view key, const GgufArray& array, std::size_t limit) {
    if (array.size() <= limit) return true;
    if (status_)
      status_ = metadata_.error(*metadata_.find(key),
                                fmt::format("{} elements, the limit is {}", array.size(), limit));
    return false;
  }

  // One per token, so as many as there may be tokens.
  template <class Out, class In, class Convert>
  std::vector<Out> numbers(std::string_view key, Convert convert) {
    std::vector<Out> out;
    const std::optional<GgufArray> array = take(metadata_.get_array(key));
    if (!array || !fits(key, *array, k_max_tokens)) return out;
    out.reserve(array->size());
    take(metadata_.visit<In>(key, [&](std::uint64_t, In n) { out.push_back(convert(n)); }));
    return out;
  }

  const GgufMetadata& metadata_;
  Status status_;
};

}  // namespace

Result<VocabData> read_vocab(const GgufMetadata& metadata) {
  Reader reader(metadata);
  VocabData data;
  data.model = reader.text("tokenizer.ggml.model");
  data.pre = reader.text("tokenizer.ggml.pre");
  data.tokens = reader.strings("tokenizer.ggml.tokens", k_max_tokens);
  data.scores = reader.scores("tokenizer.ggml.scores");
  data.types = reader.types("tokenizer.ggml.token_type");
  data.merges = reader.strings("tokenizer.ggml.merges", k_max_merges);
  data.bos = reader.id("tokenizer.ggml.bos_token_id");
  data.eos = reader.id("tokenizer.ggml.eos_token_id");
  data.eot = reader.id("tokenizer.ggml.eot_token_id");
  data.eom = reader.id("tokenizer.ggml.eom_token_id");
  data.unk = reader.id("tokenizer.ggml.unknown_token_id");
  data.pad = reader.id("tokenizer.ggml.padding_token_id");
  data.add_bos = reader.flag("tokenizer.ggml.add_bos_token");
  data.add_eos = reader.flag("tokenizer.ggml.add_eos_token");
  data.add_space_prefix = reader.flag("tokenizer.ggml.add_space_prefix");
  data.remove_extra_whitespaces = reader.flag("tokenizer.ggml.remove_extra_whitespaces");
  data.name = reader.text("general.name");
  if (!reader.status()) return fail(reader.status());
  if (data.model.empty())
    return fail(ErrorCode::model, "metadata key \"tokenizer.ggml.model\" is missing");
  return data;
}

Result<std::optional<std::string_view>> read_chat_template(const GgufMetadata& metadata) {
  return metadata.get_string("tokenizer.chat_template");
}

}  // namespace tenon
