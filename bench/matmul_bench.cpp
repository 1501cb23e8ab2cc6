// matmul_bench PACK.tenon.so [type…]: tn.matmul of a kernel pack on one thread through its raw
// descriptions. Prints microseconds, GB/s of weights and GMAC/s beside a streaming-read probe.
#include <dlfcn.h>
#include <tenon/abi/tenon.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <ctime>
#include <memory>
#include <random>
#include <string>
#include <vector>

#include "framework/formats/dtype.hpp"

namespace tenon {
namespace {

struct Freed {
  void operator()(void* p) const { std::free(p); }
};
using Block = std::unique_ptr<std::byte, Freed>;

Block block_of(std::uint64_t bytes) {
  auto* p = static_cast<std::byte*>(std::aligned_alloc(4096, (bytes + 4096) / 4096 * 4096));
  std::memset(p, 0, bytes);
  return Block(p);
}

// Time on the processor, so that a busy machine does not count.
double now_us() {
  timespec t{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
  return static_cast<double>(t.tv_sec) * 1e6 + static_cast<double>(t.tv_nsec) * 1e-3;
}

// Median of as many runs as fit in 150 ms, at least 3: the clock of a virtual machine now and then
// loses time, which the best run would keep.
template <class Run>
double median_us(Run run) {
  std::vector<double> times;
  const double end = now_us() + 150e3;
  for (int n = 0; n < 3 || now_us() < end; ++n) {
    const double start = now_us();
    run(n);
    times.push_back(now_us() - start);
  }
  const auto middle = times.begin() + static_cast<std::ptrdiff_t>(times.size() / 2);
  std::nth_element(times.begin(), middle, times.end());
  return *middle;
}

struct Pack {
  const tn_kernel_factory* factory;

  template <class Desc>
  const Desc* find(std::uint32_t (*list)(const Desc* const**), const auto& wanted) const {
    const Desc* const* all = nullptr;
    const std::uint32_t n = list(&all);
    const auto found = std::find_if(all, all + n, [&](const Desc* d) { return wanted(*d); });
    return found == all + n ? nullptr : *found;
  }
};

tn_tensor tensor(std::int64_t rows, std::int64_t width, std::int64_t element_bytes) {
  tn_tensor t{};
  t.struct_size = sizeof t;
  t.rank = 2;
  t.dim[0] = rows;
  t.dim[1] = width;
  t.stride[0] = width * element_bytes;
  t.stride[1] = element_bytes;
  return t;
}

// Weights whose scales are small and finite halves whatever the type.
std::vector<std::byte> random_weights(const DType& type, std::int64_t n) {
  std::mt19937 random(1);
  std::vector<std::byte> bytes(static_cast<std::size_t>(n) / type.block_elements *
                               type.block_bytes);
  for (std::byte& b : bytes) b = static_cast<std::byte>(random() & 0x1f);
  return bytes;
}

class Matmul {
 public:
  // Enough copies of the weight that none is in the cache when it comes again, or one.
  Matmul(const Pack& pack, const DType& type, std::int64_t n, std::int64_t k, bool cold)
      : kernel_(pack.find(pack.factory->kernels,
                          [&](const tn_kernel_desc& d) {
                            return std::string_view(d.op) == TN_OP_MATMUL &&
                                   d.in_dtypes[0] == type.name;
                          })),
        w_(tensor(n, k, 0)) {
    const auto* layout = pack.find(pack.factory->layouts, [&](const tn_layout_desc& d) {
      return std::string_view(d.id) == kernel_->layouts[0];
    });
    std::uint64_t align = 0;
    layout->packed_size(layout, &w_, &bytes_, &align);
    copies_ = cold ? (std::uint64_t{256} << 20) / bytes_ + 1 : 1;
    packed_ = block_of(bytes_ * copies_);
    const auto plain = random_weights(type, n * k);
    for (std::uint64_t c = 0; c < copies_; ++c)
      layout->pack(layout, &w_, plain.data(), packed_.get() + c * bytes_, 0,
                   static_cast<std::uint64_t>(n));
  }

  std::uint64_t bytes() const { return bytes_; }

  double time_us(std::int64_t rows) {
    const tn_tensor x = tensor(rows, w_.dim[1], 4), y = tensor(rows, w_.dim[0], 4);
    const tn_tensor* tensors[] = {&w_, &x, &y};
    std::vector<float> in(static_cast<std::size_t>(rows * w_.dim[1]));
    std::mt19937 random(2);
    for (float& v : in) v = std::normal_distribution<float>()(random);
    std::vector<float> out(static_cast<std::size_t>(rows * w_.dim[0]));
    void* pointers[] = {packed_.get(), in.data(), out.data()};
    const std::int64_t syms[TN_SYM_COUNT] = {};
    tn_cpu_args args{sizeof args, 2, nullptr, tensors, pointers, syms, nullptr, 1, 0};
    const auto& cpu = *static_cast<const tn_cpu_kernel*>(kernel_->impl);
    tn_cpu_work work{};
    work.struct_size = sizeof work;
    cpu.plan(&args, &work);
    const Block shared = block_of(work.shared_scratch), own = block_of(work.worker_scratch);
    args.shared = shared.get();
    return median_us([&](int turn) {
      pointers[0] = packed_.get() + static_cast<std::uint64_t>(turn) % copies_ * bytes_;
      for (std::uint32_t p = 0; p < work.n_phases; ++p)
        cpu.run(&args, p, 0, work.items[p], own.get());
    });
  }

 private:
  const tn_kernel_desc* kernel_;
  tn_tensor w_;
  std::uint64_t bytes_ = 0, copies_ = 1;
  Block packed_;
};

// Sum over 64-bit words: what one thread can read.
double streaming_gb_per_s() {
  constexpr std::size_t n = std::size_t{256} << 17;
  static const std::vector<std::uint64_t> words(n, 1);
  std::uint64_t sum = 0;
  const double us = median_us([&](int) {
    std::uint64_t s[8] = {};
    for (std::size_t i = 0; i < n; i += 8)
      for (std::size_t j = 0; j < 8; ++j) s[j] += words[i + j];
    for (const std::uint64_t v : s) sum += v;
  });
  return sum == 0 ? 0 : static_cast<double>(n) * 8e-3 / us;
}

void measure(const Pack& pack, const DType& type) {
  const std::pair<std::int64_t, std::int64_t> shapes[] = {{576, 576},  {192, 576},   {1536, 576},
                                                          {576, 1536}, {49152, 576}, {4096, 4096}};
  for (const bool cold : {false, true})
    for (const auto& [n, k] : shapes) {
      if (k % type.block_elements != 0) continue;
      Matmul matmul(pack, type, n, k, cold);
      std::printf("%-5s %5lldx%-5lld %s probe %5.1f GB/s |", std::string(type.name).c_str(),
                  static_cast<long long>(n), static_cast<long long>(k), cold ? "cold" : "warm",
                  cold ? streaming_gb_per_s() : 0.0);
      for (const std::int64_t rows : {1, 4, 8, 32, 512}) {
        if ((cold && rows > 8) || (!cold && n > 10000 && rows > 32)) continue;
        const double us = matmul.time_us(rows);
        std::printf(" T=%lld %.1f us %.1f GB/s %.0f GMAC/s |", static_cast<long long>(rows), us,
                    static_cast<double>(matmul.bytes()) * 1e-3 / us,
                    static_cast<double>(n * k * rows) * 1e-3 / us);
      }
      std::printf("\n");
    }
}

int run(int argc, char** argv) {
  if (argc < 2) return std::fprintf(stderr, "usage: %s PACK.tenon.so [type...]\n", argv[0]), 2;
  void* library = dlopen(argv[1], RTLD_NOW | RTLD_LOCAL);
  if (library == nullptr) return std::fprintf(stderr, "%s\n", dlerror()), 6;
  const auto query = reinterpret_cast<tn_query_v1_fn>(dlsym(library, TN_ENTRY_SYMBOL));
  const Pack pack{static_cast<const tn_kernel_factory*>(
      query(TN_ABI_MINOR)->get_factory(nullptr, TN_FACTORY_KERNELS))};
  std::vector<std::string> types(argv + 2, argv + argc);
  if (types.empty()) types = {"q4_1", "q8_0"};
  for (const std::string& type : types) measure(pack, *find_dtype(type));
  return 0;
}

}  // namespace
}  // namespace tenon

int main(int argc, char** argv) { return tenon::run(argc, argv); }
