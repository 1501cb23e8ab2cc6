// Loading and a first step, with fewer layers on the home device if its memory is refused late.
#include <algorithm>

#include "framework/base/stopwatch.hpp"
#include "framework/engine/step/runtime.hpp"

namespace tenon {
namespace {

Result<std::unique_ptr<Runtime>> start_once(const Model& model, Devices& devices,
                                            LoadOptions options, LoadReport& report) {
  auto loaded = load_model(model, devices, std::move(options), report);
  if (!loaded) return fail(loaded);
  auto runtime = std::make_unique<Runtime>(std::move(*loaded));
  Stopwatch watch;
  const auto id = runtime->open_sequence();
  if (!id) return fail(id);
  const StepRow row{0, *id, true};
  const auto logits = runtime->step({&row, 1}, report.cancel);
  runtime->close_sequence(*id);
  if (Status whole = model.check_file(ErrorCode::model); !whole) return fail(whole);
  if (!logits) return fail(logits);
  report.timings.warmup_ms = watch.lap_ms();
  if (Status s = report.at("ready", 1); !s) return fail(s);
  return runtime;
}

}  // namespace

// What fits is asked anew each time; that it becomes less and less ends this.
Result<std::unique_ptr<Runtime>> start_runtime(const Model& model, Devices& devices,
                                               LoadOptions options, LoadReport& report) {
  for (;;) {
    const LoadTimings before = report.timings;
    report.gpu_layers = 0;
    auto runtime = start_once(model, devices, options, report);
    const bool again = !runtime && runtime.error().code() == ErrorCode::limit && options.split &&
                       options.split->automatic && report.gpu_layers > 0;
    if (!again) return runtime;
    options.split->layers = report.gpu_layers - std::max<std::int64_t>(1, report.gpu_layers / 8);
    report.timings = before;
  }
}

}  // namespace tenon
