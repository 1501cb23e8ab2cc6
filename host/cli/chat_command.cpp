// tenon chat: a conversation on a terminal, or one line per turn from a script.
#include <iostream>

#include "host/cli/chat_session.hpp"
#include "host/cli/command.hpp"
#include "host/cli/hints.hpp"
#include "host/cli/line_reader.hpp"

namespace tenon::cli {
namespace {

constexpr std::string_view k_block = "\"\"\"";

FlagGroup chat_flags(ChatOptions& o) {
  return {"Chat",
          {
              {"system", &o.system, "TEXT", "system message"},
              {"n-predict,n", &o.max_tokens, "N", "most tokens of an answer"},
              {"stop", &o.stops, "TEXT", "end the answer here (repeatable)"},
              {"fallback", &o.engine.fallback, "BACKEND",
               "go on here when a device fails; default: the answer is lost"},
          }};
}

Syntax syntax(ChatOptions& o) {
  return {.usage = "tenon chat MODEL [flags]",
          .examples =
              "  tenon chat model.gguf --system \"Be brief.\"\n"
              "  printf 'Name a fruit.\\nAnd another.\\n' | tenon chat model.gguf --temp 0\n",
          .arguments = {model_argument(o.engine.model)},
          .required = 1,
          .groups = {chat_flags(o), sampling_flags(o.sampling), engine_flags(o.engine),
                     output_flags(o.output)}};
}

// The lines up to the one that ends a """ block, joined.
Line read_block(LineReader& reader, std::string first) {
  std::string text = first.substr(k_block.size());
  while (!text.ends_with(k_block)) {
    const Line line = reader.read(". ");
    if (line.kind == Line::Kind::interrupted || line.kind == Line::Kind::failed) return line;
    if (line.kind == Line::Kind::end) return {Line::Kind::text, text};
    text += (text.empty() ? "" : "\n") + line.text;
  }
  text.resize(text.size() - k_block.size());
  if (text.ends_with('\n')) text.pop_back();
  return {Line::Kind::text, text};
}

// A text that is no command, whatever it begins with.
Line plain(Line line) {
  if (line.kind == Line::Kind::text && line.text.starts_with('/')) line.text.insert(0, 1, '/');
  return line;
}

// What belongs together: a line, lines joined by a \ at their end, or a block.
Line read_turn(LineReader& reader) {
  Line turn = reader.read("> ");
  if (turn.text.starts_with(k_block)) return plain(read_block(reader, turn.text));
  while (turn.kind == Line::Kind::text && turn.text.ends_with('\\')) {
    turn.text.back() = '\n';
    const Line next = reader.read(". ");
    if (next.kind == Line::Kind::interrupted || next.kind == Line::Kind::failed) return next;
    turn.text += next.text;
  }
  return turn;
}

void print_reply(const Reply& r, const OutputOptions& output, bool interactive) {
  if (output.json) {
    const Json document = {{"text", r.text},
                           {"tokens", r.tokens},
                           {"finish_reason", to_string(r.finish_reason)},
                           {"prompt_tokens", r.usage.prompt_tokens},
                           {"cached_tokens", r.usage.cached_tokens},
                           {"completion_tokens", r.usage.completion_tokens},
                           {"seed", r.seed}};
    std::cout << document.dump(-1, ' ', false, Json::error_handler_t::replace);
  }
  std::cout << std::endl;
  if (!output.verbose && (!interactive || r.finish_reason == FinishReason::stop)) return;
  std::cerr << "(" << to_string(r.finish_reason) << ": " << r.usage.prompt_tokens
            << " tokens read, " << r.usage.cached_tokens << " of them known, "
            << r.usage.completion_tokens << " written, " << static_cast<int>(r.timings.decode_tps)
            << " tokens/s)\n";
}

// One turn or command. false: the session is to end.
Result<bool> take_turn(ChatSession& session, std::string text, bool interactive) {
  if (is_chat_word(text)) return run_chat_word(session, text);
  if (text.starts_with("//")) text.erase(0, 1);
  if (text.find_first_not_of(" \t\n") == std::string::npos) return true;
  const auto reply = session.answer(std::move(text));
  if (!reply) return fail(reply);
  print_reply(*reply, session.options().output, interactive);
  if (!std::cout) return false;  // main says so
  if (reply->finish_reason == FinishReason::cancelled && !interactive)
    return fail(ErrorCode::cancelled, "interrupted");
  return true;
}

// A script ends at its first error; a person is told and goes on,
// unless there is nothing to go on with.
Status converse(ChatSession& session, LineReader& reader, Interrupt& interrupt) {
  const bool interactive = reader.interactive();
  for (;;) {
    const Line turn = read_turn(reader);
    if (turn.kind == Line::Kind::end) return {};
    if (turn.kind == Line::Kind::failed)
      return fail(ErrorCode::failed, "stdin: cannot be read: " + turn.text);
    const bool stopped = turn.kind == Line::Kind::interrupted;
    if (stopped && !interactive) return fail(ErrorCode::cancelled, "interrupted");
    if (!stopped) {
      const auto going = take_turn(session, turn.text, interactive);
      if (going && !*going) return {};
      if (!going && (!interactive || !session.loaded())) return fail(going);
      if (!going) std::cerr << "tenon: " << explained(going.error()) << '\n';
    }
    if (interrupt.terminated()) return fail(ErrorCode::cancelled, "interrupted");
    interrupt.reset();
  }
}

Status run(ChatOptions& o) {
  if (o.max_tokens < -1) return fail(ErrorCode::usage, "-n must be a count, or -1 for no limit");

  Interrupt interrupt;
  ChatSession session(std::move(o), interrupt);
  if (Status status = session.load(); !status) return status;
  const auto folder = state_folder();
  const auto reader =
      make_line_reader(interrupt, folder.empty() ? folder : folder / "chat_history");
  if (reader->interactive() && !session.options().output.quiet)
    std::cerr << "chatting on " << session.backend() << "; /help lists commands, Ctrl-D ends\n";
  return converse(session, *reader, interrupt);
}

}  // namespace

extern const Command k_chat = command<ChatOptions, syntax, run>("chat", "Talk with a model");

}  // namespace tenon::cli
