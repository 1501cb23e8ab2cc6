// The context, and the layers on the home device, that fit into memory.
#include <algorithm>

#include "framework/base/stopwatch.hpp"
#include "framework/engine/load/caches.hpp"
#include "framework/engine/load/planning.hpp"

namespace tenon {
namespace {

constexpr std::int64_t k_most_default_context = std::int64_t{1} << 20;
constexpr std::int64_t k_least_context = 512;  // what a default context may shrink to
// A default context rather shrinks to this than that layers leave the home device.
constexpr std::int64_t k_ample_context = 8192;

std::string megabytes(std::uint64_t bytes) {
  return std::to_string((bytes + (1u << 20) - 1) >> 20) + " MiB";
}

// What the model was trained for, unless the file claims something absurd.
std::int64_t default_context(const Model& model) {
  return std::min(model.n_ctx_train(), k_most_default_context);
}

Error too_little(const Error& error, const MemoryUse& m, bool split) {
  return Error(error.code(),
               error.message() + " (weights " + megabytes(m.weights_packed + m.weights_uploaded) +
                   ", cache " + megabytes(m.kv) + ", activations " + megabytes(m.activations) +
                   ", scratch " + megabytes(m.scratch) + "); a smaller context needs less" +
                   (split ? ", and so do fewer layers" : ""),
               split ? Setting::backend : Setting::context);
}

class Fitter {
 public:
  Fitter(LoadedModel& loaded, Devices& devices, LoadReport& report)
      : loaded_(loaded), devices_(devices), report_(report), asked_(loaded.options) {}

  // A context that was asked for must fit; the default one shrinks until it does.
  Status run() {
    const bool automatic = asked_.split && asked_.split->automatic;
    const std::int64_t most = asked_.split ? asked_.split->layers : 0;
    std::int64_t n_ctx = asked_.n_ctx == 0 ? default_context(*loaded_.model) : asked_.n_ctx;
    for (;; n_ctx /= 2) {
      const bool smaller = asked_.n_ctx == 0 && n_ctx / 2 >= k_ample_context;
      const auto fits = automatic && !smaller ? fit_layers(n_ctx, most) : plan(n_ctx, most);
      if (!fits) return fail(fits);
      if (*fits) return {};
      if (asked_.n_ctx != 0 || n_ctx / 2 < k_least_context)
        return tl::unexpected(
            too_little(*refusal_, report_.memory, asked_.split && !automatic && most > 0));
    }
  }

 private:
  // Whether it fits; then the memory is reserved. The graph is built anew each time: its block
  // tables are as wide as the context.
  Result<bool> plan(std::int64_t n_ctx, std::int64_t layers) {
    LoadOptions& o = loaded_.options;
    o = asked_;
    o.n_ctx = n_ctx;
    if (o.split) o.split->layers = layers;
    o.batch = std::min(o.batch, n_ctx * o.max_sequences);
    o.max_out_rows = std::min(o.max_out_rows == 0 ? o.max_sequences : o.max_out_rows, o.batch);
    loaded_.reservation = {};
    plan_groups(loaded_);
    if (Status s = report_.at("plan", 0); !s) return fail(s);
    if (Status s = plan_graph(loaded_, devices_.catalog(), report_); !s) return fail(s);
    if (Status s = plan_buckets(loaded_, report_); !s) return fail(s);
    if (Status s = bind_buckets(loaded_, devices_.catalog(), report_); !s) return fail(s);
    const auto needs = plan_needs(loaded_, report_.memory);
    if (!needs) return fail(needs);
    const Status reserved = devices_.reserve(*needs, loaded_.reservation);
    report_.timings.plan_ms = watch_.elapsed_ms();
    if (reserved) return report_.gpu_layers = o.split ? o.split->layers : 0, true;
    if (reserved.error().code() != ErrorCode::limit) return fail(reserved);
    refusal_ = reserved.error();
    return false;
  }

  // As many layers as fit, by halving: each try plans the whole model, so nothing is estimated.
  Result<bool> fit_layers(std::int64_t n_ctx, std::int64_t most) {
    auto fits = plan(n_ctx, most);
    if (!fits || *fits) return fits;
    std::int64_t low = 0, high = loaded_.options.split->layers;  // `high` is too many
    while (low < high) {
      const std::int64_t middle = low + (high - low) / 2;
      fits = plan(n_ctx, middle);
      if (!fits) return fits;
      (*fits ? low : high) = *fits ? middle + 1 : middle;
    }
    if (low == 0) return false;
    return *fits ? fits : plan(n_ctx, low - 1);
  }

  LoadedModel& loaded_;
  Devices& devices_;
  LoadReport& report_;
  const LoadOptions asked_;
  const Stopwatch watch_;
  std::optional<Error> refusal_;
};

}  // namespace

Status fit_into_memory(LoadedModel& loaded, Devices& devices, LoadReport& report) {
  return Fitter(loaded, devices, report).run();
}

}  // namespace tenon
