// Loading: a model, its devices and options become what steps run on, phase by phase.
#pragma once

#include <functional>
#include <string_view>

#include "framework/engine/load/caches.hpp"
#include "framework/engine/load/device_choice.hpp"
#include "framework/engine/load/devices.hpp"
#include "framework/engine/load/parts.hpp"
#include "framework/engine/verify/verify_kernels.hpp"
#include "framework/include/tenon/load_report.hpp"

namespace tenon {

// What is being loaded and how far: 0 … 1. Return false to give up (ErrorCode::cancelled).
using ProgressFn = std::function<bool(std::string_view stage, double fraction)>;

struct LoadOptions {
  std::string backend = "auto";
  std::string cache_type = "f16";
  std::int64_t n_ctx = 0;         // 0: the model's training context, as far as memory goes
  std::int64_t batch = 512;       // rows of one prefill step
  std::int64_t max_out_rows = 0;  // rows of logits per step; 0: one per sequence
  std::uint32_t max_sequences = 1;
  std::uint64_t kv_pages = 0;  // of each group of the cache, at most; 0: what all sequences need
  std::uint32_t n_threads = 0;
  bool validate = false;  // devices with the validation layer
  bool verify_kernels = false;
  std::vector<KernelRule> rules;
};

// What the phases fill, and who is told of them. Lives as long as the load.
struct LoadReport {
  LoadTimings timings;
  MemoryUse memory;
  ProgressFn progress;
  const std::uint32_t* cancel = nullptr;

  // Errors: ErrorCode::cancelled when the flag is raised or the callback gives up.
  Status at(std::string_view stage, double fraction) const;
};

// A model on its devices: placed, its weights and caches in place, its shape buckets compiled. The
// model and the Devices must outlive it.
struct LoadedModel {
  const Model* model = nullptr;
  LoadOptions options;  // as they are in effect: the context and batch that were chosen
  const DType* cache_dtype = nullptr;
  std::vector<KvGroup> kv_groups;  // by KvState::group
  Devices::Reservation reservation;
  GraphContext context;
  std::vector<ShapeBucket> buckets;  // by rows, smallest first
  std::vector<KernelCheck> verified;
};

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
