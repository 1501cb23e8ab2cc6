// A turn of a chat, and the engine it runs on.
#include "host/cli/chat_session.hpp"

#include <iostream>

#include "host/cli/terminal.hpp"

namespace tenon::cli {

ChatSession::ChatSession(ChatOptions options, Interrupt& interrupt)
    : options_(std::move(options)), interrupt_(interrupt) {
  conversation_.set_system(options_.system);
}

Status ChatSession::load() {
  if (!host_) {
    auto logger = make_logger(options_.output);
    if (!logger) return fail(logger);
    PluginSearch search;
    search.files.assign(options_.engine.plugins.begin(), options_.engine.plugins.end());
    search.logger = *logger;
    auto host = Host::create(search);
    if (!host) return fail(host);
    host_ = std::move(*host);
  }
  auto engine = load_engine(builder_from(options_.engine, host_), options_.output, interrupt_);
  if (!engine) return fail(engine);
  engine_.emplace(std::move(*engine));
  return {};
}

std::string ChatSession::backend() const {
  return engine_ ? options_.engine.backend + " (" + engine_->backend() + ")" : "none";
}

Status ChatSession::swap_backend(const std::string& name) {
  const EngineOptions before = options_.engine;
  options_.engine.backend = name;
  options_.engine.place.clear();  // the name says all
  options_.engine.gpu_layers.clear();
  engine_.reset();  // first: two copies of a large model may not fit
  const Status swapped = load();
  if (swapped) return {};
  options_.engine = before;
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
