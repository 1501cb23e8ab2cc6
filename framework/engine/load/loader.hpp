// Loading: a model, its devices and options become what steps run on, phase by phase.
#pragma once

#include "framework/engine/load/loaded_model.hpp"

namespace tenon {

// All phases. Errors: ErrorCode::usage for options out of range, ErrorCode::unavailable without a
// device or kernel, ErrorCode::limit without the memory, ErrorCode::model for weights that cannot
// be read, ErrorCode::gate, ErrorCode::cancelled.
Result<LoadedModel> load_model(const Model& model, Devices& devices, LoadOptions options,
                               LoadReport& report);

// The phases, in their order; each needs what the ones before it filled in.
Result<LoadedModel> place_model(const Model& model, Devices& devices, LoadOptions options,
                                LoadReport& report);
Status load_weights(LoadedModel& loaded, LoadReport& report);
Status verify_bound_kernels(LoadedModel& loaded, const Catalog& catalog, const LoadReport& report);
Status compile_buckets(LoadedModel& loaded, Devices& devices, LoadReport& report);

// The kernels, packs and layouts of a catalog, with the user's rules.
KernelSources kernel_sources(const Catalog& catalog, const std::vector<KernelRule>& rules);

}  // namespace tenon
