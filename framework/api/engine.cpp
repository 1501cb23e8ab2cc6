// Engine and its builder: the public face of model, runtime and generation.
#include <spdlog/spdlog.h>

#include <algorithm>

#include "framework/api/engine_impl.hpp"
#include "framework/base/mapping_guard.hpp"
#include "framework/base/stopwatch.hpp"
#include "framework/graph/op_info.hpp"

namespace tenon {
namespace {

void log_plugins(spdlog::logger& logger, const Catalog& catalog) {
  for (const Candidate& c : catalog.candidates())
    logger.debug("plugin {}: {}", c.path.string(), c.loaded ? "loaded" : "refused: " + c.reason);
}

}  // namespace

struct Engine::Builder::Options {
  std::filesystem::path model;
  std::vector<std::filesystem::path> plugins;
  std::vector<std::string> rules;
  std::shared_ptr<spdlog::logger> logger;
  RuntimeOptions runtime;
};

Engine::Builder::Builder() : options_(std::make_unique<Options>()) {}
Engine::Builder::Builder(Builder&&) noexcept = default;
Engine::Builder::~Builder() = default;

Engine::Builder& Engine::Builder::model(std::filesystem::path path) {
  return options_->model = std::move(path), *this;
}
Engine::Builder& Engine::Builder::backend(std::string spec) {
  return options_->runtime.backend = std::move(spec), *this;
}
Engine::Builder& Engine::Builder::context(std::int64_t n) {
  return options_->runtime.n_ctx = n, *this;
}
Engine::Builder& Engine::Builder::batch(std::int64_t rows) {
  return options_->runtime.chunk = rows, *this;
}
Engine::Builder& Engine::Builder::logits_rows(std::int64_t rows) {
  return options_->runtime.max_out_rows = rows, *this;
}
Engine::Builder& Engine::Builder::threads(std::uint32_t n) {
  return options_->runtime.n_threads = n, *this;
}
Engine::Builder& Engine::Builder::cache_type(std::string dtype) {
  return options_->runtime.cache_type = std::move(dtype), *this;
}
Engine::Builder& Engine::Builder::kernel(std::string rule) {
  options_->rules.push_back(std::move(rule));
  return *this;
}
Engine::Builder& Engine::Builder::plugin(std::filesystem::path file) {
  options_->plugins.push_back(std::move(file));
  return *this;
}
Engine::Builder& Engine::Builder::verify_kernels(bool on) {
  return options_->runtime.verify_kernels = on, *this;
}
Engine::Builder& Engine::Builder::validate(bool on) {
  return options_->runtime.validate = on, *this;
}
Engine::Builder& Engine::Builder::logger(std::shared_ptr<spdlog::logger> logger) {
  return options_->logger = std::move(logger), *this;
}
Engine::Builder& Engine::Builder::on_progress(LoadProgressFn fn) {
  return options_->runtime.progress = std::move(fn), *this;
}
Engine::Builder& Engine::Builder::cancel(const std::uint32_t* flag) {
  return options_->runtime.cancel = flag, *this;
}

Result<Engine> Engine::Builder::build() {
  Stopwatch total;
  auto impl = std::make_unique<Impl>(options_->logger);
  for (const std::string& text : options_->rules) {
    auto rule = parse_kernel_rule(text);
    if (!rule) return fail(rule);
    options_->runtime.rules.push_back(std::move(*rule));
  }
  ScanOptions scan = ScanOptions::standard();
  scan.files = options_->plugins;
  auto catalog = Catalog::scan(impl->host, scan);
  if (!catalog) return fail(catalog);
  impl->catalog.emplace(std::move(*catalog));
  if (options_->logger) log_plugins(*options_->logger, *impl->catalog);
  impl->load.plugins_ms = total.lap_ms();
  auto model = Model::open(options_->model, impl->host, *impl->catalog);
  if (!model) return fail(model);
  impl->model.emplace(std::move(*model));
  impl->prompts = PromptWriter::read(impl->model->file().metadata(), impl->model->file().name(),
                                     impl->model->tokenizer().vocab());
  auto runtime = Runtime::create(*impl->model, impl->host, *impl->catalog, options_->runtime);
  if (!runtime) return fail(runtime);
  impl->runtime = std::move(*runtime);

  LoadTimings& t = impl->load;
  const ModelTimes& m = impl->model->times();
  const LoadTimes& r = impl->runtime->load_times();
  t.open_ms = m.open_ms;
  t.map_ms = m.map_ms;
  t.header_ms = m.header_ms;
  t.tokenizer_ms = m.tokenizer_ms;
  t.devices_ms = r.devices_ms;
  t.plan_ms = r.plan_ms + m.declare_ms;
  t.touch_ms = r.touch_ms;
  t.repack_ms = r.repack_ms;
  t.upload_ms = r.upload_ms;
  t.compile_ms = r.compile_ms;
  t.warmup_ms = r.warmup_ms;
  t.bytes_mapped = r.bytes_mapped;
  t.bytes_borrowed = r.bytes_borrowed;
  t.bytes_packed = r.bytes_packed;
  t.bytes_uploaded = r.bytes_uploaded;
  t.ready_ms = total.elapsed_ms();
  Engine engine(std::move(impl));
  if (options_->logger)
    options_->logger->debug("{}: ready after {:.0f} ms on {}, {} positions",
                            options_->model.string(), t.ready_ms, engine.backend(), engine.n_ctx());
  return engine;
}

Status guard_mapped_files() { return install_mapping_guard(); }

Engine::Builder Engine::builder() { return {}; }
Engine::Engine(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Engine::Engine(Engine&&) noexcept = default;
Engine& Engine::operator=(Engine&&) noexcept = default;
Engine::~Engine() = default;

Request Engine::chat() {
  auto state = std::make_shared<Request::State>();
  state->engine = impl_.get();
  return Request(std::move(state));
}

Request Engine::complete(std::string prompt) {
  Request request = chat();
  request.state_->raw = true;
  request.state_->prompt = std::move(prompt);
  return request;
}

Result<std::vector<Token>> Engine::tokenize(std::string_view text, bool add_special,
                                            bool parse_special) const {
  return impl_->model->tokenizer().encode(text, {add_special, parse_special});
}

std::int64_t Engine::n_vocab() const { return impl_->model->n_vocab(); }
std::int64_t Engine::n_ctx() const { return impl_->runtime->n_ctx(); }
const LoadTimings& Engine::load_timings() const { return impl_->load; }

}  // namespace tenon
