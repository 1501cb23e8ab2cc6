// ChatSession: one conversation with one model, on a backend that may be swapped in the middle.
#pragma once

#include <optional>

#include "host/cli/conversation.hpp"
#include "host/cli/engine_setup.hpp"
#include "host/cli/sampling_options.hpp"

namespace tenon::cli {

struct ChatOptions {
  OutputOptions output;
  EngineOptions engine;
  SamplingOptions sampling;
  std::string system;
  std::int64_t max_tokens = -1;
  std::vector<std::string> stops;
};

class ChatSession {
 public:
  ChatSession(ChatOptions options, Interrupt& interrupt);

  Status load();
  // Loads the model on another backend; the one before comes back if that fails.
  Status swap_backend(const std::string& name);
  // Adds the user's turn and streams the answer to stdout. Without an answer the turn is taken
  // back. Errors: ErrorCode::cancelled when it was interrupted before its first token.
  Result<Reply> answer(std::string text);

  bool loaded() const { return engine_.has_value(); }
  std::string backend() const;
  ChatOptions& options() { return options_; }
  Conversation& conversation() { return conversation_; }

 private:
  Result<Reply> generate();

  ChatOptions options_;
  Interrupt& interrupt_;
  std::optional<Engine> engine_;
  Conversation conversation_;
};

// A line that begins with "/": runs the command. false: the session is to end.
Result<bool> run_chat_word(ChatSession& session, const std::string& line);
bool is_chat_word(const std::string& line);

}  // namespace tenon::cli
