// One file for each device, beside that of its pipelines.
#include "self_test.hpp"

#include "backends/gpu/file_cache.hpp"
#include "memory_key.hpp"

namespace tenon::vulkan {
namespace {

constexpr const char* k_what = "self-test";

}  // namespace

std::optional<std::vector<gpu::Dropped>> known_test(const Physical& physical, const Lies& lies) {
  const auto bytes = gpu::FileCache::of_user("vulkan").find(memory_key(physical, lies, k_what));
  if (!bytes) return std::nullopt;
  return gpu::from_text({reinterpret_cast<const char*>(bytes->data()), bytes->size()});
}

tn_status test_once(const tn_host* host, Gpu& gpu, sdk::Device& device) {
  const Requests& asked = gpu.requests();
  const Lies& lies = asked.lies;
  // What is not the driver's doing must not be remembered of it.
  if (lies.has("untested") || asked.faults.any() || asked.adversary.active()) return TN_OK;
  auto dropped = known_test(gpu.physical(), lies);
  if (!dropped) {
    dropped.emplace();
    const tn_status status = gpu::test_device(host, device, *dropped);
    if (status != TN_OK) return status;
    const std::string text = gpu::to_text(*dropped);
    const auto bytes = std::as_bytes(std::span(text));
    gpu::FileCache::of_user("vulkan").keep(memory_key(gpu.physical(), lies, k_what),
                                           {bytes.begin(), bytes.end()});
  }
  for (const gpu::Dropped& d : *dropped)
    host->log(
        host->ctx, TN_LOG_WARN, "vulkan",
        (gpu.physical().name + ": the kernel " + d.kernel + " is not used; " + d.why).c_str());
  gpu.drop(std::move(*dropped));
  return TN_OK;
}

}  // namespace tenon::vulkan
