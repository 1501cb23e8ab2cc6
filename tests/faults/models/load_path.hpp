// LoadPath: bytes through everything that a model file goes through before and in its first answer.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "framework/engine/step/runtime.hpp"
#include "tests/unit/formats/gguf_builder.hpp"

namespace tenon::testing {

// How far a file got; the stages are passed in this order.
enum class Stage : std::uint8_t { file, model, text, runtime, answer, done };

struct Outcome {
  Stage stage = Stage::done;   // that refused, or done
  std::optional<Error> error;  // the refusal
  double cpu_seconds = 0;
  std::size_t peak_bytes = 0;              // of the heap, over what was in use before
  std::int64_t n_ctx = 0;                  // of the runtime, if there was one
  std::vector<std::string> findings = {};  // of a model that was accepted
};

// Plugins of the build tree, loaded once for many files.
class LoadPath {
 public:
  LoadPath();
  Outcome run(std::span<const std::byte> bytes) const;

 private:
  Outcome load(std::span<const std::byte> bytes) const;

  HostTable host_;
  std::optional<Catalog> catalog_;
};

}  // namespace tenon::testing
