// What a line of `tenon chat` that begins with "/" does: a table of commands.
#include <fmt/format.h>

#include <array>
#include <charconv>
#include <iostream>

#include "host/cli/chat_session.hpp"

namespace tenon::cli {
namespace {

struct ChatWord {
  std::string_view name, argument, summary;
  Status (*run)(ChatSession& session, const std::string& argument);
};

void note(ChatSession& session, const std::string& text) {
  if (!session.options().output.quiet) std::cerr << text << '\n';
}

Status help(ChatSession& session, const std::string&);

Status reset(ChatSession& session, const std::string&) {
  session.conversation().reset();
  note(session, "the conversation starts again");
  return {};
}

Status system(ChatSession& session, const std::string& text) {
  session.conversation().set_system(text);
  note(session, text.empty() ? "no system message" : "system message set");
  return {};
}

Status temperature(ChatSession& session, const std::string& text) {
  float& value = session.options().sampling.temperature;
  if (!text.empty()) {
    float wanted = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), wanted);
    if (error != std::errc() || end != text.data() + text.size() || !(wanted >= 0 && wanted < 1e6f))
      return fail(ErrorCode::usage, "/temp takes a number from 0 (greedy), as in /temp 0.8");
    value = wanted;
  }
  note(session, fmt::format("temperature {}", value));
  return {};
}

Status backend(ChatSession& session, const std::string& name) {
  if (!name.empty())
    if (Status s = session.swap_backend(name); !s) return s;
  note(session, "backend " + session.backend());
  return {};
}

Status save(ChatSession& session, const std::string& file) {
  if (file.empty()) return fail(ErrorCode::usage, "/save takes the name of a file");
  return session.conversation().save(file);
}

Status load(ChatSession& session, const std::string& file) {
  if (file.empty()) return fail(ErrorCode::usage, "/load takes the name of a file");
  if (Status s = session.conversation().load(file); !s) return s;
  note(session, std::to_string(session.conversation().turns()) + " turns loaded");
  return {};
}

constexpr std::string_view k_quit = "/quit";

constexpr std::array<ChatWord, 8> k_words = {{
    {"/help", "", "this list", help},
    {"/reset", "", "forget the conversation, keep the system message", reset},
    {"/system", "TEXT", "set the system message; without TEXT: none", system},
    {"/temp", "T", "set the temperature; 0 is greedy", temperature},
    {"/backend", "NAME", "go on with this conversation on another backend", backend},
    {"/save", "FILE", "write the conversation as JSON", save},
    {"/load", "FILE", "go on with a saved conversation", load},
    {k_quit, "", "end; so does Ctrl-D", nullptr},
}};

Status help(ChatSession&, const std::string&) {
  for (const ChatWord& w : k_words) {
    const std::string usage = std::string(w.name) + " " + std::string(w.argument);
    std::cerr << "  " << usage << std::string(16 - usage.size(), ' ') << w.summary << '\n';
  }
  std::cerr
      << "  Ctrl-C stops an answer. A line that ends in \\ goes on in the next one; \"\"\" begins\n"
         "  and ends a text of several lines; a leading // sends a text that begins with /.\n";
  return {};
}

std::string trimmed(std::string_view text) {
  const auto begin = text.find_first_not_of(" \t");
  if (begin == std::string_view::npos) return {};
  return std::string(text.substr(begin, text.find_last_not_of(" \t") - begin + 1));
}

}  // namespace

bool is_chat_word(const std::string& line) {
  return line.starts_with('/') && !line.starts_with("//");
}

Result<bool> run_chat_word(ChatSession& session, const std::string& line) {
  const std::string name = line.substr(0, line.find_first_of(" \t\n"));
  if (name == k_quit) return false;
  std::vector<std::string> names;
  for (const ChatWord& w : k_words) {
    names.emplace_back(w.name);
    if (w.name != name) continue;
    if (Status s = w.run(session, trimmed(std::string_view(line).substr(name.size()))); !s)
      return fail(s);
    return true;
  }
  const std::string near = nearest(name, names);
  return fail(
      ErrorCode::usage,
      "there is no " + name + (near.empty() ? "; see /help" : "; did you mean " + near + "?"));
}

}  // namespace tenon::cli
