// Constants are macros: C0, C1, … as the constants 0, 1, … of the shaders. NAME is what the function
// of the kernel is called; not as the op alone, because there are functions of these names.
#include "builds.hpp"

#include <algorithm>
#include <atomic>
#include <thread>

#include "status.hpp"

namespace tenon::opencl {
namespace {

bool of_pack(const gpu::KernelKey& key) { return key.code.data != nullptr; }

std::string function_of(const gpu::KernelKey& key) {
  return of_pack(key) ? key.code.entry : "tn_" + key.kernel;
}

std::string options_of(const gpu::KernelKey& key, const Kernel& kernel) {
  std::string options = "-cl-std=CL1.2";
  if (!of_pack(key)) options += " -DNAME=" + function_of(key) + std::string(kernel.defines);
  for (size_t i = 0; i < key.constants.size(); ++i)
    options += " -DC" + std::to_string(key.id_of(i)) + "=" + std::to_string(key.constants[i]) + "u";
  return options;
}

std::string first_line(const std::string& log) {
  const size_t start = std::min(log.find_first_not_of(" \n"), log.size());
  return log.substr(start, log.find('\n', start) - start);
}

}  // namespace

Builds::~Builds() {
  for (const auto& [key, program] : programs_) gpu_.api().ReleaseProgram(program);
}

tn_status Builds::make(const std::vector<gpu::KernelKey>& keys) {
  const std::lock_guard lock(mutex_);
  std::vector<gpu::KernelKey> missing;
  for (const gpu::KernelKey& key : keys)
    if (!programs_.contains(key) && std::find(missing.begin(), missing.end(), key) == missing.end())
      missing.push_back(key);
  std::vector<Made> made(missing.size());
  std::atomic<size_t> next{0};
  const auto work = [&] {
    for (size_t i = next++; i < missing.size(); i = next++) made[i] = build(missing[i]);
  };
  std::vector<std::jthread> helpers;
  const size_t n = std::min<size_t>(std::thread::hardware_concurrency(), missing.size());
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

Builds::Made Builds::build(const gpu::KernelKey& key) const {
  const Kernel brought{key.kernel, {static_cast<const char*>(key.code.data), key.code.bytes}, ""};
  const Kernel* kernel = of_pack(key) ? &brought : find_kernel(key.kernel);
  if (kernel == nullptr) return {nullptr, CL_INVALID_KERNEL_NAME, key.kernel};
  const std::string options = options_of(key, *kernel);
  const Physical& device = gpu_.physical();
  const std::string cache_key =
      device.name + '\n' + device.driver + '\n' + options + '\n' + std::string(kernel->source);
  if (cl_program cached = build_cached(cache_key, options)) return {cached, CL_SUCCESS, ""};
  const Made made = build_source(*kernel, options);
  if (made.program != nullptr) keep(cache_key, made.program);
  return made;
}

Builds::Made Builds::build_source(const Kernel& kernel, const std::string& options) const {
  const Api& api = gpu_.api();
  const char* text = kernel.source.data();
  const size_t length = kernel.source.size();
  Made made;
  made.program = api.CreateProgramWithSource(gpu_.context(), 1, &text, &length, &made.result);
  if (made.result == CL_SUCCESS) made.result = compile(made.program, options);
  if (made.result == CL_SUCCESS) return made;
  made.log = std::string(kernel.name);
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

std::string Builds::why_not(const gpu::KernelKey& key, size_t n_buffers, size_t local_items) {
  const std::lock_guard lock(mutex_);
  auto found = programs_.find(key);
  if (found == programs_.end()) {
    const Made made = build(key);
    if (made.result != CL_SUCCESS)
      return made.log.empty() ? name_of(made.result) : first_line(made.log);
    found = programs_.emplace(key, made.program).first;
  }
  cl_int result = CL_SUCCESS;
  const std::string name = function_of(key);
  cl_kernel function = gpu_.api().CreateKernel(found->second, name.c_str(), &result);
  if (result != CL_SUCCESS) return "it has no kernel " + name;
  const std::string why = why_not_function(function, n_buffers, local_items);
  gpu_.api().ReleaseKernel(function);
  return why;
}

// The step block comes before the buffers, the words behind them.
std::string Builds::why_not_function(cl_kernel function, size_t n_buffers,
                                     size_t local_items) const {
  cl_uint n = 0;
  size_t most = 0;
  const cl_device_id device = gpu_.physical().handle;
  gpu_.api().GetKernelInfo(function, CL_KERNEL_NUM_ARGS, sizeof n, &n, nullptr);
  gpu_.api().GetKernelWorkGroupInfo(function, device, CL_KERNEL_WORK_GROUP_SIZE, sizeof most, &most,
                                    nullptr);
  if (n != n_buffers + 2)
    return "it has " + std::to_string(n) + " arguments, its launch " +
           std::to_string(n_buffers + 2);
  return local_items <= most ? "" : "its work-group is larger than the device's";
}

tn_status Builds::kernel(const gpu::KernelKey& key, cl_kernel& out) {
  const std::lock_guard lock(mutex_);
  const auto found = programs_.find(key);
  if (found == programs_.end()) return gpu_.refuse(TN_ERR_INTERNAL, "a kernel was not built");
  cl_int result = CL_SUCCESS;
  out = gpu_.api().CreateKernel(found->second, function_of(key).c_str(), &result);
  return gpu_.check_made(result, "a kernel");
}

}  // namespace tenon::opencl
