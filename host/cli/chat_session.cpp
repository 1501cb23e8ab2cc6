// A turn of a chat, and the engine it runs on.
#include "host/cli/chat_session.hpp"

#include <iostream>

namespace tenon::cli {

ChatSession::ChatSession(ChatOptions options, Interrupt& interrupt)
    : options_(std::move(options)), interrupt_(interrupt) {
  conversation_.set_system(options_.system);
}

Status ChatSession::load() {
  auto engine = load_engine(builder_from(options_.engine), options_.output, interrupt_);
  if (!engine) return fail(engine);
  engine_.emplace(std::move(*engine));
  return {};
}

std::string ChatSession::backend() const {
  return engine_ ? options_.engine.backend + " (" + engine_->backend() + ")" : "none";
}

Status ChatSession::swap_backend(const std::string& name) {
  const std::string before = std::exchange(options_.engine.backend, name);
  engine_.reset();  // first: two copies of a large model may not fit
  const Status swapped = load();
  if (swapped) return {};
  options_.engine.backend = before;
  interrupt_.reset();
  if (Status back = load(); !back) return back;
  return swapped;
}

Result<Reply> ChatSession::answer(std::string text) {
  conversation_.add("user", std::move(text));
  auto reply = generate();
  if (!reply || reply->text.empty())
    conversation_.pop();
  else
    conversation_.add("assistant", reply->text);
  return reply;
}

Result<Reply> ChatSession::generate() {
  Request request = engine_->chat();
  for (const Message& m : conversation_.messages()) request.message(m.role, m.content);
  if (Status s = apply(options_.sampling, request); !s) return fail(s);
  if (options_.max_tokens >= 0) request.max_tokens(options_.max_tokens);
  for (const std::string& stop : options_.stops) request.stop(stop);
  request.cancel(interrupt_.flag());
  return request.stream([&](std::string_view piece) {
    if (!options_.output.json) std::cout << piece << std::flush;
    return std::cout.good() ? keep_going : enough;
  });
}

}  // namespace tenon::cli
