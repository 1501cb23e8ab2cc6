// Terminal: progress and messages on stderr, in the way the user asked for.
#pragma once

#include <spdlog/logger.h>

#include <memory>

#include "host/cli/common_options.hpp"

namespace tenon::cli {

// stderr as a log sink, plus --log-file.
Result<std::shared_ptr<spdlog::logger>> make_logger(const OutputOptions& o);

// A bar on a terminal once something takes half a second; plain lines otherwise.
class Progress {
 public:
  // `doing`: what a plain line says before the stage.
  explicit Progress(const OutputOptions& o, std::string_view doing = "loading");
  ~Progress();
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;

  void update(std::string_view stage, double fraction);
  void clear();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

// "12.3 MB", "1.20 GB".
std::string human_bytes(std::uint64_t bytes);

}  // namespace tenon::cli
