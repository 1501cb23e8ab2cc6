// Conversation: the turns of a chat, and the JSON file they are saved to: [{"role", "content"}, …],
// which `tenon template --messages` reads too.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "framework/include/tenon/result.hpp"

namespace tenon::cli {

struct Message {
  std::string role, content;
};

class Conversation {
 public:
  const std::vector<Message>& messages() const { return messages_; }
  std::size_t turns() const;  // without the system message

  void add(std::string role, std::string content);
  // Replaces the system message; an empty one is removed.
  void set_system(std::string text);
  std::string system() const;
  void pop() { messages_.pop_back(); }
  void reset();  // keeps the system message

  // Errors: ErrorCode::failed; the file is written whole or not at all.
  Status save(const std::filesystem::path& file) const;
  // Errors: ErrorCode::usage when the file is not a conversation; nothing has changed then.
  Status load(const std::filesystem::path& file);

 private:
  std::vector<Message> messages_;
};

}  // namespace tenon::cli
