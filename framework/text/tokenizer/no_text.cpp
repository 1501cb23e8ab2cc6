// Files that bring no vocabulary (`tokenizer.ggml.model` = "none", "no_vocab"): they run on token ids.
#include "framework/text/tokenizer/no_text.hpp"

namespace tenon {
namespace {

class NoText : public TextEncoder {
 public:
  Status encode(std::string_view, bool, EncodeBudget&, std::vector<TokenId>&) const override {
    return fail(ErrorCode::model,
                "the file has no vocabulary (tokenizer.ggml.model): it takes token ids only");
  }
  std::string piece(TokenId) const override { return {}; }
  std::vector<std::string> findings() const override {
    return {"the file has no vocabulary: it takes token ids only"};
  }
};

}  // namespace

Result<std::unique_ptr<const TextEncoder>> create_no_text(const Vocab&, const VocabData&) {
  return std::make_unique<const NoText>();
}

}  // namespace tenon
