// Tenon's C++ API: open a model on the best backend,
// chat with it, read its logits, ask for its plan.
//   auto engine = tenon::Engine::builder().model("model.gguf").build();
//   if (!engine) {
//     std::cerr << engine.error().message() << '\n';
//     return static_cast<int>(engine.error().code());
//   }
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

#include "load_report.hpp"
#include "plugins.hpp"
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

struct Timings {
  double ttft_ms = 0;     // from stream() or run() to the first token's text
  double prefill_ms = 0;  // computing the prompt; sampling excluded
  double decode_ms = 0;   // computing the tokens after the first; sampling excluded
  double prefill_tps = 0, decode_tps = 0;
  double sampling_us_per_token = 0;
  double read_bytes_per_token = 0;  // by decode steps, from devices that the host cannot address
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
  std::string fallback;  // why a device failed and where the answer went on; "": it did not
  std::uint64_t seed = 0;
  Timings timings;
};

struct NodePlan {
  std::string name, op, device, kernel, reason;
  std::string pack;          // that brought the kernel; "" if it is the device's own
  std::uint32_t number = 0;  // which place() names; parts of a composite have that of the whole
};
struct WeightPlan {
  std::string name, dtype, device, layout;
};
struct VerifiedKernel {
  std::string kernel;
  double nmse = 0;  // against the reference
};
// What a model plans to take of one device.
struct DeviceMemory {
  std::string device;
  std::uint64_t planned = 0;
};
struct Plan {
  std::vector<std::string> devices;
  std::string place;  // what Builder::place takes to get this placement again
  std::vector<NodePlan> nodes;
  std::vector<WeightPlan> weights;
  std::vector<VerifiedKernel> verified;   // with verify_kernels
  std::vector<std::int64_t> bucket_rows;  // rows that each compiled shape bucket takes
  std::size_t partitions = 0;             // that a step is submitted in
  std::int64_t n_ctx = 0;
  MemoryUse memory;
  std::vector<DeviceMemory> memory_by_device;
};

// For programs, not for libraries: from now on a model file that is cut short or cannot be read
// while it is in use fails the request (ErrorCode::failed, "model_io_error") and not the process.
// Installs a handler for SIGBUS; what is not its own goes to the handler that was there before.
Status guard_mapped_files();

// What the engines of a process share: the plugins that one search found, the devices that are open
// with their threads, and an account of the memory that models planned on each. A value: copies are
// the same host. Any thread may use it.
class Host {
 public:
  // Errors: as of list_plugins.
  static Result<Host> create(const PluginSearch& search = {});

 private:
  friend class Engine;
  struct Impl;
  explicit Host(std::shared_ptr<Impl> impl) : impl_(std::move(impl)) {}
  std::shared_ptr<Impl> impl_;
};

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
  // Counted from stream() or run(): a request that needs longer fails with ErrorCode::limit, in the
  // middle of a step if the device can stop there. What has been streamed stays.
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
  std::int64_t batch = 0;  // rows per step; 0: the engine's batch
  bool last_only = false;
  const std::uint32_t* cancel = nullptr;
};

// Movable. Requests of one engine run one at a time; different engines may run at once, and take
// turns on devices that they share.
class Engine {
 public:
  class Builder;
  static Builder builder();           // on a host of its own
  static Builder builder(Host host);  // on one that is shared with other engines

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
  std::string backend() const;               // "cpu", or "vulkan/0 + cpu"
  std::vector<std::string> kernels() const;  // ids in use, without repeats

 private:
  friend class Request;
  struct Impl;
  explicit Engine(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

class Engine::Builder {
 public:
  explicit Builder(std::optional<Host> host = std::nullopt);
  Builder(Builder&&) noexcept;
  ~Builder();

  Builder& model(std::filesystem::path path);
  Builder& backend(std::string spec);  // "auto", "cpu", "cpu/avx2", "cpu/0"
  // Parts of the model on devices by name: "layers 0-11=vulkan/0, output=vulkan/0, rest=cpu". Parts
  // are layers, embed (what comes before them), output (what follows), nodes (by NodePlan::number)
  // and rest, which is on backend() if nothing is said of it.
  Builder& place(std::string rules);
  // "auto" or a number: so many layers, the last ones, and the output with them run on the device of
  // backend(), the rest on the first device with host memory; all of it when there are no more.
  // "auto": as many as fit into the memory of that device.
  Builder& gpu_layers(std::string count);
  // Where an answer goes on whose device fails: computed there again, with a warning in the log, and
  // what follows stays there. Otherwise such a request ends with ErrorCode::failed.
  Builder& fallback(std::string spec);
  Builder& context(std::int64_t positions);  // 0: the model's training context
  Builder& batch(std::int64_t rows);         // rows of one prefill step
  Builder& logits_rows(std::int64_t rows);   // rows of logits one step may give
  // Pages of the cache, of 64 positions each; 0: what the whole context needs. Layers with a window
  // never take more than the window needs.
  Builder& kv_pages(std::uint64_t n);
  Builder& threads(std::uint32_t n);
  Builder& cache_type(std::string dtype);       // "f16", "f32", "q8_0"
  Builder& kernel(std::string rule);            // OP[DTYPES]@DEVICE=ID
  Builder& plugin(std::filesystem::path file);  // not with a shared host, which has its own
  // Compare every kernel with the reference at load; a wrong one is ErrorCode::gate.
  Builder& verify_kernels(bool on);
  Builder& validate(bool on);  // log what host and plugins do against the contract; slower
  Builder& logger(std::shared_ptr<spdlog::logger> logger);
  Builder& on_progress(LoadProgressFn fn);
  Builder& cancel(const std::uint32_t* flag);

  // Errors: ErrorCode::usage, model, unavailable (no device, plugin or kernel), limit (memory),
  // gate (verify_kernels) and cancelled. May be called again.
  Result<Engine> build();

 private:
  Result<Host> find_host() const;
  struct Options;
  std::unique_ptr<Options> options_;
};

}  // namespace tenon
