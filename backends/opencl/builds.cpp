// Constants are macros: C0, C1, … as the constants 0, 1, … of the shaders. A function is called tn_ and its
// source: not as the op alone, because there are functions of these names.
#include "builds.hpp"

#include <algorithm>
#include <atomic>
#include <cstdlib>
#include <thread>

#include "status.hpp"

namespace tenon::opencl {

namespace {

bool of_pack(const gpu::KernelKey& key) { return key.code.data != nullptr; }

// Of one of the build the row of the table.
std::string function_of(const gpu::KernelKey& key, const Kernel* kernel) {
  return of_pack(key) ? std::string(key.code.entry) : std::string(kernel->function);
}

std::string define(uint32_t id, uint32_t value) {
  return " -DC" + std::to_string(id) + "=" + std::to_string(value) + "u";
}

std::string first_line(const std::string& log) {
  const size_t start = std::min(log.find_first_not_of(" \n"), log.size());
  return log.substr(start, log.find('\n', start) - start);
}

}  // namespace

// Asking PoCL for a binary makes it compile kernels that no launch uses, and it keeps those that are
// used by itself; what is asked for by name is done all the same.
Builds::Builds(Gpu& gpu)
    : gpu_(gpu),
      cache_(gpu::FileCache::of_user("opencl")),
      keeps_(!gpu.physical().keeps_programs || std::getenv("TENON_OPENCL_CACHE") != nullptr) {}

Builds::~Builds() {
  for (const auto& [key, program] : programs_) gpu_.api().ReleaseProgram(program);
}

Builds::Unit Builds::unit_of(const gpu::KernelKey& key, const Kernel* kernel) const {
  const bool shared = !of_pack(key) && gpu_.physical().is_cpu;
  Unit unit{{}, "-cl-std=CL1.2"};
  if (of_pack(key)) {
    unit.source = {static_cast<const char*>(key.code.data), key.code.bytes};
  } else {
    unit.source = shared ? kernel->program : kernel->source;
    unit.options += kernel->defines;
  }
  if (shared) unit.options += " -DLATE";
  for (size_t i = 0; i < key.constants.size(); ++i)
    if (!shared || (kernel->fixed >> i & 1u) != 0)
      unit.options += define(key.id_of(i), key.constants[i]);
  return unit;
}

tn_status Builds::make(const std::vector<gpu::KernelKey>& keys) {
  const std::lock_guard lock(mutex_);
  std::vector<Unit> missing;
  for (const gpu::KernelKey& key : keys) {
    const Kernel* kernel = find_kernel(key.kernel);
    if (kernel == nullptr && !of_pack(key))
      return gpu_.refuse(TN_ERR_INTERNAL, "there is no such kernel");
    Unit unit = unit_of(key, kernel);
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
  if (made.program == nullptr) return made;
  made.log = build_log(made.program);
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
  Unit unit = unit_of(key, nullptr);
  auto found = programs_.find(unit);
  if (found == programs_.end()) {
    const Made made = build(unit);
    if (made.result != CL_SUCCESS)
      return made.log.empty() ? name_of(made.result) : first_line(made.log);
    found = programs_.emplace(std::move(unit), made.program).first;
  }
  cl_int result = CL_SUCCESS;
  const std::string name = function_of(key, nullptr);
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
  const Kernel* kernel = find_kernel(key.kernel);
  const bool known = kernel != nullptr || of_pack(key);
  const auto found = known ? programs_.find(unit_of(key, kernel)) : programs_.end();
  if (found == programs_.end()) return gpu_.refuse(TN_ERR_INTERNAL, "a kernel was not built");
  cl_int result = CL_SUCCESS;
  out = gpu_.api().CreateKernel(found->second, function_of(key, kernel).c_str(), &result);
  return gpu_.check_made(result, "a kernel");
}

}  // namespace tenon::opencl
