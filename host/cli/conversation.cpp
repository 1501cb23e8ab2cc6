// Turns in memory and on disk.
#include "host/cli/conversation.hpp"

#include <fstream>
#include <nlohmann/json.hpp>

#include "framework/include/tenon/atomic_file.hpp"

namespace tenon::cli {
namespace {

using Json = nlohmann::ordered_json;
constexpr std::uintmax_t k_most_bytes = 64 << 20;

Result<std::vector<Message>> parse_messages(const std::string& text, const std::string& name) {
  const auto wrong = [&](const std::string& what) {
    return fail(ErrorCode::usage, name + ": " + what);
  };
  int depth = 0;  // a conversation has two levels; what is deeper is not one
  const auto shallow = [&](int level, Json::parse_event_t, Json&) {
    depth = std::max(depth, level);
    return level <= 3;
  };
  const Json list = Json::parse(text, shallow, false);
  if (!list.is_array() || depth > 3) return wrong("must be a JSON array of {role, content}");
  std::vector<Message> messages;
  for (const Json& m : list) {
    const auto text_of = [&](const char* key) {
      const auto found = m.is_object() ? m.find(key) : m.end();
      return found != m.end() && found->is_string() ? found->get<std::string>() : std::string();
    };
    if (!m.is_object() || text_of("role").empty() || !m.contains("content") ||
        !m["content"].is_string())
      return wrong("message " + std::to_string(messages.size()) +
                   " has no \"role\" and \"content\" that are texts");
    messages.push_back({text_of("role"), text_of("content")});
  }
  return messages;
}

}  // namespace

std::size_t Conversation::turns() const { return messages_.size() - (system().empty() ? 0 : 1); }

void Conversation::add(std::string role, std::string content) {
  messages_.push_back({std::move(role), std::move(content)});
}

std::string Conversation::system() const {
  return !messages_.empty() && messages_[0].role == "system" ? messages_[0].content : "";
}

void Conversation::set_system(std::string text) {
  if (!messages_.empty() && messages_[0].role == "system") messages_.erase(messages_.begin());
  if (!text.empty()) messages_.insert(messages_.begin(), {"system", std::move(text)});
}

void Conversation::reset() {
  std::string kept = system();
  messages_.clear();
  set_system(std::move(kept));
}

Status Conversation::save(const std::filesystem::path& file) const {
  Json list = Json::array();
  for (const Message& m : messages_) list.push_back({{"role", m.role}, {"content", m.content}});
  const std::string text = list.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
  auto out = AtomicFile::create(file, 0600);  // what people say to a model is their own
  if (!out) return fail(out);
  if (Status s = out->append(std::as_bytes(std::span(text))); !s) return s;
  return out->commit();
}

Status Conversation::load(const std::filesystem::path& file) {
  std::error_code error;
  const auto size = std::filesystem::file_size(file, error);  // an error for folders, too
  std::ifstream in(file, std::ios::binary);
  if (error || !in) return fail(ErrorCode::usage, file.string() + ": cannot be read");
  if (size > k_most_bytes)
    return fail(ErrorCode::usage,
                file.string() + ": is larger than a conversation may be (64 MiB)");
  std::string text(size, '\0');
  in.read(text.data(), static_cast<std::streamsize>(size));
  text.resize(static_cast<std::size_t>(in.gcount()));
  auto messages = parse_messages(text, file.string());
  if (!messages) return fail(messages);
  messages_ = std::move(*messages);
  return {};
}

}  // namespace tenon::cli
