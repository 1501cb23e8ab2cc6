// What an Engine holds; members are destroyed last to first, so that plugins outlive their objects.
#pragma once

#include "framework/engine/generation.hpp"
#include "framework/text/prompt_writer.hpp"

namespace tenon {

struct Engine::Impl {
  HostTable host;
  std::optional<Catalog> catalog;
  std::optional<Model> model;
  std::optional<PromptWriter> prompts;
  std::unique_ptr<Runtime> runtime;
  PrefixCache kept;
  LoadTimings load;

  explicit Impl(std::shared_ptr<spdlog::logger> logger) : host(std::move(logger)) {}
};

struct Request::State {
  Engine::Impl* engine = nullptr;
  bool raw = false;
  std::string prompt;  // raw only
  nlohmann::ordered_json messages = nlohmann::ordered_json::array();
  nlohmann::ordered_json arguments = nlohmann::ordered_json::object();  // of the template
  std::optional<Error> wrong;  // the first call that could not be understood
  GenerateOptions options;

  Result<std::vector<TokenId>> tokens() const;
};

}  // namespace tenon
