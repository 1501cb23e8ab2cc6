// LoadedModel: what loading fills in, phase by phase, from a model, its devices and options.
#pragma once

#include <functional>
#include <string_view>
#include <vector>

#include "framework/engine/load/devices.hpp"
#include "framework/engine/load/parts.hpp"
#include "framework/engine/verify/verify_kernels.hpp"
#include "framework/include/tenon/load_report.hpp"
#include "framework/placement/place_rules.hpp"

namespace tenon {

// What is being loaded and how far: 0 … 1. Return false to give up (ErrorCode::cancelled).
using ProgressFn = std::function<bool(std::string_view stage, double fraction)>;

// How many layers the home device gets, the last ones; the rest goes to the first device with host
// memory.
struct LayerSplit {
  bool automatic = false;           // as many as fit
  std::int64_t layers = INT64_MAX;  // at most, and once a model is placed: so many
};
// "auto" or a number.
Result<LayerSplit> parse_gpu_layers(const std::string& text);

struct LoadOptions {
  std::string backend = "auto";
  std::vector<PlaceRule> place;     // what they do not name runs on `backend`
  std::optional<LayerSplit> split;  // instead of rules
  std::string cache_type = "f16";
  std::int64_t n_ctx = 0;         // 0: the model's training context, as far as memory goes
  std::int64_t batch = 512;       // rows of one prefill step
  std::int64_t max_out_rows = 0;  // rows of logits per step; 0: one per sequence
  std::uint32_t max_sequences = 1;
  std::uint64_t kv_pages = 0;  // of each group of the cache, at most; 0: what all sequences need
  std::uint32_t n_threads = 0;
  bool validate = false;  // devices with the validation layer
  bool verify_kernels = false;
  std::optional<bool> tail = {};  // of the graph; none: where the logits are not in host memory
  std::vector<KernelRule> rules;
};

// What the phases fill, and who is told of them. Lives as long as the load.
struct LoadReport {
  LoadTimings timings;
  MemoryUse memory;
  ProgressFn progress;
  const std::uint32_t* cancel = nullptr;
  std::int64_t gpu_layers = 0;  // how many were planned, with a split

  // Errors: ErrorCode::cancelled when the flag is raised.
  Status go_on() const;
  // The same, and when the callback gives up.
  Status at(std::string_view stage, double fraction) const;
};

// States whose rows live equally long; they share block tables and page ids.
struct KvGroup {
  std::int64_t window;    // positions that a row reads at most; 0: all
  std::uint64_t n_pages;  // of the pool
};

// A model on its devices: placed, its weights and caches in place, its shape buckets compiled. The
// model and the Devices must outlive it.
struct LoadedModel {
  const Model* model = nullptr;
  LoadOptions options;  // as they are in effect: the context and batch that were chosen
  const DType* cache_dtype = nullptr;
  std::vector<KvGroup> kv_groups;  // by KvState::group
  Devices::Reservation reservation;
  std::vector<PlaceRule> place;  // what was wanted of each device, with the devices that were found
  GraphContext context;
  std::vector<ShapeBucket> buckets;  // by rows, smallest first
  std::vector<KernelCheck> verified;
};

}  // namespace tenon
