// The order of the phases, and the options they start from.
#include "framework/engine/load/loader.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "framework/base/process_memory.hpp"
#include "framework/base/raised.hpp"
#include "framework/engine/load/caches.hpp"

namespace tenon {
namespace {

constexpr std::uint32_t k_max_threads = 512;
constexpr std::uint64_t k_max_pages = std::uint64_t{1} << 24;  // a slot number has 31 bits

Status check(const LoadOptions& o, const Model& model) {
  if (o.batch < 1 || o.batch > 65536)
    return fail(ErrorCode::usage, "the batch must be 1 to 65536 rows");
  if (o.n_threads > k_max_threads)
    return fail(ErrorCode::usage,
                "there may be at most " + std::to_string(k_max_threads) + " threads");
  if (o.max_sequences < 1 || o.max_sequences > 4096)
    return fail(ErrorCode::usage, "there must be 1 to 4096 sequences");
  if (o.kv_pages > k_max_pages)
    return fail(ErrorCode::usage,
                "there may be at most " + std::to_string(k_max_pages) + " pages of cache");
  if (o.n_ctx < 0 || (o.n_ctx - 1) / 64 >= model.n_ctx_train())
    return fail(ErrorCode::usage, "a context of " + std::to_string(o.n_ctx) +
                                      " is out of range; the model was trained with " +
                                      std::to_string(model.n_ctx_train()));
  if (find_dtype(o.cache_type) == nullptr)
    return fail(ErrorCode::usage, "there is no cache type \"" + o.cache_type + "\"",
                Setting::cache_type);
  if (o.split && !o.place.empty())
    return fail(ErrorCode::usage, "GPU layers and a placement say the same: give one of the two",
                Setting::backend);
  return {};
}

// What devices with memory of their own have free, all together.
std::uint64_t free_elsewhere(const GraphContext& context, Devices& devices) {
  std::uint64_t bytes = 0;
  for (const Target& t : context.targets)
    if (!t.device.host_memory()) bytes += devices.available(t.device).value_or(0);
  return bytes;
}

}  // namespace

Status LoadReport::go_on() const {
  return raised(cancel) ? fail(ErrorCode::cancelled, "loading was cancelled") : Status();
}

Status LoadReport::at(std::string_view stage, double fraction) const {
  if (Status s = go_on(); !s) return s;
  if (progress && !progress(stage, fraction))
    return fail(ErrorCode::cancelled, "loading was cancelled");
  return {};
}

KernelSources kernel_sources(const Catalog& catalog, const std::vector<KernelRule>& rules) {
  return {catalog.kernels(), catalog.packs(), catalog.layouts(), rules};
}

namespace {

Status fill(LoadedModel& loaded, Devices& devices, LoadReport& report) {
  if (Status s = load_weights(loaded, report); !s) return s;
  if (Status s = verify_bound_kernels(loaded, devices.catalog(), report); !s) return s;
  if (Status s = create_caches(loaded); !s) return s;
  if (Status s = allocate_arenas(loaded.context, loaded.buckets); !s) return s;
  return compile_buckets(loaded, devices, report);
}

// The memory was granted and is gone: somebody else took it meanwhile.
Error refused_late(const Error& error, const LoadedModel& loaded) {
  if (error.code() != ErrorCode::limit) return error;
  std::string text = error.message();
  for (const MemoryNeed& need : loaded.reservation.needs())
    if (const auto free = free_bytes(need.device))
      text += fmt::format("; {}: needed {} MiB, available now {} MiB", need.device.info().label(),
                          (need.bytes >> 20) + 1, *free >> 20);
  const bool own = !loaded.context.targets[0].device.host_memory();
  return Error(error.code(), text, own ? Setting::backend : error.setting());
}

}  // namespace

Result<LoadedModel> load_model(const Model& model, Devices& devices, LoadOptions options,
                               LoadReport& report) {
  if (Status s = check(options, model); !s) return fail(s);
  auto loaded = place_model(model, devices, std::move(options), report);
  if (!loaded) return loaded;
  const std::uint64_t before = private_bytes();
  const std::uint64_t free_before = free_elsewhere(loaded->context, devices);
  if (Status s = fill(*loaded, devices, report); !s)
    return tl::unexpected(refused_late(s.error(), *loaded));
  const std::uint64_t after = private_bytes();
  const std::uint64_t free_after = free_elsewhere(loaded->context, devices);
  report.memory.allocated =
      after - std::min(after, before) + free_before - std::min(free_before, free_after);
  return loaded;
}

Status verify_bound_kernels(LoadedModel& loaded, const Catalog& catalog, const LoadReport& report) {
  if (!loaded.options.verify_kernels) return {};
  if (Status s = report.at("verify", 0); !s) return s;
  auto checks = verify_kernels(loaded.context, loaded.buckets,
                               kernel_sources(catalog, loaded.options.rules), *loaded.model);
  if (!checks) return fail(checks);
  loaded.verified = std::move(*checks);
  return {};
}

}  // namespace tenon
