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
  for (const ListedPlugin& c : catalog.candidates())
    logger.debug("plugin {}: {}", c.path.string(), c.loaded ? "loaded" : "refused: " + c.reason);
}

// It is asked for when something has failed: that there is such a backend is known before.
Result<BackendSpec> find_fallback(const std::string& text, const Catalog& catalog) {
  auto spec = parse_backend(text);
  if (!spec || spec->automatic()) return spec;
  const bool known = std::ranges::any_of(
      catalog.backends(), [&](const BackendOffer& b) { return b.desc->id == spec->backend; });
  if (known) return spec;
  return fail(ErrorCode::unavailable, "there is no backend " + spec->backend + " to fall back to",
              Setting::backend);
}

}  // namespace

struct Engine::Builder::Options {
  std::filesystem::path model;
  std::vector<std::filesystem::path> plugins;
  std::vector<std::string> rules;
  std::shared_ptr<spdlog::logger> logger;
  LoadOptions load;
  ProgressFn progress;
  const std::uint32_t* cancel = nullptr;
  std::optional<Host> host;
  std::string place, gpu_layers, fallback;  // "": none

  Result<LoadOptions> load_options() const;
};

// The texts of users, understood.
Result<LoadOptions> Engine::Builder::Options::load_options() const {
  LoadOptions all = load;
  for (const std::string& text : rules) {
    auto rule = parse_kernel_rule(text);
    if (!rule) return fail(rule);
    all.rules.push_back(std::move(*rule));
  }
  if (!place.empty()) {
    auto placed = parse_place(place);
    if (!placed) return fail(placed);
    all.place = std::move(*placed);
  }
  if (!gpu_layers.empty()) {
    const auto split = parse_gpu_layers(gpu_layers);
    if (!split) return fail(split);
    all.split = *split;
  }
  return all;
}

Engine::Builder::Builder(std::optional<Host> host) : options_(std::make_unique<Options>()) {
  options_->host = std::move(host);
}
Engine::Builder::Builder(Builder&&) noexcept = default;
Engine::Builder::~Builder() = default;

Engine::Builder& Engine::Builder::model(std::filesystem::path path) {
  return options_->model = std::move(path), *this;
}
Engine::Builder& Engine::Builder::backend(std::string spec) {
  return options_->load.backend = std::move(spec), *this;
}
Engine::Builder& Engine::Builder::place(std::string rules) {
  return options_->place = std::move(rules), *this;
}
Engine::Builder& Engine::Builder::gpu_layers(std::string count) {
  return options_->gpu_layers = std::move(count), *this;
}
Engine::Builder& Engine::Builder::fallback(std::string spec) {
  return options_->fallback = std::move(spec), *this;
}
Engine::Builder& Engine::Builder::context(std::int64_t n) {
  return options_->load.n_ctx = n, *this;
}
Engine::Builder& Engine::Builder::batch(std::int64_t rows) {
  return options_->load.batch = rows, *this;
}
Engine::Builder& Engine::Builder::logits_rows(std::int64_t rows) {
  return options_->load.max_out_rows = rows, *this;
}
Engine::Builder& Engine::Builder::kv_pages(std::uint64_t n) {
  return options_->load.kv_pages = n, *this;
}
Engine::Builder& Engine::Builder::threads(std::uint32_t n) {
  return options_->load.n_threads = n, *this;
}
Engine::Builder& Engine::Builder::cache_type(std::string dtype) {
  return options_->load.cache_type = std::move(dtype), *this;
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
  return options_->load.verify_kernels = on, *this;
}
Engine::Builder& Engine::Builder::validate(bool on) { return options_->load.validate = on, *this; }
Engine::Builder& Engine::Builder::logger(std::shared_ptr<spdlog::logger> logger) {
  return options_->logger = std::move(logger), *this;
}
Engine::Builder& Engine::Builder::on_progress(LoadProgressFn fn) {
  return options_->progress = std::move(fn), *this;
}
Engine::Builder& Engine::Builder::cancel(const std::uint32_t* flag) {
  return options_->cancel = flag, *this;
}

Result<Host> Host::create(const PluginSearch& search) {
  ScanOptions scan = ScanOptions::standard();
  scan.files = search.files;
  auto impl = std::make_shared<Impl>(search.logger);
  auto catalog = Catalog::scan(impl->table, scan);
  if (!catalog) return fail(catalog);
  impl->catalog.emplace(std::move(*catalog));
  impl->devices.emplace(impl->table, *impl->catalog, default_speed_cache());
  if (search.logger) log_plugins(*search.logger, *impl->catalog);
  return Host(std::move(impl));
}

Result<Host> Engine::Builder::find_host() const {
  if (!options_->host) return Host::create({options_->plugins, options_->logger});
  if (!options_->plugins.empty())
    return fail(ErrorCode::usage, "the plugins of a shared host are named when it is made");
  return *options_->host;
}

Result<Engine> Engine::Builder::build() {
  Stopwatch total;
  LoadReport report{{}, {}, options_->progress, options_->cancel};
  auto load = options_->load_options();
  if (!load) return fail(load);
  auto host = find_host();
  if (!host) return fail(host);
  const double plugins_ms = total.lap_ms();
  auto impl = std::make_unique<Impl>(std::move(host->impl_));
  const Host::Impl& shared = *impl->host;
  if (!options_->fallback.empty()) {
    auto fallback = find_fallback(options_->fallback, *shared.catalog);
    if (!fallback) return fail(fallback);
    impl->fallback = std::move(*fallback);
  }
  auto model = Model::open(options_->model, shared.table, *shared.catalog);
  if (!model) return fail(model);
  impl->model.emplace(std::move(*model));
  impl->prompts = PromptWriter::read(impl->model->file().metadata(), impl->model->file().name(),
                                     impl->model->tokenizer().vocab());
  report.timings = impl->model->times();
  report.timings.plugins_ms = plugins_ms;
  if (options_->logger)
    for (const std::string& finding : impl->model->findings())
      options_->logger->warn("{}: {}", options_->model.string(), finding);
  impl->logger = options_->logger;
  impl->load = *load;
  auto runtime = start_runtime(*impl->model, *impl->host->devices, std::move(*load), report);
  if (!runtime) return fail(runtime);
  impl->runtime = std::move(*runtime);
  impl->n_ctx = impl->runtime->n_ctx();
  report.timings.ready_ms = total.elapsed_ms();
  impl->timings = report.timings;
  impl->memory = report.memory;
  Engine engine(std::move(impl));
  const std::int64_t trained = engine.impl_->model->n_ctx_train();
  if (options_->logger && engine.n_ctx() > trained)
    options_->logger->warn(
        "a context of {} positions is above the {} that the model was trained with", engine.n_ctx(),
        trained);
  if (options_->logger)
    options_->logger->debug("{}: ready after {:.0f} ms on {}, {} positions",
                            options_->model.string(), report.timings.ready_ms, engine.backend(),
                            engine.n_ctx());
  return engine;
}

Result<Runtime*> Engine::Impl::ready() {
  if (runtime != nullptr && !runtime->loaded().context.lost()) return runtime.get();
  return reload();
}

Result<Runtime*> Engine::Impl::reload() {
  kept = {};  // its sequence goes with the runtime
  runtime.reset();
  LoadReport report{{}, {}, {}, nullptr};
  auto again = start_runtime(*model, *host->devices, load, report);
  if (!again) return fail(again);
  runtime = std::move(*again);
  n_ctx = runtime->n_ctx();
  memory = report.memory;
  return runtime.get();
}

// Pins for another device would be errors there.
Result<Runtime*> Engine::Impl::fall_back(const Error& why, std::string& notice) {
  const BackendSpec to = *std::exchange(fallback, std::nullopt);
  load.backend = to_string(to);
  load.place.clear();
  load.split.reset();
  std::erase_if(load.rules, [&](const KernelRule& rule) {
    return !rule.deny && !rule.device.empty() && rule.device != to.backend;
  });
  notice = why.message() + "; the answer goes on on " + load.backend;
  if (logger) logger->warn("{}", notice);
  return reload();
}

Status guard_mapped_files() { return install_mapping_guard(); }

Engine::Builder Engine::builder() { return Builder(); }
Engine::Builder Engine::builder(Host host) { return Builder(std::move(host)); }
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
std::int64_t Engine::n_ctx() const { return impl_->n_ctx; }
const LoadTimings& Engine::load_timings() const { return impl_->timings; }

}  // namespace tenon
