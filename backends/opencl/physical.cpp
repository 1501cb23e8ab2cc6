// Everything is asked of the device, nothing is inferred from its vendor.
#include "physical.hpp"

#include <algorithm>
#include <array>
#include <cstdio>

#include "backends/gpu/identity.hpp"

namespace tenon::opencl {
namespace {

constexpr uint64_t k_most_range = (uint64_t{1} << 32) - 256;  // kernels count words in 32 bits

// The properties of a device; 0 or "" where it has no answer.
struct Asked {
  const Api& api;
  cl_device_id device;

  template <class T>
  T number(cl_device_info what) const {
    T value{};
    return api.GetDeviceInfo(device, what, sizeof value, &value, nullptr) == CL_SUCCESS ? value
                                                                                        : T{};
  }
  bool flag(cl_device_info what) const { return number<cl_bool>(what) != CL_FALSE; }
  std::string text(cl_device_info what) const {
    size_t size = 0;
    if (api.GetDeviceInfo(device, what, 0, nullptr, &size) != CL_SUCCESS || size == 0) return "";
    std::string out(size, '\0');
    api.GetDeviceInfo(device, what, size, out.data(), nullptr);
    out.resize(out.find('\0') == std::string::npos ? size : out.find('\0'));
    return out;
  }
};

// "OpenCL 1.2 …": major * 100 + minor.
int version_of(const std::string& text) {
  int major = 0, minor = 0;
  return std::sscanf(text.c_str(), "OpenCL %d.%d", &major, &minor) == 2 ? major * 100 + minor : 0;
}

// "", or the first thing that is missing.
std::string why_unusable(const Asked& asked) {
  const std::string version = asked.text(CL_DEVICE_VERSION);
  if (version_of(version) < 102) return "it knows " + version + ", OpenCL 1.2 is needed";
  const auto floats = asked.number<cl_device_fp_config>(CL_DEVICE_SINGLE_FP_CONFIG);
  struct Need {
    bool met;
    const char* what;
  };
  const std::array needs = {
      Need{asked.flag(CL_DEVICE_AVAILABLE), "a device that is available"},
      Need{asked.flag(CL_DEVICE_COMPILER_AVAILABLE), "a compiler"},
      Need{asked.flag(CL_DEVICE_ENDIAN_LITTLE), "little-endian words"},
      Need{asked.text(CL_DEVICE_PROFILE) == "FULL_PROFILE", "the full profile"},
      Need{(floats & CL_FP_ROUND_TO_NEAREST) != 0, "rounding to nearest"},
      Need{(floats & CL_FP_INF_NAN) != 0, "infinities"},
      Need{asked.number<size_t>(CL_DEVICE_MAX_WORK_GROUP_SIZE) >= 256, "work-groups of 256"},
      Need{asked.number<cl_ulong>(CL_DEVICE_LOCAL_MEM_SIZE) >= 32768, "32 KiB of local memory"},
      Need{asked.number<size_t>(CL_DEVICE_MAX_PARAMETER_SIZE) >= 512, "512 bytes of arguments"},
      Need{asked.number<cl_ulong>(CL_DEVICE_MAX_MEM_ALLOC_SIZE) >= (64u << 20),
           "buffers of 64 MiB"},
  };
  for (const Need& need : needs)
    if (!need.met) return std::string("it lacks ") + need.what;
  return "";
}

std::string list_features(const Asked& asked) {
  const std::string all = " " + asked.text(CL_DEVICE_EXTENSIONS) + " ";
  struct Named {
    const char *extension, *name;
  };
  constexpr std::array k_named = {Named{" cl_khr_fp16 ", "cl.fp16"},
                                  Named{" cl_khr_integer_dot_product ", "cl.intdot"},
                                  Named{" cl_khr_subgroups ", "cl.subgroups"}};
  std::string names;
  for (const Named& feature : k_named)
    if (all.find(feature.extension) != std::string::npos)
      names += (names.empty() ? "" : " ") + std::string(feature.name);
  return names;
}

// Numbers of extensions that the headers of OpenCL 1.2 lack.
constexpr cl_device_info k_pci_bus_info = 0x410f, k_uuid = 0x106a;

// By its place in the machine, else by the name that its driver gives it.
std::string identity_of(const Asked& asked) {
  const std::string all = " " + asked.text(CL_DEVICE_EXTENSIONS) + " ";
  if (all.find(" cl_khr_pci_bus_info ") != std::string::npos) {
    const auto at = asked.number<std::array<cl_uint, 4>>(k_pci_bus_info);
    return gpu::pci_identity(at[0], at[1], at[2], at[3]);
  }
  if (all.find(" cl_khr_device_uuid ") == std::string::npos) return "";
  return gpu::uuid_identity(asked.number<std::array<uint8_t, 16>>(k_uuid));
}

std::string platform_name(const Api& api, cl_platform_id platform) {
  std::array<char, 256> name{};
  api.GetPlatformInfo(platform, CL_PLATFORM_NAME, name.size() - 1, name.data(), nullptr);
  return name.data();
}

gpu::Limits limits_of(const Asked& asked, uint64_t max_range, bool is_cpu) {
  gpu::Limits limits;
  limits.max_range = std::min(max_range, k_most_range) / 256 * 256;
  limits.max_shared = static_cast<uint32_t>(
      std::min<cl_ulong>(asked.number<cl_ulong>(CL_DEVICE_LOCAL_MEM_SIZE), UINT32_MAX));
  limits.max_invocations = 256;
  limits.max_groups.fill(UINT32_MAX / 256);  // global sizes of 32 bits
  if (!is_cpu) return limits;
  limits.enough_lanes = 0;  // a loop is as good as a lane
  limits.free_lanes = 16;
  limits.most_tiles = 1;
  return limits;
}

}  // namespace

Physical inspect(const Api& api, cl_platform_id platform, cl_device_id handle,
                 const Pretence& pretence) {
  const Asked asked{api, handle};
  Physical out;
  out.platform = platform;
  out.handle = handle;
  const std::string of_platform = platform_name(api, platform);
  out.name = asked.text(CL_DEVICE_NAME) + ", " + of_platform;
  out.keeps_programs = of_platform == "Portable Computing Language";
  out.driver = asked.text(CL_DRIVER_VERSION) + " " + asked.text(CL_DEVICE_VERSION);
  const auto type = asked.number<cl_device_type>(CL_DEVICE_TYPE);
  out.kind = (type & CL_DEVICE_TYPE_CPU) != 0   ? uint32_t{TN_DEVICE_KIND_CPU}
             : (type & CL_DEVICE_TYPE_GPU) != 0 ? uint32_t{TN_DEVICE_KIND_GPU}
                                                : 0u;
  out.units = asked.number<cl_uint>(CL_DEVICE_MAX_COMPUTE_UNITS);
  const auto size = asked.number<cl_ulong>(CL_DEVICE_GLOBAL_MEM_SIZE);
  out.memory = asked.flag(CL_DEVICE_HOST_UNIFIED_MEMORY) ? size / 10 * 6 : size / 100 * 95;
  out.max_alloc = asked.number<cl_ulong>(CL_DEVICE_MAX_MEM_ALLOC_SIZE);
  out.is_cpu = out.kind == TN_DEVICE_KIND_CPU && !pretence.gpu;
  out.limits = limits_of(asked, std::min(out.max_alloc, pretence.max_range), out.is_cpu);
  out.features = list_features(asked);
  out.identity = identity_of(asked);
  out.unusable = why_unusable(asked);
  return out;
}

}  // namespace tenon::opencl
