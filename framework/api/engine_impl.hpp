// What a Host and an Engine hold; members are destroyed last to first, so that plugins outlive their
// objects.
#pragma once

#include "framework/base/alarms.hpp"
#include "framework/engine/generation.hpp"
#include "framework/text/prompt_writer.hpp"

namespace tenon {

struct Host::Impl {
  HostTable table;
  std::optional<Catalog> catalog;
  std::optional<Devices> devices;
  Alarms alarms;

  explicit Impl(std::shared_ptr<spdlog::logger> logger) : table(std::move(logger)) {}
};

struct Engine::Impl {
  using HostImpl = Host::Impl;
  std::shared_ptr<HostImpl> host;
  std::optional<Model> model;
  std::optional<PromptWriter> prompts;
  LoadOptions load;                     // as they were asked for
  std::optional<BackendSpec> fallback;  // once: where a failed device leaves what it computed
  std::shared_ptr<spdlog::logger> logger;
  std::unique_ptr<Runtime> runtime;  // none when a device was lost and loading anew has failed
  PrefixCache kept;
  LoadTimings timings;
  MemoryUse memory;
  std::int64_t n_ctx = 0;

  explicit Impl(std::shared_ptr<HostImpl> shared) : host(std::move(shared)) {}

  // What the next step runs on. After a device was lost the model is loaded anew: on that device, or
  // where the options allow it on the next best. Errors: those of loading; they may be gone next time.
  Result<Runtime*> ready();
  // The model on the fallback, instead of where `why` happened; `notice` gets what a user should
  // know of it. Errors: those of loading.
  Result<Runtime*> fall_back(const Error& why, std::string& notice);

 private:
  Result<Runtime*> reload();
};

struct Request::State {
  Engine::Impl* engine = nullptr;
  bool raw = false;
  std::string prompt;  // raw only
  nlohmann::ordered_json messages = nlohmann::ordered_json::array();
  nlohmann::ordered_json arguments = nlohmann::ordered_json::object();  // of the template
  std::optional<Error> wrong;  // the first call that could not be understood
  GenerateOptions options;

  Result<std::vector<TokenId>> tokens(const Stopwatch& accepted) const;
};

}  // namespace tenon
