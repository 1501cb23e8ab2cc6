// A runtime over the same steps.
#include "framework/bisect/whole.hpp"

namespace tenon {

Result<std::vector<float>> whole_logits(const Model& model, Devices& devices, LoadOptions options,
                                        std::span<const ModelStep> steps) {
  LoadReport report;
  auto runtime = start_runtime(model, devices, std::move(options), report);
  if (!runtime) return fail(runtime);
  const auto id = (*runtime)->open_sequence();
  if (!id) return fail(id);
  (*runtime)->set_long(*id, model.is_long(steps.back().extents[TN_SYM_END]));
  std::vector<float> all;
  for (const ModelStep& step : steps) {
    std::vector<StepRow> rows;
    for (const Token token : step.inputs.find("tokens")->second)
      rows.push_back({token, *id, false});
    rows.back().wants_logits = true;
    const auto logits = (*runtime)->step(rows, nullptr);
    if (!logits) return fail(logits);
    all.insert(all.end(), logits->begin(), logits->end());
  }
  return all;
}

}  // namespace tenon
