// PromptWriter: how the conversations of one model become prompts, by the chat templates of its
// file, which are parsed once.
#pragma once

#include <optional>
#include <string>

#include "framework/formats/gguf/gguf.hpp"
#include "framework/text/chat_template.hpp"
#include "framework/text/tokenizer/vocab.hpp"

namespace tenon {

// Immutable: any thread may use it.
class PromptWriter {
 public:
  // Reads the templates of a file. A missing or broken one is an error of write(): a model can be
  // used without.
  static PromptWriter read(const GgufMetadata& metadata, const std::string& file,
                           const Vocab& vocab);

  // The prompt; special tokens of `inputs` are set here. With tools it is the template named
  // tool_use where there is one. Contents are given in the form that the template reads, texts or
  // lists of parts, and arguments of calls that came as JSON text are given as what they mean.
  // Errors name the file: ErrorCode::model if it has no template, or one that fails; what
  // inputs.stop says.
  Result<Prompt> write(ChatInputs inputs) const;

 private:
  // What a probe has shown; with neither the template is too choosy to tell.
  struct Reader {
    Result<ChatTemplate> parsed;
    bool texts = false, parts = false;
  };
  static Reader probe(std::string_view source);

  std::string file_, bos_, eos_;
  std::optional<Reader> usual_, with_tools_;
};

}  // namespace tenon
