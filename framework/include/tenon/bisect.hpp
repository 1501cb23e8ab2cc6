// bisect: the first op at which two backends differ; replay: that op alone, again.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "plugins.hpp"
#include "result.hpp"
#include "token.hpp"

namespace tenon {

struct BisectRecipe {
  std::filesystem::path model;
  std::string a = "auto", b = "auto";  // as Engine::Builder::backend; a is the one that is right
  std::string prompt;                  // as it is; or
  std::vector<Token> tokens = {};
  std::int64_t batch = 64;  // rows of a step at most
  std::int64_t single = 2;  // the last tokens get a step each, as when answering
  std::string cache_type = "f32";
  std::vector<std::string> kernels = {};  // rules for b: OP[DTYPES]@DEVICE=ID
  std::uint32_t threads = 0;
  std::filesystem::path bundle = {};  // folder for the first op that differs; "": none
};

// Elements of a result (rows, columns) that are further off than the gate allows.
struct ElementRange {
  std::uint64_t first_row = 0, last_row = 0, first_column = 0, last_column = 0, count = 0;
  std::uint64_t worst_row = 0, worst_column = 0;
  float value_a = 0, value_b = 0;  // of the worst one
};

struct Divergence {
  std::string node, op, device;
  std::int64_t layer = -1;  // -1: none
  std::string kernel_a, kernel_b;
  std::string shape;       // of the operands and the result, in the step where it is
  std::uint64_t step = 0;  // 0, 1, …
  std::int64_t rows = 0;   // of that step
  double nmse = 0, worst_strip = 0, limit = 0;
  ElementRange elements;
};

struct BisectReport {
  std::string backend_a, backend_b;
  std::uint64_t ops = 0;  // of b that were compared
  std::uint64_t steps = 0;
  // Each op of b with the inputs that a had, in the order of the graph.
  std::vector<Divergence> lockstep;
  // The first op that is off when b goes on with its own values.
  std::optional<Divergence> free_running;
  double logits_nmse = 0;  // b with its own values against a, all steps
  // The whole of b, as it runs in earnest, against its ops one by one: above the limit, no single op
  // is at fault but how they are put together: buffers that are used again, an order, a barrier.
  double plan_nmse = 0, plan_limit = 0;
  bool plan_holds() const { return plan_nmse <= plan_limit; }
  bool holds() const { return lockstep.empty() && !free_running && plan_holds(); }
};

// Errors: those of loading the model; ErrorCode::usage without a token. A difference is no error.
Result<BisectReport> bisect(const BisectRecipe& recipe, const PluginSearch& search = {},
                            const std::function<bool(double fraction)>& progress = {});

struct ReplayReport {
  std::string node, op, backend, kernel;
  double nmse = 0, worst_strip = 0, limit = 0;  // against a
  bool same_bits_as_b = false;
  ElementRange elements;
  bool holds = false;
};

// Runs the op of a bundle again; `backend` "": that of b. Errors: ErrorCode::failed or usage for what
// is no bundle, unavailable.
Result<ReplayReport> replay(const std::filesystem::path& bundle, const std::string& backend = {},
                            const std::vector<std::string>& kernels = {},
                            const PluginSearch& search = {});

}  // namespace tenon
