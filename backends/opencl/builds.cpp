// Constants are macros: C0, C1, … as the constants 0, 1, … of the shaders. A function is called tn_ and its
// source: not as the op alone, because there are functions of these names.
#include "builds.hpp"

#include <algorithm>
#include <atomic>
#include <cstdlib>
#include <thread>

namespace tenon::opencl {

// Asking PoCL for a binary makes it compile kernels that no launch uses, and it keeps those that are
// used by itself; what is asked for by name is done all the same.
Builds::Builds(Gpu& gpu)
    : gpu_(gpu),
      cache_(gpu::FileCache::of_user("opencl")),
      keeps_(!gpu.physical().keeps_programs || std::getenv("TENON_OPENCL_CACHE") != nullptr) {}

Builds::~Builds() {
  for (const auto& [key, program] : programs_) gpu_.api().ReleaseProgram(program);
}

Builds::Unit Builds::unit_of(const gpu::KernelKey& key, const Kernel& kernel) const {
  const bool shared = gpu_.physical().is_cpu;
  Unit unit{shared ? kernel.program : kernel.source, "-cl-std=CL1.2"};
  unit.options += kernel.defines;
  if (shared) unit.options += " -DLATE";
  for (size_t i = 0; i < key.constants.size(); ++i) {
    if (shared && (kernel.late >> i & 1u) != 0) continue;
    unit.options += " -DC" + std::to_string(i) + "=" + std::to_string(key.constants[i]) + "u";
  }
  return unit;
}

tn_status Builds::make(const std::vector<gpu::KernelKey>& keys) {
  const std::lock_guard lock(mutex_);
  std::vector<Unit> missing;
  for (const gpu::KernelKey& key : keys) {
    const Kernel* kernel = find_kernel(key.kernel);
    if (kernel == nullptr) return gpu_.refuse(TN_ERR_INTERNAL, "there is no such kernel");
    Unit unit = unit_of(key, *kernel);
    if (!programs_.contains(unit) &&
        std::find(missing.begin(), missing.end(), unit) == missing.end())
      missing.push_back(std::move(unit));
  }
  std::vector<Made> made(missing.size());
  std::atomic<size_t> next{0};
  const auto work = [&] {
    for (size_t i = next++; i < missing.size(); i = next++) made[i] = build(missing[i]);
  };
  std::vector<std::jthread> helpers;
  const size_t n = std::min<size_t>(n_compilers(), missing.size());
  for (size_t i = 1; i < n; ++i) helpers.emplace_back(work);
  work();
  helpers.clear();  // joins
  const Made* failed = nullptr;
  for (size_t i = 0; i < missing.size(); ++i) {
    if (made[i].program != nullptr) programs_.emplace(missing[i], made[i].program);
    if (made[i].result != CL_SUCCESS) failed = &made[i];
  }
  if (failed == nullptr) return TN_OK;
  return gpu_.check_made(failed->result, ("a kernel does not build: " + failed->log).c_str());
}

// Drivers of the CPU share one compiler in a context: PoCL lets one program at a time into it, Oclgrind
// lets them all in and corrupts its memory.
size_t Builds::n_compilers() const {
  const bool one = gpu_.physical().kind == TN_DEVICE_KIND_CPU;
  return one ? 1 : std::max(std::thread::hardware_concurrency(), 1u);
}

Builds::Made Builds::build(const Unit& unit) const {
  if (!keeps_) return build_source(unit);
  const Physical& device = gpu_.physical();
  const std::string cache_key =
      device.name + '\n' + device.driver + '\n' + unit.options + '\n' + std::string(unit.source);
  if (cl_program cached = build_cached(cache_key, unit.options)) return {cached, CL_SUCCESS, ""};
  const Made made = build_source(unit);
  if (made.program != nullptr) keep(cache_key, made.program);
  return made;
}

Builds::Made Builds::build_source(const Unit& unit) const {
  const Api& api = gpu_.api();
  const char* text = unit.source.data();
  const size_t length = unit.source.size();
  Made made;
  made.program = api.CreateProgramWithSource(gpu_.context(), 1, &text, &length, &made.result);
  if (made.result == CL_SUCCESS) made.result = compile(made.program, unit.options);
  if (made.result == CL_SUCCESS) return made;
  made.log = unit.options;
  if (made.program == nullptr) return made;
  made.log += ": " + build_log(made.program);
  api.ReleaseProgram(made.program);
  made.program = nullptr;
  return made;
}

cl_program Builds::build_cached(const std::string& cache_key, const std::string& options) const {
  const auto binary = cache_.find(cache_key);
  if (!binary) return nullptr;
  const auto* bytes = reinterpret_cast<const unsigned char*>(binary->data());
  const size_t size = binary->size();
  const cl_device_id device = gpu_.physical().handle;
  cl_int taken = CL_SUCCESS, result = CL_SUCCESS;
  cl_program program = gpu_.api().CreateProgramWithBinary(gpu_.context(), 1, &device, &size, &bytes,
                                                          &taken, &result);
  if (result == CL_SUCCESS) result = taken;
  if (result == CL_SUCCESS) result = compile(program, options);
  if (result == CL_SUCCESS) return program;
  if (program != nullptr) gpu_.api().ReleaseProgram(program);
  cache_.drop(cache_key);
  return nullptr;
}

void Builds::keep(const std::string& cache_key, cl_program program) const {
  size_t size = 0;
  const auto ask = [&](cl_program_info what, size_t room, void* to) {
    return gpu_.api().GetProgramInfo(program, what, room, to, nullptr) == CL_SUCCESS;
  };
  if (!ask(CL_PROGRAM_BINARY_SIZES, sizeof size, &size) || size == 0) return;
  std::vector<std::byte> binary(size);
  std::byte* to = binary.data();
  if (ask(CL_PROGRAM_BINARIES, sizeof to, &to)) cache_.keep(cache_key, binary);
}

cl_int Builds::compile(cl_program program, const std::string& options) const {
  const cl_device_id device = gpu_.physical().handle;
  return gpu_.api().BuildProgram(program, 1, &device, options.c_str(), nullptr, nullptr);
}

std::string Builds::build_log(cl_program program) const {
  size_t size = 0;
  const cl_device_id device = gpu_.physical().handle;
  const auto ask = [&](size_t room, char* to, size_t* needed) {
    return gpu_.api().GetProgramBuildInfo(program, device, CL_PROGRAM_BUILD_LOG, room, to, needed);
  };
  if (ask(0, nullptr, &size) != CL_SUCCESS || size == 0) return "";
  std::string log(size, '\0');
  ask(size, log.data(), nullptr);
  return log;
}

tn_status Builds::kernel(const gpu::KernelKey& key, cl_kernel& out) {
  const std::lock_guard lock(mutex_);
  const Kernel* kernel = find_kernel(key.kernel);
  const auto found = kernel != nullptr ? programs_.find(unit_of(key, *kernel)) : programs_.end();
  if (found == programs_.end()) return gpu_.refuse(TN_ERR_INTERNAL, "a kernel was not built");
  cl_int result = CL_SUCCESS;
  out = gpu_.api().CreateKernel(found->second, std::string(kernel->function).c_str(), &result);
  return gpu_.check_made(result, "a kernel");
}

}  // namespace tenon::opencl
