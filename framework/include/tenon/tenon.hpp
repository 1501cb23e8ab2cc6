// Tenon's C++ API: open a model on the best backend,
// chat with it, read its logits, ask for its plan.
//   auto engine = tenon::Engine::builder().model("model.gguf").build();
//   if (!engine) { std::cerr << engine.error().message() << '\n'; return engine.error().code(); }
//   auto reply = engine->chat().user("What is 2+2?").max_tokens(50).stream(print);
// Nothing here throws on bad input: everything that can fail gives a Result.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "result.hpp"
#include "token.hpp"

namespace spdlog {
class logger;
}

namespace tenon {

// A stream callback answers keep_going or enough.
inline constexpr bool keep_going = true;
inline constexpr bool enough = false;
using StreamFn = std::function<bool(std::string_view text)>;
// What is being loaded and how far (0 … 1); false gives up.
using LoadProgressFn = std::function<bool(std::string_view stage, double fraction)>;

// Where the time before the first request went, in milliseconds; bytes beside it.
struct LoadTimings {
  double plugins_ms = 0, open_ms = 0, map_ms = 0, header_ms = 0, tokenizer_ms = 0, devices_ms = 0,
         plan_ms = 0, touch_ms = 0, repack_ms = 0, upload_ms = 0, compile_ms = 0, warmup_ms = 0;
  double ready_ms = 0;  // from build() to ready: includes everything above
  std::uint64_t bytes_mapped = 0, bytes_borrowed = 0, bytes_packed = 0, bytes_uploaded = 0;
};

struct Timings {
  double ttft_ms = 0;     // request accepted -> first text available
  double prefill_ms = 0;  // computing the prompt; sampling excluded
  double decode_ms = 0;   // computing the tokens after the first; sampling excluded
  double prefill_tps = 0, decode_tps = 0;
  double sampling_us_per_token = 0;
};

enum class FinishReason : std::uint8_t { stop, length, cancelled };
std::string_view to_string(FinishReason reason);

struct Usage {
  std::int64_t prompt_tokens = 0, completion_tokens = 0;
  std::int64_t cached_tokens = 0;  // of the prompt: still stored from the request before
};

struct Reply {
  std::string text;
  std::vector<Token> tokens;
  FinishReason finish_reason = FinishReason::stop;
  Usage usage;
  std::uint64_t seed = 0;
  Timings timings;
};

// Bytes by pool. planned is known before anything is allocated.
struct MemoryUse {
  std::uint64_t weights_mapped = 0, weights_packed = 0, kv = 0, activations = 0, scratch = 0,
                staging = 0;
  std::uint64_t planned = 0, allocated = 0;
};

struct NodePlan {
  std::string name, op, device, kernel, reason;
};
struct WeightPlan {
  std::string name, dtype, device, layout;
};
struct VerifiedKernel {
  std::string kernel;
  double nmse = 0;  // against the reference
};
struct Plan {
  std::vector<std::string> devices;
  std::vector<NodePlan> nodes;
  std::vector<WeightPlan> weights;
  std::vector<VerifiedKernel> verified;  // with verify_kernels
  std::vector<std::int64_t> variants;    // rows each compiled variant takes
  std::size_t segments = 0;
  std::int64_t n_ctx = 0;
  MemoryUse memory;
};

// For programs, not for libraries: from now on a model file that is cut short or cannot be read
// while it is in use fails the request (ErrorCode::failed, "model_io_error") and not the process.
// Installs a handler for SIGBUS; what is not its own goes to the handler that was there before.
Status guard_mapped_files();

class Engine;

// One request under construction; stream() or run() executes it. One at a time per engine.
class Request {
 public:
  // The turns of the conversation so far, in order; the last one is usually the user's. What a
  // prompt shares with the request before is not computed again.
  Request& message(std::string role, std::string text);
  Request& system(std::string text);
  Request& user(std::string text);
  Request& assistant(std::string text);

  // A variable of the chat template, such as enable_thinking: "false". Errors of the JSON text come
  // with stream() or run(): ErrorCode::usage.
  Request& template_argument(const std::string& name, std::string_view json);

  Request& temperature(float value);  // 0: greedy
  Request& top_k(int value);
  Request& top_p(float value);
  Request& min_p(float value);
  Request& typical(float value);
  Request& repeat_penalty(float value, int last_n = 64);
  Request& presence_penalty(float value);
  Request& frequency_penalty(float value);
  Request& logit_bias(Token id, float bias);
  Request& seed(std::uint64_t value);

  Request& max_tokens(std::int64_t n);  // default: until the model stops or the context is full
  Request& stop(std::string text);
  Request& ignore_eos(bool value = true);
  // From stream() or run(): a request that needs longer fails with ErrorCode::limit. Asked for
  // before each step; what has been streamed stays.
  Request& deadline(double seconds);
  // Non-zero ends the request; may be set from a signal handler or another thread.
  Request& cancel(const std::uint32_t* flag);

  Result<Reply> stream(const StreamFn& on_text);
  Result<Reply> run();

 private:
  friend class Engine;
  struct State;
  explicit Request(std::shared_ptr<State> state) : state_(std::move(state)) {}
  std::shared_ptr<State> state_;
};

struct LogitsOptions {
  std::int64_t chunk = 0;  // rows per step; 0: the engine's batch
  bool last_only = false;
  const std::uint32_t* cancel = nullptr;
};

// Movable. Requests of one engine run one at a time; different engines are independent.
class Engine {
 public:
  class Builder;
  static Builder builder();

  Engine(Engine&&) noexcept;
  Engine& operator=(Engine&&) noexcept;
  ~Engine();

  Request chat();                        // the model's chat template wraps the turns
  Request complete(std::string prompt);  // the prompt as it is

  // Calls `row` with the n_vocab logits of each position, in order.
  Status logits(std::span<const Token> tokens, const LogitsOptions& options,
                const std::function<Status(std::span<const float>)>& row);
  Result<std::vector<Token>> tokenize(std::string_view text, bool add_special = true,
                                      bool parse_special = true) const;

  std::int64_t n_vocab() const;
  std::int64_t n_ctx() const;
  const LoadTimings& load_timings() const;
  Plan plan() const;
  MemoryUse memory() const;
  std::string backend() const;               // "cpu", or "foreign + cpu"
  std::vector<std::string> kernels() const;  // ids in use, without repeats

 private:
  friend class Request;
  struct Impl;
  explicit Engine(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

class Engine::Builder {
 public:
  Builder();
  Builder(Builder&&) noexcept;
  ~Builder();

  Builder& model(std::filesystem::path path);
  Builder& backend(std::string spec);        // "auto", "cpu", "cpu/avx2", "cpu/0"
  Builder& context(std::int64_t positions);  // 0: the model's training context
  Builder& batch(std::int64_t rows);         // rows of one prefill step
  Builder& logits_rows(std::int64_t rows);   // rows of logits one step may give
  Builder& threads(std::uint32_t n);
  Builder& cache_type(std::string dtype);  // "f16", "f32", "q8_0"
  Builder& kernel(std::string rule);       // OP[DTYPES]@DEVICE=ID
  Builder& plugin(std::filesystem::path file);
  // Compare every kernel with the reference at load; a wrong one is ErrorCode::gate.
  Builder& verify_kernels(bool on);
  Builder& validate(bool on);  // log what host and plugins do against the contract; slower
  Builder& logger(std::shared_ptr<spdlog::logger> logger);
  Builder& on_progress(LoadProgressFn fn);
  Builder& cancel(const std::uint32_t* flag);

  Result<Engine> build();

 private:
  struct Options;
  std::unique_ptr<Options> options_;
};

}  // namespace tenon
